using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Measuring.Data;
using Harness.Models;
using TorchSharp;

namespace Harness.Tests.Capability;

/// <summary>Every expected value is worked out by hand from the probabilities that the model is given.</summary>
public sealed class CapabilityProbesTests
{
    private const double Near = 1e-5;

    [Fact]
    public void Choice_takes_the_likeliest_candidate_and_is_freed_of_chance()
    {
        using var chain = new Chain().Set("a", (" b", 0.5), (" c", 0.25), (" d", 0.125), (" e", 0.125));

        // Right: (1 − ¼) / (1 − ¼). Wrong: (0 − ¼) / ¾. Two equally likely: (½ − ½) / ½.
        Assert.Equal([1, -1 / 3.0, 0],
            Values(chain, "choice", Question("b", "c", "d", "e"), Question("c", "b", "d", "e"), Question("d", "e")));
    }

    [Fact]
    public void Candidates_are_compared_by_the_sum_over_their_tokens()
    {
        using var chain = new Chain().Set("a", (" b", 0.5), (" c", 0.25), (" d", 0.25)).Set(" b", (" f", 0.4), (" g", 0.6));

        // p(b f) = 0.5 · 0.4 = 0.2 < 0.25, although its mean per token is the higher.
        Assert.Equal([-1], Values(chain, "choice", Question("b f", "c")));
        Assert.Equal([1], Values(chain, "choice", Question("b g", "c")));
    }

    [Fact]
    public void Recall_asks_for_every_token_and_is_kept_by_kind()
    {
        using var chain = new Chain().Set("a", (" b", 0.6), (" c", 0.4)).Set(" b", (" f", 0.4), (" g", 0.6));
        ProbeQuestion[] questions =
        [
            Question("b", []) with { Kind = "same-subject" }, Question("b f", []) with { Kind = "same-subject" },
            Question("c", []) with { Kind = "same-relation" }, Question("b g", []), Question("c", "b") with { Kind = "choice" },
        ];
        var series = Ask(chain, questions);
        Assert.Equal(["choice", "recall-same-relation", "recall-same-subject", "recall-unrelated"], series.Keys);
        Assert.Equal([new SeriesItem(0, 1), new SeriesItem(1, 0)], series["recall-same-subject"]);
        Assert.Equal([new SeriesItem(2, 0)], series["recall-same-relation"]);
        Assert.Equal([new SeriesItem(3, 1)], series["recall-unrelated"]);
        Assert.Equal([new SeriesItem(4, -1)], series["choice"]);
    }

    [Fact]
    public void Held_out_texts_are_compared_position_by_position()
    {
        using var chain = Texts();
        var probes = new CapabilityProbes(chain.Tokenizer, [], ["a b", "h"]);
        using var before = probes.Before(chain.Model);

        // Behind "a": b ½ → ¼, c ¼ → ½. Before: (ln 2 + ln 2) / 2, after: (ln 2 + ln 4) / 2. KL at that one of two positions: ½ ln 2 − ¼ ln
        // 2.
        using var edit = chain.Scale("a", (" b", 0.5), (" c", 2));
        using (edit.ApplyTo(chain.Model))
        {
            var series = probes.Ask(new EditedModel(chain.Model, edit.Module), before);
            Assert.Equal(["kl", "perplexity"], series.Keys);
            Assert.Equal([0, 1], series["perplexity"].Select(item => item.Id));
            AssertNear([Math.Log(2) / 2, 0], series["perplexity"]);
            AssertNear([Math.Log(2) / 8, 0], series["kl"]);
        }

        // Undone, it is the unedited model again: exactly nothing.
        Assert.All(probes.Ask(new EditedModel(chain.Model), before).Values.SelectMany(items => items), item => Assert.Equal(0, item.Value));
    }

