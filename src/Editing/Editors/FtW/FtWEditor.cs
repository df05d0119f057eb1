using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtW;

/// <summary>FT-W: the common loss on one whole block, held back by weight decay.</summary>
internal sealed class FtWEditor(FtWOptions options) : LocationEditor("ft-w", options)
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<FtWOptions>(
        "ft-w", options => new FtWEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));

    /// <inheritdoc/>
    protected override FineTuningOptions Tuning(int edits) => options.Tuning with { WeightDecay = options.Decay(edits) };
}
