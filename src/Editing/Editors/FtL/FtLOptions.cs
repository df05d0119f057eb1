using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtL;

/// <summary>Options of FT-L: ROME's constrained fine-tuning (Meng et al. 2022; EasyEdit's FT with the objective "prompt_last").</summary>
public sealed record FtLOptions : IEditorOptions
{
    /// <summary>Layer, from 0. ROME: 0 of every GPT; EasyEdit: 21 of 32.</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>down</c> (ROME, EasyEdit).</summary>
    public TunedModule Module { get; init; } = TunedModule.Down;

    /// <summary>
    /// Largest change ε of one weight, above 0; null constrains nothing (EasyEdit's settings for 7B models). Default 5e-4 (published for
    /// gpt2-xl, layer 0; gpt2-large 1e-3, gpt2-medium 2e-3, gpt-j 5e-5).
    /// </summary>
    public double? Epsilon { get; init; } = 5e-4;

    /// <summary>
    /// How it trains. Default: Adam at 5e-4 and no end-of-sequence token, as in ROME and EasyEdit, where it is depth-first with 25 steps at
    /// most.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } = new() { LearningRate = 5e-4, AppendEos = false };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0).Positive("epsilon", Epsilon ?? 1).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };
}
