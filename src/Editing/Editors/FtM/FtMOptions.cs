using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtM;

/// <summary>
/// Options of FT-M: unconstrained fine-tuning of one location with the masked loss (EasyEdit's FT with the objective "target_new"). Layer:
/// EasyEdit's is 21 of 32. It trains as EasyEdit does: depth-first, 25 steps at most of Adam at 5e-4.
/// </summary>
public sealed record FtMOptions : LocationOptions
{
    /// <summary>Sets the defaults that differ from other editors'.</summary>
    public FtMOptions() => Tuning = new() { Pipeline = Pipeline.DepthFirst, LearningRate = 5e-4 };
}
