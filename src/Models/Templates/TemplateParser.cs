namespace Harness.Models.Templates;

/// <summary>How a statement leaves a loop's body.</summary>
internal enum Flow
{
    /// <summary>It does not.</summary>
    Next,

    /// <summary>It ends the round.</summary>
    Continue,

    /// <summary>It ends the loop.</summary>
    Break,
}

/// <summary>Does something: writes, or sets a name.</summary>
internal delegate Flow Statement(TemplateRun run);

/// <summary>Reads a template's statements.</summary>
internal sealed class TemplateParser
{
    private static readonly string[] Known = ["if", "for", "set", "macro", "break", "continue", "generation"];
    private const int MostParameters = 100;
    private static readonly string[] Constants = ["true", "True", "false", "False", "none", "None"];
    private readonly TokenCursor cursor;
    private readonly ExpressionParser expressions;
    private readonly Statement[] statements;
    private int loops;

    /// <summary>Reads all of a template.</summary>
    /// <exception cref="TemplateException">Something in it is not understood.</exception>
    public TemplateParser(TokenCursor cursor, TemplateRules rules)
    {
        this.cursor = cursor;
        expressions = new ExpressionParser(cursor, rules);
        statements = ReadBlock();
        if (rules.IsWhole || statements.Length != 1) Single = null;
    }

    /// <summary>The expression, where there is nothing else and rules know no statements.</summary>
    public Evaluation? Single { get; private set; }

    /// <summary>Writes what the template writes.</summary>
    public void Write(TemplateRun run) => Write(run, statements);

    /// <summary>Does one statement after the other.</summary>
    public static Flow Write(TemplateRun run, Statement[] block)
    {
        foreach (var statement in block)
        {
            run.Spend(1);
            if (statement(run) is not Flow.Next and var flow) return flow;
        }

        return Flow.Next;
    }

    // Up to one of the words that end it, which is read too; without such words, up to the template's end.
    private Statement[] ReadBlock(params string[] ends) => cursor.Nested(() =>
    {
        var block = new List<Statement>();
        var line = cursor.LineBefore;
        while (cursor.Current.Kind != TokenKind.End)
        {
            var token = cursor.Next();
            if (token.Kind == TokenKind.Plain)
            {
                block.Add(run => Put(run, token.Text));
            }
            else if (token.Kind == TokenKind.OpenExpression)
            {
                block.Add(ReadExpression(token));
            }
            else
            {
                if (cursor.Current.IsWord(ends)) return block.ToArray();
                block.Add(ReadStatement());
            }
        }

        return ends.Length == 0 ? block.ToArray() : throw new TemplateException(
            $"found the end, expected {{% {ends[^1]} %}} for what begins in line {line}; correct the template", cursor.Line);
    });

    private Statement ReadExpression(TemplateToken open)
    {
        var (line, start) = (cursor.LineOf(open), cursor.Current.At);
        if (cursor.Current.IsOperator("-", "+") && start == open.At + 2) throw cursor.Unexpected("an expression");
        var value = expressions.Read();
        var text = cursor.Between(start, cursor.Current.At);
        cursor.Expect(TokenKind.CloseExpression, "'}}'");
        Single = value;
        return run =>
        {
            run.Line = line;
            var found = value(run);
            return Put(run, TemplateValue.Text(found) ?? throw new TemplateException(
                $"found {TemplateValue.Name(found)} for '{{{{{text}}}}}', expected a text or a whole number; pick one of its items"));
        };
    }

    private Statement ReadStatement()
    {
        var (line, name) = (cursor.Line, cursor.Expect(TokenKind.Name, "a statement").Text);
        var statement = name switch
        {
            "if" => ReadIf(),
            "for" => ReadFor(),
            "set" => ReadSet(),
            "macro" => ReadMacro(),
            "generation" => ReadGeneration(),
            "call" or "filter" or "with" => ReadUnknown(name),
            "break" or "continue" when loops > 0 => run => name == "break" ? Flow.Break : Flow.Continue,
            "break" or "continue" => throw new TemplateException(
                $"found '{{% {name} %}}' outside a loop, expected it inside one; correct the template", line),
            _ => throw Unknown(name),
        };
        cursor.Expect(TokenKind.CloseStatement, "'%}'");
        return run =>
        {
            run.Line = line;
            return statement(run);
        };
    }

    private Statement ReadIf()
    {
        var branches = new List<(Evaluation? Condition, Statement[] Block)>();
        for (var isElse = false; ;)
        {
            var condition = isElse ? null : expressions.ReadWithoutIf();
            cursor.Expect(TokenKind.CloseStatement, "'%}'");
            branches.Add((condition, isElse ? ReadBlock("endif") : ReadBlock("elif", "else", "endif")));
            var end = cursor.Next().Text;
            if (end == "endif") break;
            isElse = end == "else";
        }

        return run =>
        {
            foreach (var (condition, block) in branches)
            {
                if (condition is null || TemplateValue.IsTrue(condition(run))) return Write(run, block);
            }

            return Flow.Next;
        };
    }

