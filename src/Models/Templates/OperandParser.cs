namespace Harness.Models.Templates;

/// <summary>Reads what operators join: texts, numbers, names, lists and maps, with their parts, calls, filters and tests.</summary>
internal sealed class OperandParser(TokenCursor cursor, TemplateRules rules, Func<Evaluation> readExpression)
{
    private static readonly string[] Reserved = ["not", "and", "or", "if", "else", "in", "is"];

    /// <summary>An operand, with its sign and filters.</summary>
    public Evaluation Read() => ReadFilters(ReadSigned());

    private Evaluation ReadSigned()
    {
        if (!cursor.Current.IsOperator("-", "+") || (!rules.IsWhole && cursor.Current.Text == "+")) return ReadParts(ReadPrimary());
        cursor.Deepen();
        var operation = cursor.Next().Text;
        if (!rules.IsWhole && cursor.Current.Kind != TokenKind.Integer) throw cursor.Unexpected("a whole number");
        var value = ReadSigned();
        return run => TemplateOperations.Compute(run, operation, 0L, value(run));
    }

    private Evaluation ReadPrimary()
    {
        var token = cursor.Current;
        switch (token.Kind)
        {
            case TokenKind.Text:
                var parts = new List<string>();
                while (cursor.Current.Kind == TokenKind.Text) parts.Add(cursor.Next().Text);
                var text = string.Concat(parts);
                return _ => text;
            case TokenKind.Integer:
                cursor.Next();
                return long.TryParse(token.Text, out var number)
                    ? _ => number
                    : throw new TemplateException(
                        $"found the number {token.Text}, expected a smaller one; correct the template", cursor.LineOf(token));
            case TokenKind.Fraction:
                cursor.Next();
                var fraction = double.Parse(token.Text, System.Globalization.CultureInfo.InvariantCulture);
                return _ => fraction;
            case TokenKind.Name when !rules.IsWhole || !Reserved.Contains(token.Text):
                cursor.Next();
                return token.Text switch
                {
                    "true" or "True" => _ => true,
                    "false" or "False" => _ => false,
                    "none" or "None" => _ => null,
                    _ => run => run.Find(token.Text),
                };
            default:
                return ReadBrackets();
        }
    }

    private Evaluation ReadBrackets()
    {
        var items = new List<Evaluation>();
        if (cursor.Skip("["))
        {
            ReadList("]", () => items.Add(readExpression()));
            return run => List(run, items);
        }

        if (rules.IsWhole && cursor.Skip("("))
        {
            var commas = ReadList(")", () => items.Add(readExpression()));
            return items.Count == 1 && commas == 0 ? items[0] : run => List(run, items);
        }

        if (!rules.IsWhole || !cursor.Skip("{"))
            throw cursor.Unexpected(rules.IsWhole ? "a value" : "a field, a text, a whole number or a list");
        var pairs = new List<(Evaluation Key, Evaluation Value)>();
        ReadList("}", () =>
        {
            var key = readExpression();
            cursor.Expect(":");
            pairs.Add((key, readExpression()));
        });
        return run => Map(run, pairs);
    }

    // Fields, items, methods and calls.
    private Evaluation ReadParts(Evaluation value)
    {
        while (true)
        {
            var whole = value;
            if (cursor.Skip("."))
            {
                cursor.Deepen();
                value = ReadMember(whole);
            }
            else if (cursor.Skip("["))
            {
                cursor.Deepen();
                value = ReadItem(whole);
                cursor.Expect("]");
            }
            else if (rules.IsWhole && cursor.Skip("("))
            {
                cursor.Deepen();
                var arguments = ReadArguments();
                value = run => whole(run) is TemplateFunction function
                    ? function(run, arguments.Evaluate(run))
                    : throw new TemplateException(
                        $"found {TemplateValue.Name(whole(run))} where a function is called, expected a macro or a function that is "
                        + "known here: namespace, range, dict, raise_exception, strftime_now; take another template");
            }
            else
            {
                return value;
            }
        }
    }

    private Evaluation ReadMember(Evaluation value)
    {
        var name = cursor.Current.Kind == TokenKind.Integer && rules.IsWhole
            ? cursor.Next().Text
            : cursor.Expect(TokenKind.Name, "the name of a field or method").Text;
        if (!cursor.Skip("("))
        {
            if (!rules.IsWhole) TemplateMethods.CheckField(name);
            return long.TryParse(name, out var index)
                ? run => TemplateOperations.Item(run, value(run), index)
                : run => TemplateOperations.Field(run, value(run), name);
        }

        var arguments = ReadArguments();
        if (!rules.IsWhole) TemplateMethods.Check(rules, name, arguments.Count);
        return run => TemplateMethods.Call(run, name, value(run), arguments.Evaluate(run));
    }

