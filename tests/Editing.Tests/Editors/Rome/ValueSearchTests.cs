// N = requests, D = model width, V = vocabulary.
using Harness.Editing;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Rome;

public sealed class ValueSearchTests
{
    private static readonly string[] Contexts = ["", "The old I. ", "You know. "];

    [Fact]
    public void Finds_the_same_for_several_requests_as_for_each_alone()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var values_ND = Outputs(tiny);
        var options = new ValueOptions { StopLoss = 1.5 };
        var (together_ND, losses) = new ValueSearch(tiny.Session, options, Contexts).Run(TinySession.All, 1, values_ND);
        var inParts = options with { RequestsPerPass = 2 };
        var (parted_ND, _) = new ValueSearch(tiny.Session, inParts, Contexts).Run(TinySession.All, 1, values_ND);
        for (var i = 0; i < 3; i++)
        {
            var (alone_ND, loss) = new ValueSearch(tiny.Session, options, Contexts).Run([TinySession.All[i]], 1, values_ND.narrow(0, i, 1));
            Assert.Equal(loss[0], losses[i], 1e-3);
            Assert.InRange(Numbers.Distance(together_ND[i], alone_ND[0]), 0, 2e-3);
            Assert.InRange(Numbers.Distance(parted_ND[i], alone_ND[0]), 0, 2e-3);
        }
    }

    [Fact]
    public void Loss_is_that_of_adding_the_change_to_the_MLP_s_output()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var options = new ValueOptions { Steps = 4, KlFactor = 0.5, WeightDecay = 0.5 };
        var value_1D = Outputs(tiny).narrow(0, 0, 1);
        var (delta_1D, losses) = new ValueSearch(tiny.Session, options, Contexts).Run([TinySession.Ada], 1, value_1D);
        var (nll, kl) = Terms(tiny, delta_1D, null);
        var decay = 0.5 * delta_1D.norm(2f).AsDouble() / Math.Pow(value_1D.norm(2f).AsDouble(), 2);
        Assert.True(kl > 1e-3 && decay > 1e-3);
        Assert.Equal(nll + 0.5 * kl + decay, losses[0], 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Loss_is_that_of_adding_two_changes_to_MLP_and_attention(int layer)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var options = new ValueOptions { Steps = 4, KlFactor = 0.5, WeightDecay = 0.5 };
        SubjectPrompt[] plain = [SubjectPrompt.Of(tiny.Session, TinySession.Ada, "")];
        var value_1D = SubjectPrompt.Parts(tiny.Model, plain, layer, ofAttention: false);
        var mixed_1D = SubjectPrompt.Parts(tiny.Model, plain, layer, ofAttention: true);
        var (mlp_1D, attention_1D, losses) =
            new ValueSearch(tiny.Session, options, Contexts).RunWithAttention([TinySession.Ada], layer, value_1D, mixed_1D);
        var (nll, kl) = Terms(tiny, mlp_1D, attention_1D, layer);
        var decay = 0.5 * mlp_1D.norm(2f).AsDouble() / Math.Pow(value_1D.norm(2f).AsDouble(), 2)
            + 0.5 * attention_1D.norm(2f).AsDouble() / Math.Pow(mixed_1D.norm(2f).AsDouble(), 2);
        Assert.True(layer == 2 || attention_1D.norm(2f).AsDouble() > 1e-2);
        Assert.Equal(nll + 0.5 * kl + decay, losses[0], 1e-4);
    }

    [Fact]
    public void Ends_or_counts_less_once_the_answer_is_the_likeliest()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var tuning = new FineTuningOptions { Epochs = 60, LearningRate = 5e-3, AppendEos = false };
        using var learnt = EditorRegistry.Find("full-ft").Create(new FullFtOptions { Tuning = tuning }).Edit(tiny.Session, TinySession.All);
        using var applied = learnt.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
        var values_ND = Outputs(tiny);
        var options = new ValueOptions { StopLoss = 0 };
        var (usual_ND, usual) = new ValueSearch(tiny.Session, options, [""]).Run(TinySession.All, 1, values_ND);

        // Known from the first step on, the answers count in that one only where their factor is 0, and where any KL term will do, that is
        // the last.
        var (same_ND, _) = Search(new KnownAnswer(1, -1));
        Assert.Equal(Numbers.Of(usual_ND), Numbers.Of(same_ND));
        var (_, unweighed) = Search(new KnownAnswer(0, -1));
        Assert.All(usual.Zip(unweighed), pair => Assert.NotEqual(pair.First, pair.Second));
        var (ended_ND, losses) = Search(new KnownAnswer(1, 0));
        Assert.All(Numbers.Of(ended_ND), value => Assert.Equal(0, value));
        Assert.All(losses, loss => Assert.True(loss > 0));

        (Tensor Delta_ND, double[] Losses) Search(KnownAnswer known) =>
            new ValueSearch(tiny.Session, options, [""]) { Known = known }.Run(TinySession.All, 1, values_ND);
    }

    private static (double Nll, double Kl) Terms(TinySession tiny, Tensor mlp_1D, Tensor? attention_1D, int layer = 1)
    {
        var nll = 0.0;
        foreach (var context in Contexts)
        {
            var prompt = context + TinySession.Ada.Prompt;
            var sequence = TargetEncoding.Encode(tiny.Session.Tokenizer, prompt, TinySession.Ada.TargetNew, false);
            var hook = new Adding(layer, SubjectPosition.Find(tiny.Session.Tokenizer, TinySession.Ada, context), mlp_1D, attention_1D);
            var logits_NV = Logits(tiny, sequence.Ids, hook).narrow(0, sequence.TargetStart - 1, sequence.TargetLength);
            var labels_N = tensor(sequence.Ids[sequence.TargetStart..].Select(id => (long)id).ToArray());
            nll += nn.functional.cross_entropy(logits_NV, labels_N).AsDouble() / Contexts.Length;
        }

        int[] ids = [.. tiny.Session.Tokenizer.Prefix, .. tiny.Session.Tokenizer.EncodeToIds("Ada Byron is a")];
        var subject = SubjectPosition.Find(tiny.Session.Tokenizer, "Ada Byron is a", 0, "Ada Byron".Length);
        var now_V = nn.functional.log_softmax(Logits(tiny, ids, new Adding(layer, subject, mlp_1D, attention_1D))[subject], -1);
        var before_V = nn.functional.log_softmax(Logits(tiny, ids, null)[subject], -1);
        return (nll, (now_V.exp() * (now_V - before_V)).sum().AsDouble());
    }

    [Fact]
    public void Keeps_the_change_within_its_clamp()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var values_ND = Outputs(tiny);
        var (delta_ND, _) = new ValueSearch(tiny.Session, new ValueOptions { Clamp = 0.1 }, Contexts).Run(TinySession.All, 1, values_ND);
        for (var i = 0; i < 3; i++)
            Assert.Equal(0.1, delta_ND[i].norm(2f).AsDouble() / values_ND[i].norm(2f).AsDouble(), 1e-4);
    }

    private static Tensor Outputs(TinySession tiny) =>
        SubjectPrompt.Outputs(tiny.Model, [.. TinySession.All.Select(request => SubjectPrompt.Of(tiny.Session, request, ""))], 1);

    private static Tensor Logits(TinySession tiny, int[] ids, IActivationHook? hook) =>
        tiny.Model.Logits(tensor(Array.ConvertAll(ids, id => (long)id), [1, ids.Length]), hook)[0];

    private sealed class Adding(int wanted, int position, Tensor mlp_1D, Tensor? attention_1D) : IActivationHook
    {
        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) => Added(layer, mixed_BTD, attention_1D);

        public Tensor MlpOutput(int layer, Tensor value_BTD) => Added(layer, value_BTD, mlp_1D);

        private Tensor Added(int layer, Tensor output_BTD, Tensor? delta_1D)
        {
            if (layer != wanted || delta_1D is null)
                return output_BTD;

            var changed_BTD = output_BTD.clone();
            changed_BTD.select(1, position).PlusInPlace(delta_1D);
            return changed_BTD;
        }
    }
}
