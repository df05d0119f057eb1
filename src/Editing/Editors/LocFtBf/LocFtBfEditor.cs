using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBf;

/// <summary>LocFT-BF: the common loss on one part of one layer, in epochs over all edits; everything else stays frozen.</summary>
internal sealed class LocFtBfEditor(LocFtBfOptions options) : LocationEditor("locft-bf", options);
