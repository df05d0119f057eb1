using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtC;

/// <summary>
/// Options of FT-c: one part of one layer, kept in an L∞ ball (Zhu et al. 2020). Layer: F-Learning's is 21 of 32 (LLaMA 7B). Module:
/// <c>down</c> (F-Learning) is the weight alone; other parts have their biases too.
/// </summary>
public sealed record FtCOptions : LocationOptions
{
    /// <summary>
    /// Largest change ε of one weight, above 0. Default 5e-4 (published for gpt2-xl, layer 0; gpt2-large 1e-3, gpt2-medium 2e-3, gpt-j
    /// 5e-5).
    /// </summary>
    public double Epsilon { get; init; } = 5e-4;

    /// <inheritdoc/>
    internal override OptionChecks Checks(OptionChecks checks) => base.Checks(checks).Positive("epsilon", Epsilon);
}
