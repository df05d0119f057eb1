using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtM;

/// <summary>FT-M: the common loss on one part of one layer, without constraint.</summary>
internal sealed class FtMEditor(FtMOptions options) : LocationEditor("ft-m", options)
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<FtMOptions>(
        "ft-m", options => new FtMEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));
}
