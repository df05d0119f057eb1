using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;

namespace Harness.Editing.Editors.Rect;

/// <summary>
/// Options of RECT: relative change in weight (Gu et al. 2024, "Model Editing Harms General Abilities of Large Language Models:
/// Regularization to the Rescue"). Its own code restrains ROME, AlphaEdit's comparison MEMIT in batches of 100.
/// </summary>
public sealed record RectOptions : RestrainedOptions
{
    /// <summary>
    /// Share of a batch's change that is kept, in (0, 1]: the entries with the largest |ΔW / (W + ε)|. Default 0.4 (the paper's best, and
    /// AlphaEdit's comparison; its own code shows 0.2).
    /// </summary>
    public double Keep { get; init; } = 0.4;

    /// <summary>ε, at least 0. Default 1e-8 (AlphaEdit's comparison; RECT's own code has none).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Check(Keep is > 0 and <= 1, "keep", Keep, "above 0 and at most 1")
        .NotNegative("epsilon", Epsilon)
        .Violations;
}

/// <summary>Options of the methods that hold back what another one would write: which one that is.</summary>
public abstract record RestrainedOptions : IEditorOptions
{
    /// <summary>Options of ROME, where that is the method that is restrained; null, the default, where it is MEMIT.</summary>
    public RomeOptions? Rome { get; init; }

    /// <summary>Options of MEMIT, where that is the method that is restrained; null, the default, where it is ROME.</summary>
    public MemitOptions? Memit { get; init; }

    /// <summary>Layers of the changed down-projections; none where the options are not valid.</summary>
    internal IReadOnlyList<int> Layers => Rome is { } rome ? [rome.Layer] : Memit?.Layers ?? [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Validate()
    {
        var checks = new OptionChecks();
        if (Rome is null == Memit is null)
            checks.Check(false, "rome, memit", Rome is null ? "neither" : "both",
                "the options of one of them: of the method that is restrained");
        return checks.Nested("rome", Rome?.Validate() ?? []).Nested("memit", Memit?.Validate() ?? []).Violations;
    }

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => Memit is null
        ? Rome?.Sequential(batchSize) is null ? null : this
        : this with { Memit = Memit with { BatchSize = batchSize } };

    /// <summary>The restrained method at work on a session.</summary>
    /// <param name="session">Has the model.</param>
    /// <param name="editor">Name of the restraining editor, for messages.</param>
    internal IBatchUpdate Update(EditSession session, string editor) => Rome is { } rome
        ? new RankOneUpdate(session, editor, rome)
        : MemitEditor.Update(session, editor, Memit!);
}
