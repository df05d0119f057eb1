namespace Harness.Editing;

/// <summary>Checks requests before an editor sees them, and counts those that contradict each other (CounterFact-3K holds 7).</summary>
internal sealed class CheckedEditor(string name, IEditor inner) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        if (requests.Count == 0)
            throw new InputException($"Editor '{name}' was given no edit; at least one is expected.");

        var empty = requests.FirstOrDefault(request => request is not { Prompt.Length: > 0, TargetNew.Length: > 0 });
        if (empty is not null)
        {
            throw new InputException(
                $"case {empty.Id}: prompt '{empty.Prompt}', target '{empty.TargetNew}': neither may be empty.");
        }

        var conflicts = requests.GroupBy(request => request.Prompt)
            .Count(group => group.Select(request => request.TargetNew).Distinct().Count() > 1);
        if (conflicts > 0)
            session.Progress?.Report($"{conflicts} prompts are to be answered in two ways at once: not every edit can succeed");

        var edit = inner.Edit(session, requests);
        return new Edit(edit.Deltas, new Dictionary<string, double>(edit.Figures) { ["conflicts"] = conflicts }, edit.Module);
    }
}
