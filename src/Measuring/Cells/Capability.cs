using System.Text.Json.Serialization;
using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Measuring.Capability.Tasks;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Capability cell.</summary>
public sealed record CapabilityOptions : ICellOptions<CapabilityCell>
{
    /// <summary>
    /// The tasks that it is asked besides, by name, each with its SHA-256 (<see cref="TaskFolder.ContentsOf"/>); null for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tasks { get; init; }
}

/// <summary>What a Capability cell is made from; an edit unless the unedited model is asked.</summary>
public sealed record CapabilityInputs<T>(T Dataset, T Model, T? Edit = null) : ICellInputs<CapabilityCell, T>
    where T : class;

/// <summary>What the model can do besides the edits: items.jsonl.</summary>
public sealed class CapabilityCell : Cell<CapabilityOptions, CapabilityInputs<string>>
{
    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Capability;

    /// <inheritdoc/>
    protected override void Run(CapabilityOptions options, CapabilityInputs<string> inputs, CellRun run)
    {
        var tasks = options.Tasks is { } planned ? TaskFolder.Find(TaskFolder.Current(), planned) : [];
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model);
        using var edit = EditCell.Open(inputs.Edit);
        var probes = new CapabilityProbes(loaded.Tokenizer, loaded.Data.Probes, loaded.Data.HeldOut);

        // The unedited model has nothing to be compared with.
        using var before = edit is null ? null : probes.Before(loaded.Model, run.Cancellation);
        using var applied = edit?.ApplyTo(loaded.Model);
        var model = new EditedModel(loaded.Model, edit?.Module);
        var series = probes.Ask(model, before, run.Cancellation).ToDictionary();
        foreach (var task in tasks)
        {
            run.Progress.Report($"task {task.Name}");
            series[TaskFolder.Prefix + task.Name] = TaskScorer.Run(model, loaded.Tokenizer, task, run.Cancellation);
        }

        ItemSeries.Write(run.Output(ItemSeries.FileName), series);
    }
}
