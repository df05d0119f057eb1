using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtL;

/// <summary>
/// Options of FT-L: ROME's constrained fine-tuning (Meng et al. 2022; EasyEdit's FT with the objective "prompt_last"). Layer: ROME's is 0
/// of every GPT, EasyEdit's 21 of 32. Module: <c>down</c> in both. It trains with Adam at 5e-4 and no end-of-sequence token, as ROME and
/// EasyEdit, where it is depth-first with 25 steps at most.
/// </summary>
public sealed record FtLOptions : LocationOptions
{
    /// <summary>Sets the defaults that differ from other editors'.</summary>
    public FtLOptions() => Tuning = new() { LearningRate = 5e-4, AppendEos = false };

    /// <summary>
    /// Largest change ε of one weight, above 0; null constrains nothing (EasyEdit's settings for 7B models). Default 5e-4 (published for
    /// gpt2-xl, layer 0; gpt2-large 1e-3, gpt2-medium 2e-3, gpt-j 5e-5).
    /// </summary>
    public double? Epsilon { get; init; } = 5e-4;

    /// <inheritdoc/>
    internal override OptionChecks Checks(OptionChecks checks) => base.Checks(checks).Positive("epsilon", Epsilon ?? 1);
}
