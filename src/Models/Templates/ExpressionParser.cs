namespace Harness.Models.Templates;

/// <summary>Computes a value.</summary>
internal delegate object? Evaluation(TemplateRun run);

/// <summary>Reads expressions, with Jinja's order of precedence and Python's meaning.</summary>
internal sealed class ExpressionParser
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private readonly TokenCursor cursor;
    private readonly TemplateRules rules;
    private readonly OperandParser operands;

    public ExpressionParser(TokenCursor cursor, TemplateRules rules)
    {
        (this.cursor, this.rules) = (cursor, rules);
        operands = new OperandParser(cursor, rules, Read);
    }

    /// <summary>Any expression.</summary>
    public Evaluation Read() => cursor.Nested(() =>
    {
        if (!rules.IsWhole) return operands.Read();
        var value = ReadOr();
        while (cursor.SkipWord("if"))
        {
            cursor.Deepen();
            var (then, condition) = (value, ReadOr());
            var otherwise = cursor.SkipWord("else") ? Read() : _ => new Undefined("an 'if' without 'else'");
            value = run => TemplateValue.IsTrue(condition(run)) ? then(run) : otherwise(run);
        }

        return value;
    });

    /// <summary>An expression without an 'if' of its own: what statements test or go through.</summary>
    public Evaluation ReadWithoutIf() => cursor.Nested(ReadOr);

    private Evaluation ReadOr()
    {
        var value = ReadAnd();
        while (cursor.SkipWord("or"))
        {
            cursor.Deepen();
            var (left, right) = (value, ReadAnd());
            value = run => left(run) is var first && TemplateValue.IsTrue(first) ? first : right(run);
        }

        return value;
    }

    private Evaluation ReadAnd()
    {
        var value = ReadNot();
        while (cursor.SkipWord("and"))
        {
            cursor.Deepen();
            var (left, right) = (value, ReadNot());
            value = run => left(run) is var first && TemplateValue.IsTrue(first) ? right(run) : first;
        }

        return value;
    }

    private Evaluation ReadNot()
    {
        if (!cursor.SkipWord("not")) return ReadComparison();
        cursor.Deepen();
        var value = ReadNot();
        return run => !TemplateValue.IsTrue(value(run));
    }

    // a < b < c is a < b and b < c, as in Python.
    private Evaluation ReadComparison()
    {
        var first = ReadSum();
        var rest = new List<(string Operation, Evaluation Value)>();
        while (ComparisonHere() is { } operation)
        {
            cursor.Deepen();
            rest.Add((operation, ReadSum()));
        }

        if (rest.Count == 0) return first;
        return run =>
        {
            var left = first(run);
            foreach (var (operation, value) in rest)
            {
                var right = value(run);
                if (!TemplateOperations.Compare(run, operation, left, right)) return false;
                left = right;
            }

            return true;
        };
    }

    private string? ComparisonHere()
    {
        if (cursor.Current.IsOperator(Comparisons)) return cursor.Next().Text;
        if (cursor.SkipWord("in")) return "in";
        if (!cursor.Current.IsWord("not")) return null;
        cursor.Next();
        return cursor.SkipWord("in") ? "not in" : throw cursor.Unexpected("'in'");
    }

    private Evaluation ReadSum() => ReadChain(["+", "-"], () => ReadChain(["~"], () => ReadChain(["*", "/", "//", "%"], operands.Read)));

    private Evaluation ReadChain(string[] operators, Func<Evaluation> read)
    {
        var value = read();
        while (cursor.Current.IsOperator(operators))
        {
            cursor.Deepen();
            var operation = cursor.Next().Text;
            var (left, right) = (value, read());
            value = run => TemplateOperations.Compute(run, operation, left(run), right(run));
        }

        return value;
    }
}
