using Harness.Editing;
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
using Harness.Editing.Locating;
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>What holds for each editor in the registry.</summary>
public sealed class EveryEditorTests
{
    private static readonly FineTuningOptions Tuning = new() { BatchSize = 2, Epochs = 2, LearningRate = 1e-3 };
    private static readonly FineTuningOptions Depth = Tuning with { Pipeline = Pipeline.DepthFirst, Steps = 2 };
    private static readonly ValueOptions Value = new() { Steps = 3 };
    private static readonly ContextOptions Contexts = new() { Lengths = [4], PerLength = 2 };

    private static readonly Dictionary<string, object> Options = new()
    {
        ["full-ft"] = new FullFtOptions { Tuning = Tuning },
        ["ft-c"] = new FtCOptions { Layer = 1, Tuning = Tuning },
        ["locft-bf"] = new LocFtBfOptions { Layer = 1, Tuning = Tuning },
        ["lora"] = new LoraOptions { Tuning = Tuning },
        ["rome"] = new RomeOptions { Layer = 1, Value = Value, Contexts = Contexts },
        ["memit"] = new MemitOptions { Layers = [0, 1], Value = Value, Contexts = Contexts, BatchSize = 2 },
        ["dft-ft"] = new DftFtOptions
        {
            MaxRounds = 2,
            InnerLearningRate = 1e-3,
            KeepOptimiserState = true,
            OldKnowledge = OldKnowledge.Model,
        },
        ["dft-lora"] = new DftLoraOptions { MaxRounds = 2, InnerLearningRate = 1e-3, Ranking = Ranking.WholeModel },
        ["ultraedit"] = new UltraEditOptions { Layers = [1], LearningRate = 1e-3, BatchSize = 2 },
        ["mend"] = new MendOptions { Training = new() { Layers = [1], Rank = 4, Steps = 2, BatchesPerStep = 1 }, BatchSize = 2 },
        ["rledit"] = new RlEditOptions { Training = new() { Layers = [1], Rank = 4, Sequences = 2, TurnSize = 1 }, BatchSize = 2 },
        ["grace"] = new GraceOptions { Layer = 1, Steps = 3 },
        ["wise"] = new WiseOptions { Layer = 1, Steps = 3, EditsPerShard = 2, Contexts = Contexts },
        ["ike"] = new IkeOptions { Layer = 1, AnswerTokens = 4, FactLabel = "", PromptLabel = ". ", End = ". " },
        ["serac"] = new SeracOptions { Training = new() { Layer = 1, ScopeSteps = 5, Tuning = Tuning }, AnswerTokens = 4 },
        ["r-rome"] = new RRomeOptions { Layer = 1, Value = Value, Contexts = Contexts },
        ["memit-seq"] = new MemitSeqOptions { Layers = [0, 1], Value = Value, Contexts = Contexts, BatchSize = 2 },
        ["emmet"] = new EmmetOptions { Layers = [1], Value = Value, Contexts = Contexts, BatchSize = 2 },
        ["pmet"] = new PmetOptions { Layers = [0, 1], Value = Value, Contexts = Contexts, BatchSize = 2 },
        ["rect"] = new RectOptions { Memit = new() { Layers = [0, 1], Value = Value, Contexts = Contexts, BatchSize = 2 } },
        ["prune"] = new PruneOptions { Rome = new() { Layer = 1, Value = Value, Contexts = Contexts } },
        ["alphaedit"] = new AlphaEditOptions { Layers = [0, 1], Value = Value, Contexts = Contexts, BatchSize = 2, NullThreshold = 0.5 },
        ["ft-l"] = new FtLOptions { Layer = 1, Tuning = Tuning },
        ["ft-m"] = new FtMOptions { Layer = 1, Tuning = Depth },
        ["ft-w"] = new FtWOptions { Layer = 1, Tuning = Depth },
        ["locft-bf-aug"] = new LocFtBfAugOptions { Layer = 1, Contexts = Contexts, Tuning = Tuning },
        ["adalora"] = new AdaLoraOptions { InitialRank = 3, TargetRank = 2, Tuning = Depth },
        ["f-ft"] = new FFtOptions { Tuning = Tuning, OldKnowledge = OldKnowledge.Model, EditsAtOnce = 2 },
        ["f-lora"] = new FLoraOptions { Rank = 2, Tuning = Tuning },
        ["f-lora-ft"] = new FLoraFtOptions { Rank = 2, Tuning = Tuning },
        ["t-patcher"] = new TPatcherOptions { Steps = 6, FirstCheck = 2, CheckEvery = 2 },
        ["calinet"] = new CaLiNetOptions { Neurons = 4, BatchSize = 2, Tuning = Tuning },
        ["knowledge-neurons"] = new KnowledgeNeuronsOptions { Steps = 3, Contexts = Contexts },
        ["roselora"] = new RoseLoraOptions { Rank = 2, DensePasses = 0, SparseFrom = 1, Tuning = Depth },
    };