    private Evaluation ReadItem(Evaluation value)
    {
        var bounds = new Evaluation?[3];
        var count = 0;
        do
        {
            if (count == bounds.Length) throw cursor.Unexpected("']'");
            if (!cursor.Current.IsOperator(":", "]")) bounds[count] = readExpression();
            count++;
        }
        while (rules.IsWhole && cursor.Skip(":"));

        if (count > 1)
            return run => TemplateOperations.Slice(run, value(run), bounds[0]?.Invoke(run), bounds[1]?.Invoke(run), bounds[2]?.Invoke(run));
        var key = bounds[0] ?? throw cursor.Unexpected("an item's number or name");
        return run => TemplateOperations.Item(run, value(run), key(run));
    }

    // Filters and tests.
    private Evaluation ReadFilters(Evaluation value)
    {
        while (true)
        {
            var whole = value;
            if (cursor.Skip("|"))
            {
                cursor.Deepen();
                var name = cursor.Expect(TokenKind.Name, "the name of a filter").Text;
                if (!rules.IsWhole) TemplateFilters.Check(rules, name);
                var arguments = rules.IsWhole && cursor.Skip("(") ? ReadArguments() : ArgumentList.None;
                value = run => TemplateFilters.Apply(run, name, whole(run), arguments.Evaluate(run));
            }
            else if (rules.IsWhole && cursor.SkipWord("is"))
            {
                cursor.Deepen();
                value = ReadCheck(whole);
            }
            else
            {
                return value;
            }
        }
    }

    private Evaluation ReadCheck(Evaluation value)
    {
        var negates = cursor.SkipWord("not");
        var name = cursor.Current.Kind == TokenKind.Name ? cursor.Next().Text : throw cursor.Unexpected("the name of a test");
        var arguments = ArgumentList.None;
        if (cursor.Skip("(")) arguments = ReadArguments();
        else if (cursor.Current.Kind is TokenKind.Text or TokenKind.Integer or TokenKind.Fraction || cursor.Current.IsOperator("[", "{")
            || (cursor.Current.Kind == TokenKind.Name && !Reserved.Contains(cursor.Current.Text)))
        {
            var argument = ReadParts(ReadPrimary());
            arguments = new ArgumentList([argument], []);
        }

        return run => TemplateChecks.Holds(run, name, value(run), arguments.Evaluate(run)) != negates;
    }

    // What stands between parentheses behind a name, up to the closing one.
    private ArgumentList ReadArguments()
    {
        var arguments = new ArgumentList([], []);
        ReadList(")", () =>
        {
            if (rules.IsWhole && cursor.Current.IsOperator("*", "**"))
            {
                arguments.Values.Add(Spread(cursor.Next().Text));
                readExpression();
                return;
            }

            var name = cursor.Current;
            var value = readExpression();
            if (name.Kind == TokenKind.Name && rules.IsWhole && cursor.Skip("=")) arguments.Named.Add((name.Text, readExpression()));
            else if (arguments.Named.Count == 0) arguments.Values.Add(value);
            else throw cursor.Unexpected("no argument without a name behind those with one");
        });
        return arguments;
    }

    private static Evaluation Spread(string stars) =>
        _ => throw new TemplateException($"found '{stars}' before an argument, expected arguments one by one; take another template");

    // What is read between brackets, whose opening one is behind; how many commas there are.
    private int ReadList(string end, Action read)
    {
        var commas = 0;
        while (!cursor.Current.IsOperator(end))
        {
            read();
            if (!cursor.Skip(",")) break;
            commas++;
        }

        cursor.Expect(end);
        return commas;
    }

    private static List<object?> List(TemplateRun run, List<Evaluation> items)
    {
        run.Spend(items.Count);
        return [.. items.Select(item => item(run))];
    }

    private static Dictionary<string, object?> Map(TemplateRun run, List<(Evaluation Key, Evaluation Value)> pairs)
    {
        run.Spend(pairs.Count);
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            var name = key(run);
            var text = name as string
                ?? throw new TemplateException($"found {TemplateValue.Name(name)} as a key, expected a text; take another template");
            run.Spend(text.Length);
            map[text] = value(run);
        }

        return map;
    }
}
