using Harness.Measuring.Statistics;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Statistics cell.</summary>
public sealed record StatisticsOptions : ICellOptions<StatisticsCell>
{
    /// <summary>Layers, ascending.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Number of tokens whose keys are averaged, at least.</summary>
    public required int Tokens { get; init; }
}

/// <summary>What a Statistics cell is made from.</summary>
public sealed record StatisticsInputs<T>(T Dataset, T Model) : ICellInputs<StatisticsCell, T>
    where T : class;

/// <summary>Second moments of down-projection inputs of some layers: statistics.safetensors.</summary>
public sealed class StatisticsCell : Cell<StatisticsOptions, StatisticsInputs<string>>
{
    internal const string FileName = "statistics.safetensors";

    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Statistics;

    /// <inheritdoc/>
    protected override void Run(StatisticsOptions options, StatisticsInputs<string> inputs, CellRun run)
    {
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model);

        // A published model knows running text; only one that was trained here needs the facts that it was trained on.
        var corpus = ModelFolder.IsImported(inputs.Model) && loaded.Data.Texts.Count > 0 ? loaded.Data with { Knowledge = [] }
            : loaded.Data;
        using var moments = KeyMoments.Collect(
            loaded.Model, loaded.Tokenizer, corpus, options.Layers, options.Tokens, run.Seed, run.Progress, run.Cancellation);
        moments.Save(run.Output(FileName));
    }
}
