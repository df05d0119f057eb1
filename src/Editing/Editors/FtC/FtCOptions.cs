using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtC;

/// <summary>Options of FT-c: one part of one layer, kept in an L∞ ball (Zhu et al. 2020).</summary>
public sealed record FtCOptions : IEditorOptions
{
    /// <summary>Layer, from 0. F-Learning: 21 of 32 (LLaMA 7B).</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>down</c> (F-Learning): the weight alone; other parts have their biases too.</summary>
    public TunedModule Module { get; init; } = TunedModule.Down;

    /// <summary>
    /// Largest change ε of one weight, above 0. Default 5e-4 (published for gpt2-xl, layer 0; gpt2-large 1e-3, gpt2-medium 2e-3, gpt-j
    /// 5e-5).
    /// </summary>
    public double Epsilon { get; init; } = 5e-4;

    /// <summary>How it trains.</summary>
    public FineTuningOptions Tuning { get; init; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0).Positive("epsilon", Epsilon).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };
}
