using Harness.Editing.Locating;

namespace Harness.Editing.Editors.Rome;

/// <summary>Options of ROME: Rank-One Model Editing (Meng et al. 2022).</summary>
public sealed record RomeOptions : RankOneOptions;
