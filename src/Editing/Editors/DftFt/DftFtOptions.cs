using Harness.Editing.Arithmetic;

namespace Harness.Editing.Editors.DftFt;

/// <summary>Options of DFT with fine-tuning of all weights.</summary>
public sealed record DftFtOptions : DftOptions;
