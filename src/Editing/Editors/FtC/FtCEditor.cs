using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Editing.Editors.FtC;

/// <summary>FT-c: the common loss on one part of one layer; after each step every element is clamped to W0 ± ε.</summary>
internal sealed class FtCEditor(FtCOptions options) : LocationEditor("ft-c", options)
{
    /// <summary>How the harness knows it. F-Learning's 21 of 32 layers, LLaMA-7B.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<FtCOptions>(
        "ft-c", options => new FtCEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));

    /// <inheritdoc/>
    protected override double? Epsilon => options.Epsilon;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(EditSession session)
    {
        Layers.Check(session, "ft-c", [options.Layer]);
        return options.Module == TunedModule.Down ? [Sites.DownProjection(options.Layer)] : base.Names(session);
    }
}
