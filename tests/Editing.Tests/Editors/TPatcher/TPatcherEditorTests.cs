// E = neurons, M = remembered queries, D = model width.
using Harness.Editing;
using Harness.Editing.Editors.TPatcher;
using Harness.Editing.Neurons;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.TPatcher;

public sealed class TPatcherEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static TPatcherOptions Small => new() { Steps = 6, FirstCheck = 2, CheckEvery = 2 };

    private static readonly TPatcherOptions Options = new() { Steps = 300 };

    [Fact]
    public void Corrects_every_edit_by_neurons_alone()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        Assert.Empty(edit.Deltas);
        Assert.All(TinySession.All, request => Assert.False(tiny.Answers(request)));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void Freezes_the_neurons_of_earlier_edits()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var seen = new List<double[]>();
        var session = tiny.Session with { AfterBatch = (_, module) => seen.Add(Numbers.Of(module!.Tensors["values"])) };
        using var edit = EditorRegistry.Find("t-patcher").Create(Options with { Steps = 20, FirstCheck = 5 })
            .Edit(session, TinySession.All);
        Assert.Equal(3, seen.Count);
        Assert.True(seen[0].Length < seen[1].Length && seen[1].Length < seen[2].Length);
        Assert.Equal(seen[0], seen[2].Take(seen[0].Length));
        Assert.Equal(seen[1], seen[2].Take(seen[1].Length));
    }

    [Fact]
    public void Takes_a_neuron_for_each_wrong_token_or_one_for_all()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var brief = Options with { Steps = 3, FirstCheck = 1 };
        using var several = EditorRegistry.Find("t-patcher").Create(brief).Edit(tiny.Session, [TinySession.Ada]);
        using var one = EditorRegistry.Find("t-patcher").Create(brief with { MaxNeurons = 1 }).Edit(tiny.Session, [TinySession.Ada]);
        Assert.True(several.Figures["neurons"] > 1);
        Assert.Equal([1, TinySession.Width], one.Module!.Tensors["keys"].shape);
    }

    [Fact]
    public void Adds_nothing_where_the_answer_is_right_already()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        using var applied = edit.ApplyTo(tiny.Model);
        using var again = Edit(tiny, Options);
        Assert.Equal(0, again.Figures["neurons"]);
    }

    [Fact]
    public void Keeps_quiet_at_what_it_remembers()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var others = TinySession.Examples.SelectMany(example => example.Locality)
            .Select(other => TargetEncoding.Encode(tiny.Session.Tokenizer, other.Prompt, other.Answer, appendEos: true)).ToList();
        using var mlp = new LastMlp(tiny.Session, others);
        using var edit = Edit(tiny, Options);
        using var forgetful = EditorRegistry.Find("t-patcher").Create(Options).Edit(tiny.Session with { Examples = [] }, TinySession.All);
        Assert.True(Loudest(edit) < Loudest(forgetful) - 1);

        double Loudest(Edit one) =>
            nn.functional.linear(mlp.Inputs_ND, one.Module!.Tensors["keys"], one.Module.Tensors["biases"]).max().AsDouble();
    }

    [Fact]
    public void Keys_start_with_one_at_their_own_query()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var samples = Harness.Editing.Pipelines.TrainingSamples.New(tiny.Session, [TinySession.Ada], appendEos: true);
        using var mlp = new LastMlp(tiny.Session, samples);
        var still = new PatchTraining(tiny.Session, Options with { Steps = 1, LearningRate = 1e-12, MaxNeurons = 1 });
        var (patch, _) = still.Run(mlp.Inputs_ND, mlp.Outputs_ND, mlp.Labels, zeros(0, TinySession.Width), "test");
        Assert.Equal(1, mlp.Inputs_ND.matmul(patch!.Keys_ED.t())[0].AsDouble(), 1e-5);
        Assert.InRange(patch.Values_ED.std(unbiased: false).AsDouble(), 5, 15);
    }

    [Fact]
    public void Memory_loss_is_that_of_the_paper_by_hand()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var memory_MD = tensor(new float[] { 1, 0, 0, 1, 1, 1 }, [3, 2]);
        var keys_ED = tensor(new float[] { 0.5f, -1 }, [1, 2]);
        var training = new PatchTraining(tiny.Session, Options with { MemoryTop = 2, MemoryBound = -1, MemoryMargin = 2 });

        // m·k + b = 0.6, −0.9, −0.4 with b = 0.1; q·k + b = 0.7; the two largest count.
        var loss = training.MemoryLoss(tensor(new[] { 0.7f }, [1, 1]), memory_MD, keys_ED, tensor(new[] { 0.1f }))!;
        var wanted = (Math.Exp(1.6) + Math.Exp(0.6)) / 2 + (Math.Exp(1.9) + Math.Exp(0.9)) / 2;
        Assert.Equal(wanted, loss.AsDouble(), 1e-4);
    }

    private static Edit Edit(TinySession tiny, TPatcherOptions options) =>
        EditorRegistry.Find("t-patcher").Create(options).Edit(tiny.Session, TinySession.All);
}
