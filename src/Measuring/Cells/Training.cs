using System.Text.Json.Nodes;
using Harness.Editing;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Training cell.</summary>
public sealed record EditorTrainingOptions : ICellOptions<TrainingCell>
{
    /// <summary>Name in the editor registry.</summary>
    public required string Editor { get; init; }

    /// <summary>The training's options record, resolved, as canonical JSON.</summary>
    public required JsonObject Options { get; init; }
}

/// <summary>What a Training cell is made from.</summary>
public sealed record TrainingInputs<T>(T Dataset, T Model) : ICellInputs<TrainingCell, T>
    where T : class;

/// <summary>What an editor has to learn once for a model: training.safetensors.</summary>
public sealed class TrainingCell : Cell<EditorTrainingOptions, TrainingInputs<string>>
{
    internal const string FileName = "training.safetensors";

    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Training;

    /// <inheritdoc/>
    protected override IEnumerable<string> Editors(EditorTrainingOptions options) => [options.Editor];

    /// <inheritdoc/>
    protected override void Run(EditorTrainingOptions options, TrainingInputs<string> inputs, CellRun run)
    {
        var training = EditorRegistry.Find(options.Editor).Training
            ?? throw new InputException(
                $"editor '{options.Editor}': found a cell that trains it, expected none: it learns nothing before it edits");
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model);
        training.Run(EditorRun.Options(options.Options, training.OptionsType), loaded.Session(), run.Output(FileName));
    }
}
