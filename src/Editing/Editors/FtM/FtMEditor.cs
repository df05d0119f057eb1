using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtM;

/// <summary>FT-M: the common loss on one part of one layer, without constraint.</summary>
internal sealed class FtMEditor(FtMOptions options) : LocationEditor("ft-m", options);
