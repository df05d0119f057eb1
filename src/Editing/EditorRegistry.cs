using Harness.Editing.Editors.AdaLora;
using Harness.Editing.Editors.AlphaEdit;
using Harness.Editing.Editors.CaLiNet;
using Harness.Editing.Editors.DftFt;
using Harness.Editing.Editors.DftLora;
using Harness.Editing.Editors.Emmet;
using Harness.Editing.Editors.FFt;
using Harness.Editing.Editors.FLora;
using Harness.Editing.Editors.FLoraFt;
using Harness.Editing.Editors.FtC;
using Harness.Editing.Editors.FtL;
using Harness.Editing.Editors.FtM;
using Harness.Editing.Editors.FtW;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Editors.Grace;
using Harness.Editing.Editors.Ike;
using Harness.Editing.Editors.KnowledgeNeurons;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.LocFtBfAug;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.MemitSeq;
using Harness.Editing.Editors.Mend;
using Harness.Editing.Editors.Pmet;
using Harness.Editing.Editors.Prune;
using Harness.Editing.Editors.RRome;
using Harness.Editing.Editors.Rect;
using Harness.Editing.Editors.RlEdit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Editors.RoseLora;
using Harness.Editing.Editors.Serac;
using Harness.Editing.Editors.TPatcher;
using Harness.Editing.Editors.UltraEdit;
using Harness.Editing.Editors.Wise;
using Harness.Editing.Neurons;

namespace Harness.Editing;

/// <summary>All editors, by the papers' names. A new one is a folder below Editors/ and one line here.</summary>
public static class EditorRegistry
{
    /// <summary>The editors, in the order of the documentation.</summary>
    public static IReadOnlyList<EditorDescriptor> All { get; } =
    [
        EditorDescriptor.Of<FullFtOptions>("full-ft", options => new FullFtEditor(options)),
        EditorDescriptor.Of<FtCOptions>("ft-c", options => new FtCEditor(options)),
        EditorDescriptor.Of<FtLOptions>("ft-l", options => new FtLEditor(options)),
        EditorDescriptor.Of<FtMOptions>("ft-m", options => new FtMEditor(options)),
        EditorDescriptor.Of<FtWOptions>("ft-w", options => new FtWEditor(options)),
        EditorDescriptor.Of<LocFtBfOptions>("locft-bf", options => new LocFtBfEditor(options)),
        EditorDescriptor.Of<LocFtBfAugOptions>("locft-bf-aug", options => new LocFtBfAugEditor(options)),
        EditorDescriptor.Of<LoraOptions>("lora", options => new LoraEditor(options)),
        EditorDescriptor.Of<AdaLoraOptions>("adalora", options => new AdaLoraEditor(options)),
        EditorDescriptor.Of<RoseLoraOptions>("roselora", options => new RoseLoraEditor(options)),
        EditorDescriptor.Of<FFtOptions>("f-ft", options => new FFtEditor(options)),
        EditorDescriptor.Of<FLoraOptions>("f-lora", options => new FLoraEditor(options)),
        EditorDescriptor.Of<FLoraFtOptions>("f-lora-ft", options => new FLoraFtEditor(options)),
        EditorDescriptor.Of<DftFtOptions>("dft-ft", options => new DftFtEditor(options)),
        EditorDescriptor.Of<DftLoraOptions>("dft-lora", options => new DftLoraEditor(options)),
        EditorDescriptor.Locating<RomeOptions>("rome", options => new RomeEditor(options), options => [options.Layer]),
        EditorDescriptor.Locating<RRomeOptions>("r-rome", options => new RRomeEditor(options), options => [options.Layer]),
        EditorDescriptor.Locating<MemitOptions>("memit", options => new MemitEditor(options), options => options.Layers),
        EditorDescriptor.Locating<MemitSeqOptions>("memit-seq", options => new MemitSeqEditor(options), options => options.Layers),
        EditorDescriptor.Locating<EmmetOptions>("emmet", options => new EmmetEditor(options), options => options.Layers),
        EditorDescriptor.Locating<PmetOptions>("pmet", options => new PmetEditor(options), options => options.Layers),
        EditorDescriptor.Locating<RectOptions>("rect", options => new RectEditor(options), options => options.Layers),
        EditorDescriptor.Locating<PruneOptions>("prune", options => new PruneEditor(options), options => options.Layers),
        EditorDescriptor.Locating<AlphaEditOptions>("alphaedit", options => new AlphaEditEditor(options), options => options.Layers),
        EditorDescriptor.Of<UltraEditOptions>("ultraedit", options => new UltraEditEditor(options)),
        EditorDescriptor.Of<MendOptions>("mend", options => new MendEditor(options)) with
        {
            Examples = ExampleUse.Needed,
            Training = EditorTraining.Of<MendOptions, MendTrainingOptions>(
                options => options.Training, (options, session, file) => new MendTraining(options, session).Run(file)),
        },
        EditorDescriptor.Of<RlEditOptions>("rledit", options => new RlEditEditor(options)) with
        {
            Examples = ExampleUse.Needed,
            Training = EditorTraining.Of<RlEditOptions, RlEditTrainingOptions>(
                options => options.Training, (options, session, file) => new RlEditTraining(options, session).Run(file)),
        },
        EditorDescriptor.Of<GraceOptions>(
            "grace", options => new GraceEditor(options)) with { LoadModule = (tensors, settings) => new GraceModule(tensors, settings) },
        EditorDescriptor.Of<WiseOptions>("wise", options => new WiseEditor(options)) with
        {
            Examples = ExampleUse.Needed,
            LoadModule = (tensors, settings) => new WiseModule(tensors, settings),
        },
        EditorDescriptor.Of<IkeOptions>("ike", options => new IkeEditor(options)) with
        {
            Examples = ExampleUse.Optional,
            LoadModule = (tensors, settings) => new IkeModule(tensors, settings),
        },
        EditorDescriptor.Of<SeracOptions>("serac", options => new SeracEditor(options)) with
        {
            Examples = ExampleUse.Needed,
            Training = EditorTraining.Of<SeracOptions, SeracTrainingOptions>(options => options.Training, SeracTraining.Run),
            LoadModule = (tensors, settings) => new SeracModule(tensors, settings),
        },
        EditorDescriptor.Of<TPatcherOptions>("t-patcher", options => new TPatcherEditor(options)) with
        {
            Examples = ExampleUse.Optional,
            LoadModule = ExtraNeurons.Loader("t-patcher"),
        },
        EditorDescriptor.Of<CaLiNetOptions>(
            "calinet", options => new CaLiNetEditor(options)) with { LoadModule = ExtraNeurons.Loader("calinet") },
        EditorDescriptor.Of<KnowledgeNeuronsOptions>("knowledge-neurons", options => new KnowledgeNeuronsEditor(options)),
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
