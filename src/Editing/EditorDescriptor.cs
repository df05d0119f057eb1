using System.Text.Json.Nodes;
using TorchSharp;

namespace Harness.Editing;

/// <summary>An entry of the registry: everything that the harness needs to know about a method before it runs.</summary>
/// <param name="Name">The paper's name, in lower case.</param>
/// <param name="OptionsType">Type of the options record, an <see cref="IEditorOptions"/>.</param>
/// <param name="Create">Makes the editor from a value of <paramref name="OptionsType"/>; throws <see cref="InputException"/> naming every
/// violation.</param>
/// <param name="StatisticsLayers">Layers whose key statistics the editor reads under the given options; often empty.</param>
public sealed record EditorDescriptor(
    string Name, Type OptionsType, Func<object, IEditor> Create, Func<object, IReadOnlyList<int>> StatisticsLayers)
{
    /// <summary>The functions that were given at the registration: all code of the editor is reached from them.</summary>
    public IReadOnlyList<Delegate> Functions
    {
        get => [.. field, .. Training?.Functions ?? [], .. LoadModule is null ? [] : (Delegate[])[LoadModule]];
        private init;
    } = [];

    /// <summary>What has to be trained before it edits; null for most.</summary>
    public EditorTraining? Training { get; init; }

    /// <summary>
    /// Reads back what its edits keep beside the weights, out of stored tensors and settings; null where they keep nothing.
    /// </summary>
    public Func<IReadOnlyDictionary<string, torch.Tensor>, JsonObject, EditModule>? LoadModule { get; init; }

    /// <summary>Whether every request needs its subject: locate-and-edit methods look for it in the prompt. Default false.</summary>
    public bool NeedsSubject { get; init; }

    /// <summary>What it does with <see cref="EditSession.Examples"/>. Default nothing.</summary>
    public ExampleUse Examples { get; init; }

    /// <summary>The option that depends on the model, and what <c>--target=Edit</c> takes for it; null where all have defaults.</summary>
    public OpenOption? Open { get; init; }

    /// <summary>A locate-and-edit method: it reads the key statistics of the layers that it edits, and looks for the subject.</summary>
    internal static EditorDescriptor Locating<TOptions>(
        string name, Func<TOptions, IEditor> create, Func<TOptions, IReadOnlyList<int>> layers, OpenOption? open = null)
        where TOptions : class, IEditorOptions => Of(name, create, layers, open) with { NeedsSubject = true };

    /// <summary>An entry with typed functions. Options are validated before the editor is made, requests before it runs.</summary>
    internal static EditorDescriptor Of<TOptions>(
        string name, Func<TOptions, IEditor> create, Func<TOptions, IReadOnlyList<int>>? statisticsLayers = null, OpenOption? open = null)
        where TOptions : class, IEditorOptions
    {
        return new(name, typeof(TOptions), Make, options => statisticsLayers?.Invoke((TOptions)options) ?? [])
        {
            Functions = statisticsLayers is null ? [create] : [create, statisticsLayers],
            Open = open,
        };

        IEditor Make(object options)
        {
            var violations = ((TOptions)options).Validate();
            return violations.Count == 0
                ? new CheckedEditor(name, create((TOptions)options))
                : throw new InputException($"Options of editor '{name}': {string.Join("; ", violations)}.");
        }
    }
}

/// <summary>
/// What an editor has to learn once for a model, before it edits: a hypernetwork, a classifier. It is a cell of its own, shared by all
/// edits of the model.
/// </summary>
/// <param name="OptionsType">Type of the training's options record.</param>
/// <param name="OptionsOf">The training's options out of the editor's.</param>
/// <param name="Run">Trains on the session's <see cref="EditSession.Examples"/> under the training's options and writes one file.</param>
public sealed record EditorTraining(Type OptionsType, Func<object, object> OptionsOf, Action<object, EditSession, string> Run)
{
    /// <summary>The functions that it was given.</summary>
    public IReadOnlyList<Delegate> Functions { get; init; } = [];

    /// <summary>One with typed functions.</summary>
    internal static EditorTraining Of<TOptions, TTraining>(Func<TOptions, TTraining> optionsOf, Action<TTraining, EditSession, string> run)
        where TTraining : class => new(
            typeof(TTraining), options => optionsOf((TOptions)options), (options, session, file) => run((TTraining)options, session, file))
        {
            Functions = [optionsOf, run],
        };
}

/// <summary>What an editor does with facts that are not edited (<see cref="EditSession.Examples"/>).</summary>
public enum ExampleUse
{
    /// <summary>It never looks at them.</summary>
    None,

    /// <summary>It draws on them where there are some.</summary>
    Optional,

    /// <summary>It learns from them, and cannot edit without.</summary>
    Needed,
}

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
