using System.Globalization;

namespace Harness.Models.Templates;

/// <summary>What operators of templates do with values, in Python's meaning.</summary>
internal static class TemplateOperations
{
    private const string Remedy = "correct the template or the data";
    private const int Deepest = 100;

    // Characters that are compared in the time of a step.
    private const int CharactersPerStep = 64;

    /// <summary>Computes one of + - * / // % ~.</summary>
    public static object? Compute(TemplateRun run, string operation, object? left, object? right)
    {
        switch (operation, left, right)
        {
            case ("~", not Markup, not Markup) when (TemplateValue.Text(left), TemplateValue.Text(right)) is ({ } first, { } second):
                return run.Spend(first + second);
            case ("+", string first, string second):
                return run.Spend(first + second);
            case ("+", List<object?> first, List<object?> second):
                run.Spend(first.Count + second.Count);
                return (List<object?>)[.. first, .. second];
            case ("*", string text, long times):
                run.Spend(text.Length * Math.Clamp(times, 0, int.MaxValue));
                return string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, times)));
            case ("*", long, string):
                return Compute(run, operation, right, left);
            default:
                if (operation != "~" && Number(left) is { } one && Number(right) is { } other) return Compute(operation, one, other);
                var expected = operation is "+" or "~" ? "numbers or texts" : "numbers";
                throw new TemplateException(
                    $"found {TemplateValue.Name(left)} {operation} {TemplateValue.Name(right)}, expected {expected}; {Remedy}");
        }
    }

    /// <summary>Whether one of the comparisons holds, "in" and "not in" among them.</summary>
    public static bool Compare(TemplateRun run, string operation, object? left, object? right) => operation switch
    {
        "==" => AreEqual(run, left, right),
        "!=" => !AreEqual(run, left, right),
        "in" => Contains(run, right, left),
        "not in" => !Contains(run, right, left),
        _ => Order(run, operation, left, right) is var order && operation switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        },
    };

    /// <summary>Refuses values so deep that going through them could exhaust the stack.</summary>
    public static void CheckDepth(int depth)
    {
        if (depth > Deepest)
            throw new TemplateException($"found more than {Deepest} lists inside each other, expected fewer; take another template");
    }

    /// <summary>Whether two values are equal.</summary>
    public static bool AreEqual(TemplateRun run, object? left, object? right, int depth = 0)
    {
        run.Spend(1);
        CheckDepth(depth);
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string one, string other) => AreSame(run, one, other),
            (List<object?> one, List<object?> other) =>
                one.Count == other.Count && one.Zip(other).All(pair => AreEqual(run, pair.First, pair.Second, depth + 1)),
            (IReadOnlyDictionary<string, object?> one, IReadOnlyDictionary<string, object?> other) => one.Count == other.Count
                && one.All(pair => other.TryGetValue(pair.Key, out var value) && AreEqual(run, pair.Value, value, depth + 1)),
            (Markup, _) or (_, Markup) => throw new TemplateException(
                "found a text that is escaped or safe in a comparison, expected another value; take another template"),
            _ => Number(left) is { } one && Number(right) is { } other ? CompareNumbers(one, other) == 0 : ReferenceEquals(left, right),
        };
    }

    private static bool AreSame(TemplateRun run, string one, string other)
    {
        if (one.Length != other.Length) return false;
        run.Spend(one.Length / CharactersPerStep);
        return one == other;
    }

    /// <summary>Whether a text, list or map holds a value.</summary>
    public static bool Contains(TemplateRun run, object? whole, object? part)
    {
        switch (whole, part)
        {
            case (string text, string sought):
                SpendSearch(run, text, sought);
                return text.Contains(sought, StringComparison.Ordinal);
            case (List<object?> list, _):
                return list.Exists(item => AreEqual(run, item, part));
            case (IReadOnlyDictionary<string, object?> map, _):
                if (part is not string key) return false;
                run.Spend(key.Length);
                return map.ContainsKey(key);
            case (Undefined, _):
                return false;
            default:
                throw new TemplateException(
                    $"found {TemplateValue.Name(part)} in {TemplateValue.Name(whole)}, " +
                        $"expected a text in a text, or a list or an object; {Remedy}");
        }
    }

    /// <summary>Counts what it takes to look for a text in another.</summary>
    public static void SpendSearch(TemplateRun run, string text, string sought) =>
        run.Spend(1 + ((long)text.Length * Math.Max(1, sought.Length) / CharactersPerStep));

    /// <summary><c>value.name</c>.</summary>
    public static object? Field(TemplateRun run, object? value, string name)
    {
        if (value is TemplateLoop loop) return loop.Field(name);
        if (value is IReadOnlyDictionary<string, object?>) TemplateMethods.CheckField(name);
        if (run.Rules.IsWhole && value is string or List<object?> && TemplateMethods.IsOfPython(name))
            throw new TemplateException(
                $"found '.{name}' without a call, which Jinja takes for a method of Python's, expected '.{name}()'; correct the template");
        return Item(run, value, name);
    }

    /// <summary>The field or item of a value; negative numbers count from the end.</summary>
    public static object? Item(TemplateRun run, object? value, object? key)
    {
        run.Spend(key is string text ? text.Length : 1);
        var part = (value, key) switch
        {
            (Undefined, _) => throw new TemplateException(
                $"found {TemplateValue.Name(value)}, where {TemplateValue.Name(key)} of it is asked for, expected a value; {Remedy}"),
            (IReadOnlyDictionary<string, object?> map, string name) => map.TryGetValue(name, out var item) ? item : Missing(
                () => $"no field '{name}', expected one of {string.Join(", ", map.Keys)}"),
            (TemplateNamespace space, string name) => space.Values.TryGetValue(name, out var item) ? item : new Undefined($"'{name}'"),
            (List<object?> list, long index) =>
                index < list.Count && index >= -list.Count ? list[(int)(index < 0 ? index + list.Count : index)] : Missing(
                () => $"item {index} of a list of {list.Count}, expected at most {list.Count - 1}"),
            (string letters, long) when run.Rules.IsWhole => Letter(run, letters, key),
            _ => Missing(() => $"{TemplateValue.Name(value)} where item {TemplateValue.Name(key)} is asked for, " +
                "expected an object with fields or a list with numbers"),
        };
        return part is Undefined && key is string known && known.StartsWith("__", StringComparison.Ordinal)
            ? throw new TemplateException($"found '{known}', a part of Python's objects, expected a field; take another template")
            : part;

        object? Missing(Func<string> found) => run.Rules.IsWhole
            ? new Undefined(key is string name ? $"'{name}'" : TemplateValue.Name(key))
            : throw new TemplateException($"found {found()}; {Remedy}");
    }

    /// <summary><c>value[start:stop:step]</c> of a text or list.</summary>
    public static object? Slice(TemplateRun run, object? value, object? start, object? stop, object? step)
    {
        var items = value is string or List<object?> ? Items(run, value) : throw new TemplateException(
            $"found {TemplateValue.Name(value)} where a part of it is asked for, expected a text or a list; {Remedy}");
        var pace = Bound(step) ?? 1;
        if (pace == 0) throw new TemplateException($"found step 0 of a slice, expected another number; {Remedy}");
        var (least, most) = pace > 0 ? (0, items.Count) : (-1, items.Count - 1);
        var (at, end) = (Clamp(Bound(start)) ?? (pace > 0 ? least : most), Clamp(Bound(stop)) ?? (pace > 0 ? most : least));
        var taken = new List<object?>();
        for (; pace > 0 ? at < end : at > end; at += pace) taken.Add(items[(int)at]);
        return value is string ? string.Concat(taken) : taken;

        long? Clamp(long? bound) => bound is { } number ? Math.Clamp(number < 0 ? number + items.Count : number, least, most) : null;

        static long? Bound(object? bound) => bound switch
        {
            null => null,
            long number => Math.Clamp(number, int.MinValue, int.MaxValue),
            _ => throw new TemplateException(
                $"found {TemplateValue.Name(bound)} as the bound of a slice, expected a whole number; {Remedy}"),
        };
    }

    /// <summary>What a loop goes through: items, keys, or a text's characters.</summary>
    public static List<object?> Items(TemplateRun run, object? value)
    {
        List<object?> items = value switch
        {
            List<object?> list => list,
            string text => [.. PythonText.Letters(text)],
            IReadOnlyDictionary<string, object?> map => [.. map.Keys],
            Undefined => [],
            _ => throw new TemplateException(
                $"found {TemplateValue.Name(value)}, expected a list, an object or a text to go through; {Remedy}"),
        };
        run.Spend(items.Count);
        return items;
    }

    private static object Letter(TemplateRun run, string text, object? key)
    {
        run.Spend(text.Length);
        string[] letters = [.. PythonText.Letters(text)];
        var index = (long)key! < 0 ? (long)key + letters.Length : (long)key;
        return index >= 0 && index < letters.Length ? letters[index] : new Undefined(TemplateValue.Name(key));
    }

    // True counts as 1, as in Python.
    private static object? Number(object? value) => value is bool truth ? (truth ? 1L : 0L) : value is long or double ? value : null;

    private static object Compute(string operation, object left, object right)
    {
        if (operation is "/" or "//" or "%" && Convert.ToDouble(right, CultureInfo.InvariantCulture) == 0)
            throw new TemplateException($"found {TemplateValue.Name(left)} {operation} 0, expected another number; {Remedy}");
        try
        {
            return left is long one && right is long other && operation != "/"
                ? (object)Whole(operation, one, other)
                : Fraction(operation, Convert.ToDouble(left, CultureInfo.InvariantCulture),
                    Convert.ToDouble(right, CultureInfo.InvariantCulture));
        }
        catch (OverflowException)
        {
            throw new TemplateException(
                $"found {TemplateValue.Name(left)} {operation} {TemplateValue.Name(right)}, expected a smaller result; {Remedy}");
        }
    }

    // Python rounds down where .NET rounds towards zero.
    private static long Whole(string operation, long left, long right) => checked(operation switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "//" => (left / right) - (left % right != 0 && left < 0 != right < 0 ? 1 : 0),
        _ => ((left % right) + right) % right,
    });

    private static double Fraction(string operation, double left, double right) => operation switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "//" => Math.Floor(left / right),
        _ => left - (right * Math.Floor(left / right)),
    };

    private static int CompareNumbers(object left, object right) => left is long one && right is long other
        ? one.CompareTo(other)
        : Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture));

    private static int Order(TemplateRun run, string operation, object? left, object? right)
    {
        if (left is string one && right is string other)
        {
            run.Spend(one.Length + other.Length);
            return PythonText.Compare(one, other);
        }

        return Number(left) is { } first && Number(right) is { } second ? CompareNumbers(first, second) : throw new TemplateException(
            $"found {TemplateValue.Name(left)} {operation} {TemplateValue.Name(right)}, expected two numbers or two texts; {Remedy}");
    }
}
