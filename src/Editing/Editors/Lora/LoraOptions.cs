using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Lora;

/// <summary>
/// Options of LoRA: low-rank changes of some projections, by default query and value of all layers (Hu et al. 2021; F-Learning, DFT).
/// EasyEdit trains it with Adam at 5e-3, 50 to 70 steps, batches of 1, depth-first.
/// </summary>
public sealed record LoraOptions : LowRankOptions;
