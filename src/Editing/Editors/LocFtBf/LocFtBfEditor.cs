using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBf;

/// <summary>LocFT-BF: the common loss on one part of one layer, in epochs over all edits; everything else stays frozen.</summary>
internal sealed class LocFtBfEditor(LocFtBfOptions options) : LocationEditor("locft-bf", options)
{
    /// <summary>How the harness knows it. 22 of the 32 layers of Llama-3-8B.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<LocFtBfOptions>(
        "locft-bf", options => new LocFtBfEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));
}
