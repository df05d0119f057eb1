using System.Globalization;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Measuring.Metrics;

namespace Harness.Measuring.Cells;

/// <summary>Options of an Edit cell.</summary>
public sealed record EditOptions : ICellOptions<EditCell>
{
    /// <summary>Name in the editor registry.</summary>
    public required string Editor { get; init; }

    /// <summary>The editor's options record, resolved, as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Number of the data set's first cases that are edited; null for all.</summary>
    public int? Edits { get; init; }

    /// <summary>How each case is scored right after its edit; null where it is not.</summary>
    public ScoringOptions? Each { get; init; }
}

/// <summary>What an Edit cell is made from; statistics and a training where the editor needs them.</summary>
public sealed record EditInputs<T>(T Dataset, T Model, T? Statistics = null, T? Training = null) : ICellInputs<EditCell, T>
    where T : class;

/// <summary>
/// An edit, that is weight deltas and what is kept beside them: edit.safetensors. Besides, how far it moved the weights, with the edit's
/// figures as <c>edit/{name}</c> (change.jsonl), and scores right after each case's edit (each.jsonl).
/// </summary>
public sealed class EditCell : Cell<EditOptions, EditInputs<string>>
{
    internal const string FileName = "edit.safetensors";

    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Edit;

    /// <inheritdoc/>
    protected override IEnumerable<string> Editors(EditOptions options) => [options.Editor];

    /// <inheritdoc/>
    protected override void Run(EditOptions options, EditInputs<string> inputs, CellRun run)
    {
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model, inputs.Statistics);
        var cases = loaded.Cases(options.Edits);
        var each = options.Each is { } scoring ? new EachEdit(loaded, scoring, cases) : null;
        using var edit = EditorRun.Editor(options.Editor, options.Options)
            .Edit(loaded.Session(inputs.Training, each is null ? null : each.Score), [.. cases.Select(EditorRun.Request)]);
        edit.Save(run.Output(FileName));
        if (each is not null)
        {
            using var applied = edit.ApplyTo(loaded.Model);
            CaseLines.Write(run.Output(CaseLines.Each), each.Finish(edit.Module));
        }

        var figures = edit.Figures.Where(figure => double.IsFinite(figure.Value)).Select(figure =>
            KeyValuePair.Create<string, IReadOnlyList<SeriesItem>>($"edit/{figure.Key}", [new SeriesItem(0, figure.Value)]));
        ItemSeries.Write(
            run.Output(CaseLines.Change), WeightChange.Of(edit, loaded.Model).Concat(figures).ToDictionary(StringComparer.Ordinal));
        run.Progress.Report(string.Create(CultureInfo.InvariantCulture, $"{edit.Deltas.Count} weight deltas"));
    }

    /// <summary>The edit of an Edit cell's folder, or null for none.</summary>
    internal static Edit? Open(string? folder) => folder is null ? null : Harness.Editing.Edit.Load(Path.Combine(folder, FileName));
}
