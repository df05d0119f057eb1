using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;

namespace Harness.Editing.Restraints;

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
        ? new RankOneUpdate(session, editor, rome, RankOneKey.Mixed)
        : MemitEditor.Update(session, editor, Memit!);
}
