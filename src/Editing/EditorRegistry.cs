namespace Harness.Editing;

/// <summary>All editors, by the papers' names. A new one is a folder below Editors/ and one line here: docs/add-an-editor.md.</summary>
public static class EditorRegistry
{
    /// <summary>The editors, in the order of the documentation.</summary>
    public static IReadOnlyList<EditorDescriptor> All { get; } =
    [
        Editors.FullFt.FullFtEditor.Descriptor,
        Editors.FtC.FtCEditor.Descriptor,
        Editors.FtL.FtLEditor.Descriptor,
        Editors.FtM.FtMEditor.Descriptor,
        Editors.FtW.FtWEditor.Descriptor,
        Editors.LocFtBf.LocFtBfEditor.Descriptor,
        Editors.LocFtBfAug.LocFtBfAugEditor.Descriptor,
        Editors.Lora.LoraEditor.Descriptor,
        Editors.AdaLora.AdaLoraEditor.Descriptor,
        Editors.RoseLora.RoseLoraEditor.Descriptor,
        Editors.FFt.FFtEditor.Descriptor,
        Editors.FLora.FLoraEditor.Descriptor,
        Editors.FLoraFt.FLoraFtEditor.Descriptor,
        Editors.DftFt.DftFtEditor.Descriptor,
        Editors.DftLora.DftLoraEditor.Descriptor,
        Editors.Rome.RomeEditor.Descriptor,
        Editors.RRome.RRomeEditor.Descriptor,
        Editors.Memit.MemitEditor.Descriptor,
        Editors.MemitSeq.MemitSeqEditor.Descriptor,
        Editors.Emmet.EmmetEditor.Descriptor,
        Editors.Pmet.PmetEditor.Descriptor,
        Editors.Rect.RectEditor.Descriptor,
        Editors.Prune.PruneEditor.Descriptor,
        Editors.AlphaEdit.AlphaEditEditor.Descriptor,
        Editors.UltraEdit.UltraEditEditor.Descriptor,
        Editors.Mend.MendEditor.Descriptor,
        Editors.RlEdit.RlEditEditor.Descriptor,
        Editors.Grace.GraceEditor.Descriptor,
        Editors.Wise.WiseEditor.Descriptor,
        Editors.Ike.IkeEditor.Descriptor,
        Editors.Serac.SeracEditor.Descriptor,
        Editors.TPatcher.TPatcherEditor.Descriptor,
        Editors.CaLiNet.CaLiNetEditor.Descriptor,
        Editors.KnowledgeNeurons.KnowledgeNeuronsEditor.Descriptor,
        Editors.CrispEdit.CrispEditEditor.Descriptor,
        Editors.MemitCsk.MemitCskEditor.Descriptor,
        Editors.RecAdam.RecAdamEditor.Descriptor,
        Editors.Pcgu.PcguEditor.Descriptor,
        Editors.Nkb.NkbEditor.Descriptor,
        Editors.MemPrompt.MemPromptEditor.Descriptor,
        Editors.KnowledgeEditor.KnowledgeEditorEditor.Descriptor,
        Editors.PlugAndPlay.PlugAndPlayEditor.Descriptor,
        Editors.EditableTraining.EditableTrainingEditor.Descriptor,
    ];

    /// <summary>The editor of that name.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest and all.</exception>
    public static EditorDescriptor Find(string name)
    {
        if (All.FirstOrDefault(editor => editor.Name == name) is { } found)
            return found;

        var names = All.Select(editor => editor.Name).ToList();
        var end = Nearest.Suggestion(name, names) is { Length: > 0 } suggestion ? suggestion : ".";
        throw new InputException($"unknown editor '{name}'{end} Known editors: {string.Join(", ", names)}.");
    }
}
