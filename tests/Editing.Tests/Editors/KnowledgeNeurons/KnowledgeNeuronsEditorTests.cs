// I = MLP width, O = model width, L = layers.
using Harness.Editing;
using Harness.Editing.Editors.KnowledgeNeurons;
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.KnowledgeNeurons;

public sealed class KnowledgeNeuronsEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static KnowledgeNeuronsOptions Small => new() { Steps = 3, Contexts = TinyOptions.Contexts };

    private static readonly KnowledgeNeuronsOptions Options = new() { Contexts = new() { Lengths = [3], PerLength = 4 } };

    [Theory]
    [InlineData(20, 0.15)]
    [InlineData(2_000, 2e-3)]
    public void Attributions_of_a_layer_add_up_to_what_it_gives_as_steps_grow(int steps, double tolerance)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (prompt, token) = Prompt(tiny);
        var attributions_LI = Attribution.Of(tiny.Session, prompt, token, steps);
        for (var layer = 0; layer < 3; layer++)
        {
            var hidden_1TD = tiny.Model.Run(
                tiny.Model.Embed(tensor(Array.ConvertAll(prompt, id => (long)id), [1, prompt.Length])), 0, layer);
            var key_I = SubjectPrompt.Keys(tiny.Model, [new SubjectPrompt(prompt)], layer)[0];
            var ends = Numbers.Of(Attribution.Probability(tiny.Model, hidden_1TD, layer, stack([key_I, zeros_like(key_I)]), token));
            var whole = Numbers.Of(
                tiny.Model.Logits(tensor(Array.ConvertAll(prompt, id => (long)id), [1, prompt.Length]))[0, prompt.Length - 1].softmax(-1));
            Assert.Equal(whole[token], ends[0], 1e-5);
            Assert.True(Math.Abs(ends[0] - ends[1]) > 1e-6);
            Assert.InRange(Math.Abs(attributions_LI[layer].sum().AsDouble() / (ends[0] - ends[1]) - 1), 0, tolerance);
        }
    }

    [Fact]
    public void Changes_the_columns_of_the_neurons_found_and_nothing_else()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var neurons = KnowledgeNeuronsEditor.Find(tiny.Session, Options, contexts, TinySession.Ada);
        using var edit = EditorRegistry.Find("knowledge-neurons").Create(Options).Edit(tiny.Session, [TinySession.Ada]);
        Assert.NotEmpty(neurons);
        Assert.Equal(neurons.Count, edit.Figures["columns"]);
        var changed = edit.Deltas.SelectMany(delta =>
        {
            var layer = Enumerable.Range(0, 3).Single(number => Sites.DownProjection(number) == delta.Parameter);
            var lengths_I = Numbers.Of(delta.ToDense().pow(Held(2)).sum(0L));
            return Enumerable.Range(0, lengths_I.Length).Where(index => lengths_I[index] != 0).Select(index => new Neuron(layer, index));
        });
        Assert.Equal(neurons, changed);
    }

    // w Δv points from the old answer to the new one: a gated MLP's activation w may be negative.
    [Fact]
    public void Moves_what_a_neuron_adds_from_the_old_answer_to_the_new_by_its_own_length()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var edit = EditorRegistry.Find("knowledge-neurons").Create(Options with { MostNeurons = 40, Threshold = 0.05 })
            .Edit(tiny.Session, [TinySession.Ada]);
        var (head_VO, signs) = (tiny.Model.Parameter(Sites.Head), new List<double>());
        var (old_O, new_O) = (First("London"), First("Paris"));
        foreach (var delta in edit.Deltas)
        {
            var layer = Enumerable.Range(0, 3).Single(number => Sites.DownProjection(number) == delta.Parameter);
            var keys = Numbers.Of(SubjectPrompt.Keys(tiny.Model, [new SubjectPrompt(Prompt(tiny).Prompt)], layer)[0]);
            var (columns_OI, change_OI) = (tiny.Model.Parameter(delta.Parameter), delta.ToDense());
            var lengths = Numbers.Of(change_OI.pow(Held(2)).sum(0L));
            foreach (var index in Enumerable.Range(0, lengths.Length).Where(index => lengths[index] > 0))
            {
                var wanted_O = (new_O / new_O.norm(2f) * Held(8) - old_O / old_O.norm(2f)) * columns_OI.select(1, index).norm(2f);
                Assert.InRange(Numbers.Distance(change_OI.select(1, index) * Held(Math.Sign(keys[index])), wanted_O), 0, 1e-5);
                signs.Add(Math.Sign(keys[index]));
            }
        }

        Assert.Contains(1, signs);
        Assert.Contains(-1, signs);

        Tensor First(string answer) => head_VO[tiny.Session.Tokenizer.EncodeToIds(" " + answer)[0]];
    }

    [Fact]
    public void Keeps_the_neurons_that_enough_prompts_share()
    {
        using var scope = NewDisposeScope();
        var coarse = NeuronChoice.Coarse(tensor(new float[] { 0.1f, 1, -2, 0.2f, 0.19f, 0.5f }, [2, 3]), 0.2);
        Assert.Equal([new(0, 1), new(1, 0), new(1, 2)], coarse);

        Neuron often = new(1, 2), seldom = new(0, 4), once = new(0, 1);
        IReadOnlyList<Neuron>[] found = [.. Enumerable.Range(0, 10).Select(
            i => new List<Neuron>([often, .. i < 6 ? [seldom] : Array.Empty<Neuron>(), .. i < 1 ? [once] : Array.Empty<Neuron>()]))];
        Assert.Equal([often], NeuronChoice.Refined(found, new() { Adjustments = 0 }));

        // 0.7 gives one neuron, fewer than two; 0.6 gives two.
        Assert.Equal([seldom, often], NeuronChoice.Refined(found, new()));
        Assert.Equal([seldom, often], NeuronChoice.Refined(found, new() { Share = 0.01, LeastPrompts = 3 }));
    }

    [Fact]
    public void Asks_for_the_old_answer()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => EditorRegistry.Find("knowledge-neurons").Create(Options)
            .Edit(tiny.Session, [TinySession.Ada with { Id = 12, TargetOld = "" }]));
        Assert.StartsWith("case 12: found no old answer, expected one", error.Message, StringComparison.Ordinal);
    }

    private static (int[] Prompt, int Token) Prompt(TinySession tiny)
    {
        var sequence = TargetEncoding.Encode(tiny.Session.Tokenizer, TinySession.Ada.Prompt, TinySession.Ada.TargetOld, false);
        return (sequence.Ids[..sequence.TargetStart], sequence.Ids[sequence.TargetStart]);
    }
}