    [Fact]
    public void Texts_longer_than_the_model_count_every_token_once()
    {
        using var chain = Texts(positions: 2).Set(" b", (" c", 0.125), (" d", 0.875)).Set(" c", (" b", 0.5), (" c", 0.5));
        var probes = new CapabilityProbes(chain.Tokenizer, [], ["a b c b c"]);
        using var before = probes.Before(chain.Model);

        // Behind "b", twice of five: c ⅛ → ¼, d ⅞ → ¾.
        using var edit = chain.Scale(" b", (" c", 2), (" d", 6 / 7.0));
        using var applied = edit.ApplyTo(chain.Model);
        var series = probes.Ask(new EditedModel(chain.Model), before);
        AssertNear([-2 * Math.Log(2) / 5], series["perplexity"]);
        AssertNear([2 * ((0.125 * Math.Log(0.5)) + (0.875 * Math.Log(7 / 6.0))) / 5], series["kl"]);
    }

    [Fact]
    public void What_an_edit_keeps_beside_the_weights_is_asked_too()
    {
        using var chain = Texts().Set("h", ("a", 0.25), ("h", 0.75));
        var probes = new CapabilityProbes(chain.Tokenizer, [], ["a"]);
        using var before = probes.Before(chain.Model);
        using var module = new Replacing(chain.Id("h"));

        // The beginning is answered as "h" would be: a ½ → ¼, h ½ → ¾.
        var series = probes.Ask(new EditedModel(chain.Model, module), before);
        AssertNear([Math.Log(2)], series["perplexity"]);
        AssertNear([(0.5 * Math.Log(2)) + (0.5 * Math.Log(2 / 3.0))], series["kl"]);
    }

    [Fact]
    public void Without_a_baseline_and_questions_there_are_no_series()
    {
        using var chain = new Chain();
        Assert.Empty(new CapabilityProbes(chain.Tokenizer, [], ["a"]).Ask(new EditedModel(chain.Model), before: null));
        using var none = new CapabilityProbes(chain.Tokenizer, [], []).Before(chain.Model);
        Assert.Empty(new CapabilityProbes(chain.Tokenizer, [], []).Ask(new EditedModel(chain.Model), none));
    }

    [Fact]
    public void Unsound_questions_and_texts_are_named()
    {
        using var chain = new Chain(positions: 3);
        Assert.Equal(
            "probe question 1 'a': found the answer 'b' among the distractors, expected other answers of its type; correct the question",
            Assert.Throws<InputException>(() => Ask(chain, Question("b", "c"), Question("b", "c", "b"))).Message);
        Assert.Equal(
            "probe question 0 'a': found 4 tokens with the answer 'b c d', expected at most 3, the model's positions; shorten it",
            Assert.Throws<InputException>(() => Ask(chain, Question("b c d", "c"))).Message);
        Assert.Equal(
            "held-out text 1: found no tokens, expected a text; remove it",
            Assert.Throws<InputException>(() => new CapabilityProbes(chain.Tokenizer, [], ["a", ""]).Before(chain.Model)).Message);
    }

    // Behind the beginning: a ½, h ½. Behind "a": b ½, c ¼, d ¼.
    private static Chain Texts(int positions = 16)
    {
        var chain = new Chain(positions);
        return chain.Set(chain.Begin, (chain.Id("a"), 0.5), (chain.Id("h"), 0.5)).Set("a", (" b", 0.5), (" c", 0.25), (" d", 0.25));
    }

    private static ProbeQuestion Question(string answer, params string[] distractors) => new("unrelated", "a", answer, distractors);

    private static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Ask(Chain chain, params ProbeQuestion[] questions) =>
        new CapabilityProbes(chain.Tokenizer, questions, []).Ask(new EditedModel(chain.Model), before: null);

    private static double[] Values(Chain chain, string series, params ProbeQuestion[] questions) =>
        [.. Ask(chain, questions)[series].Select(item => item.Value)];

    private static void AssertNear(double[] expected, IReadOnlyList<SeriesItem> items) =>
        Assert.Equal(expected, items.Select(item => item.Value), (x, y) => Math.Abs(x - y) < Near);

    private sealed class Replacing(int id) : EditModule("replacing", new Dictionary<string, torch.Tensor>(), [])
    {
        public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts) =>
            [.. prompts.Select(_ => new PromptRoute(0, [id]))];
    }
}
