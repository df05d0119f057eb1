namespace Harness.Models.Templates;

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
