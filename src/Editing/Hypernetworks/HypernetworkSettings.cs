using Harness.Editing.Gradients;

namespace Harness.Editing.Hypernetworks;

/// <summary>Where a block's scale and offset of each matrix act.</summary>
internal enum ScalePlace
{
    /// <summary>x + max(0, s ⊙ (B A x + b) + o) (MEND, eq. 3).</summary>
    BeforeClamp,

    /// <summary>x + s ⊙ max(0, B A x + b) + o (MALMEN's and RLEdit's code).</summary>
    AfterClamp,
}

/// <summary>Shape and start of a <see cref="Hypernetwork"/>; the public options say what each number means.</summary>
internal sealed record HypernetworkSettings(
    string Editor, IReadOnlyList<int> Layers, IReadOnlyList<MlpProjection> Projections, int Rank, int Blocks, double Rate, bool Normalise,
        ScalePlace Scale)
{
    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(EditedMatrix.Validate(Layers, Projections)).AtLeast("rank", Rank, 1).AtLeast("blocks", Blocks, 1)
            .Positive("edit-rate", Rate).Violations;
}
