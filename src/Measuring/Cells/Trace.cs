using Harness.Measuring.Capability;
using Harness.Measuring.Tracing;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Trace cell.</summary>
public sealed record TraceOptions : ICellOptions<TraceCell>
{
    /// <summary>How.</summary>
    public required TracingOptions Tracing { get; init; }
}

/// <summary>What a Trace cell is made from.</summary>
public sealed record TraceInputs<T>(T Dataset, T Model) : ICellInputs<TraceCell, T>
    where T : class;

/// <summary>Indirect effects of a model's states on the facts that it knows (<see cref="CausalTracing"/>): traces.jsonl.</summary>
public sealed class TraceCell : Cell<TraceOptions, TraceInputs<string>>
{
    internal const string FileName = "traces.jsonl";

    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Trace;

    /// <inheritdoc/>
    protected override void Run(TraceOptions options, TraceInputs<string> inputs, CellRun run)
    {
        using var loaded = new EditorRun(run, inputs.Dataset, inputs.Model);
        ItemSeries.Write(run.Output(FileName), new CausalTracing(loaded.Model, loaded.Tokenizer, options.Tracing)
            .Run(loaded.Data.Cases, run.Seed, run.Progress, run.Cancellation));
    }
}
