using System.Text.Json.Serialization;
using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Dataset cell.</summary>
public sealed record DatasetOptions : ICellOptions<DatasetCell>
{
    /// <summary>Default of <see cref="Examples"/> and of <see cref="Probes"/>.</summary>
    public const int DefaultExtras = 200;

    /// <summary>
    /// Record schema: <c>zsre</c>, <c>counterfact</c>, and for files also <c>counterfact-original</c>, <c>wikibigedit</c>, <c>qaedit</c>,
    /// <c>mquake</c>, <c>ripple-edits</c>.
    /// </summary>
    public required string Schema { get; init; }

    /// <summary>Number of edit cases.</summary>
    public required int Edits { get; init; }

    /// <summary>The real file, or null for a synthetic world.</summary>
    public DataFile? File { get; init; }

    /// <summary>
    /// Records of the file that stand before those of the data set and are not used, counted without those that are left out; real files
    /// only. Default 0, at least 0: with as many as other data sets show, no two ask the same.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SkippedRecords { get; init; }

    /// <summary>Running text for the original model, or null.</summary>
    public DataFile? Text { get; init; }

    /// <summary>Number of texts taken from <see cref="Text"/>. Default 0.</summary>
    public int TextCount { get; init; }

    /// <summary>
    /// Share of the rephrasings that the original model is trained on, so that it learns what a rephrasing is, real files only; cases ask
    /// for the others. Default 0.8 (the small scale's design).
    /// </summary>
    public double TrainedRephrases { get; init; } = 0.8;

    /// <summary>
    /// Most facts that are not edited to learn editing from or to demonstrate it with. Default 200; as many as there are, if fewer.
    /// </summary>
    public int Examples { get; init; } = DefaultExtras;

    /// <summary>Most capability probes of each kind, and most held-out texts. Default 200; as many as there are, if fewer.</summary>
    public int Probes { get; init; } = DefaultExtras;
}

/// <summary>What a Dataset cell is made from: a world for the synthetic schemas, nothing for a file.</summary>
public sealed record DatasetInputs<T>(T? World = null) : ICellInputs<DatasetCell, T>
    where T : class;

/// <summary>Edit cases and the original model's knowledge: cases.jsonl, knowledge.jsonl, recall.jsonl, texts.jsonl.</summary>
public sealed class DatasetCell : Cell<DatasetOptions, DatasetInputs<string>>
{
    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Dataset;

    /// <inheritdoc/>
    public override bool UsesLibtorch => false;

    /// <inheritdoc/>
    protected override void Run(DatasetOptions options, DatasetInputs<string> inputs, CellRun run) =>
        FactDataFolder.Write(Read(options, inputs.World, run), run.Request.OutputFolder);

    private static FactData Read(DatasetOptions options, string? worldFolder, CellRun run)
    {
        var (published, log) = (run.Request.Published, (Action<string>)run.Progress.Report);
        if (options.File is { } file)
        {
            var records = published.File(file, log);
            var texts = options.Text is { } text ? published.File(text, log) : null;
            return DatasetReader.Read(options, records, texts, run.Seed, log);
        }

        var world = World.Load(Path.Combine(
            worldFolder ?? throw new InvalidOperationException("a data set of neither a file nor a world"), WorldCell.FileName));
        return options.Schema switch
        {
            "zsre" => WorldDatasets.ToZsre(world, options.Edits, run.Seed, options.Examples, options.Probes),
            "counterfact" => WorldDatasets.ToCounterFact(world, options.Edits, run.Seed, options.Examples, options.Probes),
            _ => throw new InputException($"data set schema: found '{options.Schema}', expected zsre or counterfact for a world"),
        };
    }
}
