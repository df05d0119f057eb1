using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtL;

/// <summary>
/// FT-L: one part of one layer; all tokens of a target are read from the distribution at the last prompt token, and after each step every
/// element is clamped to W0 ± ε. For targets of several tokens that loss is wrong: it asks one distribution to be sure of all of them. It
/// is kept because it is the published baseline.
/// </summary>
internal sealed class FtLEditor(FtLOptions options) : LocationEditor("ft-l", options)
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<FtLOptions>(
        "ft-l", options => new FtLEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));

    /// <inheritdoc/>
    protected override double? Epsilon => options.Epsilon;

    /// <inheritdoc/>
    protected override TargetReading Reading => TargetReading.LastPromptToken;
}
