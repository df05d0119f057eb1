using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBfAug;

/// <summary>LocFT-BF-Aug: LocFT-BF on each edit's prompt and on the same prompt behind sampled beginnings, "beginning. prompt".</summary>
internal sealed class LocFtBfAugEditor(LocFtBfAugOptions options) : LocationEditor("locft-bf-aug", options)
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<LocFtBfAugOptions>(
        "locft-bf-aug", options => new LocFtBfAugEditor(options), open: OpenOption.LayerAt("layer", 2, 3, "two thirds"));

    /// <inheritdoc/>
    protected override IReadOnlyList<EditRequest> Trained(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var contexts = Contexts.Sample(session, options.Contexts);
        return [.. requests.SelectMany(request => contexts.Select(context => request with { Prompt = context + request.Prompt }))];
    }
}
