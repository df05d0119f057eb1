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

    /// <summary>A locate-and-edit method: it reads the key statistics of the layers that it edits, and looks for the subject.</summary>
    internal static EditorDescriptor Locating<TOptions>(
        string name, Func<TOptions, IEditor> create, Func<TOptions, IReadOnlyList<int>> layers)
        where TOptions : class, IEditorOptions => Of(name, create, layers) with { NeedsSubject = true };

    /// <summary>An entry with typed functions. Options are validated before the editor is made, requests before it runs.</summary>
    internal static EditorDescriptor Of<TOptions>(
        string name, Func<TOptions, IEditor> create, Func<TOptions, IReadOnlyList<int>>? statisticsLayers = null)
        where TOptions : class, IEditorOptions
    {
        return new(name, typeof(TOptions), Make, options => statisticsLayers?.Invoke((TOptions)options) ?? [])
        {
            Functions = statisticsLayers is null ? [create] : [create, statisticsLayers],
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