    private Statement ReadFor()
    {
        var names = ReadNames();
        if (!cursor.SkipWord("in")) throw cursor.Unexpected("'in'");
        var source = expressions.ReadWithoutIf();
        var condition = cursor.SkipWord("if") ? expressions.Read() : null;
        cursor.Expect(TokenKind.CloseStatement, "'%}'");
        loops++;
        var body = ReadBlock("else", "endfor");
        loops--;
        Statement[] otherwise = [];
        if (cursor.Next().Text == "else")
        {
            cursor.Expect(TokenKind.CloseStatement, "'%}'");
            otherwise = ReadBlock("endfor");
            cursor.Next();
        }

        return run => TemplateLoop.Go(run, names, TemplateOperations.Items(run, source(run)), condition, body, otherwise);
    }

    private Statement ReadSet()
    {
        var names = ReadNames();
        var field = cursor.Skip(".") ? cursor.Expect(TokenKind.Name, "a name").Text : null;
        if (cursor.Skip("="))
        {
            var value = expressions.Read();
            return run => Set(run, value(run));
        }

        var block = ReadCaptured("endset");
        return run => Set(run, run.Capture(new TemplateScope(run.Scope), () => Write(run, block)));

        Flow Set(TemplateRun run, object? value)
        {
            if (field is null) run.Assign(names, value);
            else if (run.Find(names[0]) is TemplateNamespace space) space.Values[field] = value;
            else throw NoNamespace(run.Find(names[0]), $"{names[0]}.{field}");
            return Flow.Next;
        }
    }

    private static TemplateException NoNamespace(object? value, string what) =>
        new($"found {TemplateValue.Name(value)} where '{what}' is set, expected a namespace(); correct the template");

    private Statement ReadMacro()
    {
        var name = cursor.Expect(TokenKind.Name, "the macro's name").Text;
        var parameters = new List<(string Name, Evaluation? Default)>();
        cursor.Expect("(");
        while (cursor.Current.Kind == TokenKind.Name)
        {
            var parameter = cursor.Next().Text;
            var value = cursor.Skip("=") ? expressions.Read() : null;
            if (value is null && parameters is [.., (_, not null)])
                throw cursor.Unexpected("'=': a parameter without a default cannot follow one with");
            parameters.Add((parameter, value));
            if (parameters.Count > MostParameters)
                throw new TemplateException(
                    $"found more than {MostParameters} parameters of the macro '{name}', expected fewer; take another template");
            if (!cursor.Skip(",")) break;
        }

        cursor.Expect(")");
        var body = ReadCaptured("endmacro");
        return run =>
        {
            var defined = run.Scope;
            run.Scope.Set(name, (TemplateFunction)((calling, arguments) => Call(calling, defined, arguments)));
            return Flow.Next;
        };

        object Call(TemplateRun run, TemplateScope defined, TemplateArguments arguments)
        {
            var given = arguments.Bind(
                $"the macro '{name}'", [.. parameters.Select(parameter => (parameter.Name, (object?)TemplateArguments.Absent))]);
            var scope = new TemplateScope(defined);
            return run.Capture(scope, () =>
            {
                for (var i = 0; i < given.Length; i++)
                {
                    var (parameter, otherwise) = parameters[i];
                    scope.Set(parameter, given[i] != TemplateArguments.Absent ? given[i] : otherwise is null
                        ? new Undefined($"'{parameter}'") : otherwise(run));
                }

                Write(run, body);
            });
        }
    }

    // What a model is trained on is marked so; the text is the same.
    private Statement ReadGeneration()
    {
        var block = ReadCaptured("endgeneration");
        return run => Put(run, run.Capture(new TemplateScope(run.Scope), () => Write(run, block)));
    }

    // Known to have an end, and refused where something comes to it.
    private Statement ReadUnknown(string name)
    {
        while (cursor.Current.Kind is not (TokenKind.CloseStatement or TokenKind.End)) cursor.Next();
        ReadCaptured($"end{name}");
        return _ => throw Unknown(name);
    }

    private static TemplateException Unknown(string name) =>
        new($"found the statement '{name}', expected only {string.Join(", ", Known)}; take another template");

    // A block whose text is caught: loops around it end outside.
    private Statement[] ReadCaptured(string end)
    {
        cursor.Expect(TokenKind.CloseStatement, "'%}'");
        var outside = loops;
        loops = 0;
        var block = ReadBlock(end);
        cursor.Next();
        loops = outside;
        return block;
    }

    private List<string> ReadNames()
    {
        var isBracketed = cursor.Skip("(");
        var names = new List<string>();
        do names.Add(cursor.Current.IsWord(Constants) ? throw cursor.Unexpected("a name") : cursor.Expect(TokenKind.Name, "a name").Text);
        while (cursor.Skip(","));
        if (isBracketed) cursor.Expect(")");
        return names;
    }

    private static Flow Put(TemplateRun run, string text)
    {
        run.Output.Append(run.Spend(text));
        return Flow.Next;
    }
}
