using Harness.Editing.Editors.AdaLora;
using Harness.Editing.Editors.DftFt;
using Harness.Editing.Editors.DftLora;
using Harness.Editing.Editors.FFt;
using Harness.Editing.Editors.FLora;
using Harness.Editing.Editors.FLoraFt;
using Harness.Editing.Editors.FtC;
using Harness.Editing.Editors.FtL;
using Harness.Editing.Editors.FtM;
using Harness.Editing.Editors.FtW;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.LocFtBfAug;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Editors.RoseLora;

namespace Harness.Editing;

/// <summary>All editors, by the papers' names. A new one is a folder below Editors/ and one line here.</summary>
public static class EditorRegistry
{
    /// <summary>The editors, in the order of the documentation.</summary>
    public static IReadOnlyList<EditorDescriptor> All { get; } =
    [
        EditorDescriptor.Of<FullFtOptions>("full-ft", options => new FullFtEditor(options)),
        EditorDescriptor.Of<FtCOptions>("ft-c", options => new FtCEditor(options)),
        EditorDescriptor.Of<LocFtBfOptions>("locft-bf", options => new LocFtBfEditor(options)),
        EditorDescriptor.Of<LoraOptions>("lora", options => new LoraEditor(options)),
        EditorDescriptor.Of<RomeOptions>("rome", options => new RomeEditor(options), options => [options.Layer]),
        EditorDescriptor.Of<MemitOptions>("memit", options => new MemitEditor(options), options => options.Layers),
        EditorDescriptor.Of<DftFtOptions>("dft-ft", options => new DftFtEditor(options)),
        EditorDescriptor.Of<DftLoraOptions>("dft-lora", options => new DftLoraEditor(options)),
        EditorDescriptor.Of<FtLOptions>("ft-l", options => new FtLEditor(options)),
        EditorDescriptor.Of<FtMOptions>("ft-m", options => new FtMEditor(options)),
        EditorDescriptor.Of<FtWOptions>("ft-w", options => new FtWEditor(options)),
        EditorDescriptor.Of<LocFtBfAugOptions>("locft-bf-aug", options => new LocFtBfAugEditor(options)),
        EditorDescriptor.Of<AdaLoraOptions>("adalora", options => new AdaLoraEditor(options)),
        EditorDescriptor.Of<FFtOptions>("f-ft", options => new FFtEditor(options)),
        EditorDescriptor.Of<FLoraOptions>("f-lora", options => new FLoraEditor(options)),
        EditorDescriptor.Of<FLoraFtOptions>("f-lora-ft", options => new FLoraFtEditor(options)),
        EditorDescriptor.Of<RoseLoraOptions>("roselora", options => new RoseLoraEditor(options)),
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
