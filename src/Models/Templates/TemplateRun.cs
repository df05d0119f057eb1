using System.Runtime.CompilerServices;
using System.Text;

namespace Harness.Models.Templates;

/// <summary>Names and their values; a loop's round, a macro's call have ones of their own.</summary>
internal sealed class TemplateScope(TemplateScope? outer)
{
    private readonly Dictionary<string, object?> values = new(StringComparer.Ordinal);

    /// <summary>The value of a name, here or further out.</summary>
    public bool TryFind(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.values.TryGetValue(name, out value)) return true;
        }

        value = null;
        return false;
    }

    /// <summary>Gives a name a value here.</summary>
    public void Set(string name, object? value) => values[name] = value;

    private TemplateScope? Outer => outer;
}

/// <summary>A template that is being rendered. What it may do is bounded: no template runs for long or fills the memory.</summary>
internal sealed class TemplateRun(TemplateRules rules, IReadOnlyDictionary<string, object?> document)
{
    private const long MostSteps = 5_000_000;
    private const int MostCalls = 50;
    private long steps;
    private int calls;

    /// <summary>The rules.</summary>
    public TemplateRules Rules => rules;

    /// <summary>What has been written.</summary>
    public StringBuilder Output { get; private set; } = new();

    /// <summary>The names that are known.</summary>
    public TemplateScope Scope { get; set; } = Outermost(rules, document);

    /// <summary>Line of what is being done, from 1.</summary>
    public int Line { get; set; } = 1;

    /// <summary>Counts steps, and characters and items that are made.</summary>
    /// <exception cref="TemplateException">There were too many.</exception>
    public void Spend(long amount)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw TooDeep();
        steps += amount;
        if (steps > MostSteps)
        {
            throw new TemplateException(FormattableString.Invariant(
                $"found more than {MostSteps} steps and characters, expected fewer; take a simpler template, or shorter messages"));
        }
    }

    /// <summary>Counts the length of a text that has been made, and gives it back.</summary>
    public string Spend(string text)
    {
        Spend(text.Length + 1);
        return text;
    }

    /// <summary>The value of a name.</summary>
    public object? Find(string name)
    {
        if (Scope.TryFind(name, out var value)) return value;
        return rules.IsWhole ? new Undefined($"'{name}'") : throw new TemplateException(
            $"found no field '{name}' in the document, expected one of {string.Join(", ", document.Keys)}; "
            + $"correct the template or the data{Nearest.Suggestion(name, document.Keys)}");
    }

    /// <summary>Gives a name a value in this scope, or several the items of one.</summary>
    public void Assign(IReadOnlyList<string> names, object? value)
    {
        if (names.Count == 1)
        {
            Scope.Set(names[0], value);
            return;
        }

        var items = TemplateOperations.Items(this, value);
        if (items.Count != names.Count)
            throw new TemplateException(
                $"found {items.Count} values for {string.Join(", ", names)}, expected {names.Count}; correct the template or the data");
        foreach (var (name, item) in names.Zip(items)) Scope.Set(name, item);
    }

    /// <summary>Does something in a scope of its own, and gives what it wrote.</summary>
    public string Capture(TemplateScope scope, Action act)
    {
        Spend(1);
        if (++calls > MostCalls) throw TooDeep();
        var (output, before, line) = (Output, Scope, Line);
        (Output, Scope) = (new StringBuilder(), scope);
        act();
        var text = Output.ToString();
        (Output, Scope, Line) = (output, before, line);
        calls--;
        return text;
    }

    private static TemplateException TooDeep() =>
        new($"found more than {MostCalls} calls inside each other, expected fewer; take another template");

    private static TemplateScope Outermost(TemplateRules rules, IReadOnlyDictionary<string, object?> document)
    {
        var scope = new TemplateScope(null);
        if (rules.IsWhole)
        {
            foreach (var (name, function) in TemplateFunctions.All) scope.Set(name, function);
        }

        foreach (var (name, value) in document) scope.Set(name, value);
        return scope;
    }
}

/// <summary>A loop as its body sees it. Items are taken one by one, at most one ahead, as Jinja takes them.</summary>
internal sealed class TemplateLoop(IEnumerator<object?> source)
{
    // Names and values of a round are made anew.
    private const int StepsOfRound = 10;
    private readonly Queue<object?> ahead = new();
    private object? previous = new Undefined("the item before the first"), current = new Undefined("an item");
    private int index = -1;

    /// <summary>Goes through the items that fulfil a condition; where there is none, does the other block.</summary>
    public static Flow Go(
        TemplateRun run, IReadOnlyList<string> names, List<object?> items, Evaluation? condition, Statement[] body, Statement[] otherwise)
    {
        var outer = run.Scope;
        using var wanted = items.Where(item => condition is null || Within(item, () => TemplateValue.IsTrue(condition(run))))
            .GetEnumerator();
        var loop = new TemplateLoop(wanted);
        var isEmpty = true;
        while (loop.Next(out var item))
        {
            isEmpty = false;
            run.Spend(StepsOfRound);
            var flow = Within(item, () =>
            {
                run.Scope.Set("loop", loop);
                return TemplateParser.Write(run, body);
            });
            if (flow == Flow.Break) break;
        }

        return isEmpty ? Inside(() => TemplateParser.Write(run, otherwise)) : Flow.Next;

        T Within<T>(object? item, Func<T> act) => Inside(() =>
        {
            run.Assign(names, item);
            return act();
        });

        T Inside<T>(Func<T> act)
        {
            var before = run.Scope;
            run.Scope = new TemplateScope(outer);
            var result = act();
            run.Scope = before;
            return result;
        }
    }

    // Goes to the next item.
    private bool Next(out object? item)
    {
        item = null;
        if (!HasNext()) return false;
        (previous, current) = (index < 0 ? previous : current, ahead.Dequeue());
        index++;
        item = current;
        return true;
    }

    /// <summary><c>loop.name</c>.</summary>
    public object? Field(string name) => name switch
    {
        "index" => index + 1L,
        "index0" => (long)index,
        "first" => index == 0,
        "last" => !HasNext(),
        "length" => Length(),
        "revindex" => Length() - index,
        "revindex0" => Length() - index - 1,
        "previtem" => previous,
        "nextitem" => HasNext() ? ahead.Peek() : new Undefined("the item behind the last"),
        _ => throw new TemplateException(
            $"found 'loop.{name}', expected index, index0, first, last, length, revindex, revindex0, previtem or nextitem; "
            + "take another template"),
    };

    private bool HasNext()
    {
        if (ahead.Count == 0 && source.MoveNext()) ahead.Enqueue(source.Current);
        return ahead.Count > 0;
    }

    private long Length()
    {
        while (source.MoveNext()) ahead.Enqueue(source.Current);
        return index + 1 + ahead.Count;
    }
}