    public static TheoryData<string> Names => [.. EditorRegistry.All.Select(editor => editor.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaves_the_model_as_it_was(string name)
    {
        using var tiny = new TinySession();
        var before = tiny.WeightHash();
        using var edit = Run(name, tiny.Session);
        Assert.Equal(before, tiny.WeightHash());
        Assert.All(tiny.Model.ParameterNames, parameter => Assert.False(tiny.Model.Parameter(parameter).requires_grad));
        Assert.True(edit.Deltas.Count > 0 || edit.Module is not null);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaks_no_tensor(string name)
    {
        using var tiny = new TinySession();
        Run(name, tiny.Session).Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        Run(name, tiny.Session).Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_the_same_bytes_for_the_same_seed(string name)
    {
        Assert.Equal(Bytes(name), Bytes(name));

        static byte[] Bytes(string name)
        {
            using var tiny = new TinySession();
            using var edit = Run(name, tiny.Session);
            var file = Path.GetTempFileName();
            edit.Save(file);
            var bytes = File.ReadAllBytes(file);
            File.Delete(file);
            return bytes;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Puts_the_weights_back_when_it_is_cancelled(string name)
    {
        using var stop = new CancellationTokenSource();
        using var tiny = new TinySession(progress: new Callback(_ => stop.Cancel()), cancellation: stop.Token);
        var before = tiny.WeightHash();
        Assert.Throws<OperationCanceledException>(() => Run(name, tiny.Session));
        Assert.Equal(before, tiny.WeightHash());
    }

    [Theory]
    [InlineData("ft-c")]
    [InlineData("ft-l")]
    [InlineData("ft-m")]
    [InlineData("ft-w")]
    [InlineData("locft-bf-aug")]
    [InlineData("rome")]
    [InlineData("memit")]
    public void Names_a_layer_that_the_model_lacks(string name)
    {
        using var tiny = new TinySession();
        object options = name switch
        {
            "ft-c" => new FtCOptions { Layer = 3 },
            "ft-l" => new FtLOptions { Layer = 3 },
            "ft-m" => new FtMOptions { Layer = 3 },
            "ft-w" => new FtWOptions { Layer = 3 },
            "locft-bf-aug" => new LocFtBfAugOptions { Layer = 3 },
            "rome" => new RomeOptions { Layer = 3 },
            _ => new MemitOptions { Layers = [1, 3] },
        };
        var editor = EditorRegistry.Find(name).Create(options);
        var error = Assert.Throws<InputException>(() => editor.Edit(tiny.Session, TinySession.All));
        Assert.Equal($"Editor '{name}': found layer 3, expected 0 to 2: the model has 3 layers.", error.Message);
    }

    [Theory]
    [InlineData("ft-c")]
    [InlineData("rome")]
    [InlineData("memit")]
    [InlineData("r-rome")]
    [InlineData("memit-seq")]
    [InlineData("emmet")]
    [InlineData("pmet")]
    [InlineData("rect")]
    [InlineData("prune")]
    [InlineData("alphaedit")]
    public void Names_a_layer_that_has_experts_and_no_one_down_projection(string name)
    {
        using var tiny = new TinySession();
        using var mixed = Harness.Models.Transformer.Create(
            tiny.Model.Config with { Family = "qwen2_moe", Experts = new(4, 2, 16, 16, true) }, seed: 1);
        var error = Assert.Throws<InputException>(() =>
            EditorRegistry.Find(name).Create(Options[name]).Edit(tiny.Session with { Model = mixed }, TinySession.All));
        Assert.StartsWith($"Editor '{name}': found experts in layer ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tunes_the_shared_expert_of_a_mixture()
    {
        using var tiny = new TinySession();
        using var mixed = Harness.Models.Transformer.Create(
            tiny.Model.Config with { Family = "qwen2_moe", Experts = new(4, 2, 16, 16, true) }, seed: 1);
        using var edit = EditorRegistry.Find("locft-bf").Create(Options["locft-bf"])
            .Edit(tiny.Session with { Model = mixed }, TinySession.All);
        Assert.Equal(["model.layers.1.mlp.shared_expert.down_proj.weight"], edit.Deltas.Select(delta => delta.Parameter));
    }

    [Theory]
    [InlineData("rome")]
    [InlineData("memit")]
    [InlineData("r-rome")]
    [InlineData("memit-seq")]
    [InlineData("emmet")]
    [InlineData("pmet")]
    [InlineData("rect")]
    [InlineData("prune")]
    [InlineData("alphaedit")]
    public void Names_a_subject_that_its_prompt_lacks(string name)
    {
        using var tiny = new TinySession();
        var request = TinySession.Ada with { Id = 12, Subject = "Ada Lovelace" };
        var error = Assert.Throws<InputException>(() => EditorRegistry.Find(name).Create(Options[name]).Edit(tiny.Session, [request]));
        Assert.Equal(
            "case 12: subject 'Ada Lovelace' does not occur as whole words in prompt 'Ada Byron was born in'; "
            + "expected its exact spelling; correct the record or leave it out.", error.Message);
    }

    [Theory]
    [InlineData("rome")]
    [InlineData("memit")]
    [InlineData("r-rome")]
    [InlineData("memit-seq")]
    [InlineData("emmet")]
    [InlineData("pmet")]
    [InlineData("rect")]
    [InlineData("prune")]
    [InlineData("alphaedit")]
    public void Asks_for_the_statistics_that_it_reads(string name)
    {
        using var tiny = new TinySession();
        Assert.NotEmpty(EditorRegistry.Find(name).StatisticsLayers(Options[name]));
        var editor = EditorRegistry.Find(name).Create(Options[name]);
        var error = Assert.Throws<InputException>(() => editor.Edit(tiny.Session with { Statistics = null }, TinySession.All));
        Assert.StartsWith($"Editor '{name}' needs key statistics of layer ", error.Message, StringComparison.Ordinal);
    }

    private static Edit Run(string name, EditSession session)
    {
        var descriptor = EditorRegistry.Find(name);
        if (descriptor.Training is not { } training)
            return descriptor.Create(Options[name]).Edit(session, TinySession.All);

        var file = Path.GetTempFileName();
        try
        {
            training.Run(training.OptionsOf(Options[name]), session, file);
            return descriptor.Create(Options[name]).Edit(session with { TrainedFile = file }, TinySession.All);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class Callback(Action<string> action) : IProgress<string>
    {
        public void Report(string value) => action(value);
    }
}
