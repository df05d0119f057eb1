using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Generation;

namespace Harness.Tests.Metrics;

/// <summary>A model that has memorised four answers; every expected score is worked out by hand from what it knows.</summary>
public sealed class ScorerTests : IClassFixture<ScorerTests.Memory>
{
    private readonly Memory memory;

    public ScorerTests(Memory memory) => this.memory = memory;

    [Fact]
    public void Tf_token_is_the_share_of_target_tokens_that_are_the_argmax()
    {
        // The model says "red fox"; of the target "red dog" the first of two tokens is right. "dog" comes from "blue dog".
        Assert.Equal(2, Tokens("red dog"));
        Assert.Equal(0.5, Answer(Protocol.TfToken, "Ann saw a", "red dog"));
        Assert.Equal(1.0, Answer(Protocol.TfToken, "Ann saw a", "red fox"));
    }

    [Fact]
    public void Tf_all_asks_for_every_token()
    {
        Assert.Equal(0.0, Answer(Protocol.TfAll, "Ann saw a", "red dog"));
        Assert.Equal(1.0, Answer(Protocol.TfAll, "Ann saw a", "red fox"));
    }

    [Fact]
    public void Wild_em_decodes_and_matches_after_normalisation()
    {
        Assert.Equal(1.0, Answer(Protocol.WildEm, "Ann saw a", "red fox"));
        Assert.Equal(1.0, Answer(Protocol.WildEm, "Ann saw a", "The Red Fox!"));
        Assert.Equal(0.0, Answer(Protocol.WildEm, "Ann saw a", "red"));
        Assert.Equal(0.0, Answer(Protocol.WildEm, "Ann saw a", "red fox dog"));
    }

    [Fact]
    public void Locality_counts_unchanged_argmax_tokens_whether_right_or_wrong() =>
        Assert.Equal([1.0, 0.5, 0.0], Harness.Measuring.Metrics.Scorer.Unchanged([[1, 2], [1, 2], [7]], [[1, 2], [1, 9], [8]]));

    [Fact]
    public void Rephrases_and_locality_questions_are_averaged_within_their_case()
    {
        var cases = new[]
        {
            new EditCase
            {
                Id = 4, Subject = "Ann", Prompt = "Ann saw a", TargetNew = "red fox", TargetOld = "x",
                Rephrases = ["Ann saw a", "Bob saw a"], Locality = [new("Cid saw a", "red dog"), new("Dee saw a", "blue fox")],
            },
        };
        var scorer = Scorer(new ScoringOptions(Protocol.TfAll));
        var before = scorer.LocalityOutputs(cases).Select(ids => ids.ToArray()).ToArray();
        before[1][0]++;

        // Reliability: right. Generality: "Ann" right, "Bob saw a blue dog" wrong. Locality: one question unchanged, the other in one token
        // of two.
        var score = Assert.Single(scorer.Score(cases, before));
        var said = score.Said!;
        Assert.Equal("""{"id":4,"values":{"generality":0.5,"locality":0.75,"reliability":1}}""",
            CanonicalJson.ToText(score with { Said = null }));
        Assert.Equal(["red fox"], said["reliability"]);
        Assert.Equal("red fox", said["generality"][0]);
        Assert.StartsWith("blue", said["generality"][1]);
        Assert.Equal(2, said["locality"].Count);
        var read = CanonicalJson.FromText<CaseScore>(CanonicalJson.ToText(score));
        Assert.Equal(score.Values, read.Values);
        Assert.Equal(said["generality"], read.Said!["generality"]);
        Assert.Null(Assert.Single(scorer.Score(cases, before: null)).Of("locality"));
    }

    [Fact]
    public void What_a_case_has_not_is_absent()
    {
        var score = Assert.Single(Scorer(new ScoringOptions(Protocol.TfAll)).Score([Case("Ann saw a", "red fox", "x")], before: []));
        Assert.Equal([KeyValuePair.Create("reliability", 1.0)], score.Values);
    }

    [Fact]
    public void Portability_is_the_mean_over_the_questions_one_hop_away()
    {
        var edit = Case("Ann saw a", "red fox", "x") with { Portability = [new("Bob saw a", "blue dog"), new("Cid saw a", "blue dog")] };
        Assert.Equal(0.5, Assert.Single(Scorer(new ScoringOptions(Protocol.TfAll)).Score([edit], before: null))
            .Of("portability"));
        Assert.Equal(0.75, Assert.Single(Scorer(new ScoringOptions(Protocol.TfToken)).Score([edit], before: null))
            .Of("portability"));
    }

    [Fact]
    public void The_answer_that_it_comes_nearest_to_scores_a_question_with_several()
    {
        // The model says "red fox": of "red dog" one token of two, of "blue dog" none.
        var either = new Question("Ann saw a", "blue dog") { Aliases = ["red dog", "red fox"] };
        var neither = new Question("Ann saw a", "blue dog") { Aliases = ["red dog"] };
        Assert.Equal([1, 0.5, 0], Answers(Protocol.TfToken, either, neither, new("Ann saw a", "blue dog")));
        Assert.Equal([1, 0, 0], Answers(Protocol.TfAll, either, neither, new("Ann saw a", "blue dog")));
        Assert.Equal([1, 0, 1], Answers(Protocol.WildEm, either, neither, new("Ann saw a", "red fox")));

        double[] Answers(Protocol protocol, params Question[] questions) => Scorer(new ScoringOptions(protocol)).Answers(questions);
    }

    [Fact]
    public void A_test_is_its_best_question_or_its_worst_and_a_criterion_the_mean_over_its_tests()
    {
        // Of "red dog" the first token of two is right, of "blue dog" none, of "red fox" both.
        Question right = new("Ann saw a", "red fox"), half = new("Ann saw a", "red dog"), wrong = new("Ann saw a", "blue dog");
        var edit = Case("Ann saw a", "red fox", "x") with
        {
            Tests =
            [
                new("multi-hop", [wrong, half, right]), new("multi-hop", [wrong]), new("multi-hop", [half, wrong]),
                new("instance-wise", [right, half, right]) { IsWhole = true }, new("preservation", [right]),
            ],
        };
        var other = Case("Bob saw a", "blue dog", "x") with { Id = 1, Tests = [new("multi-hop", [new("Bob saw a", "blue dog")])] };
        var scores = Scorer(new ScoringOptions(Protocol.TfToken)).Score([edit, other], before: null);
        Assert.Equal((1 + 0 + 0.5) / 3, scores[0].Of("multi-hop")!.Value, 12);
        Assert.Equal((0.5, 1.0), (scores[0].Of("instance-wise"), scores[0].Of("preservation")));
        Assert.Equal((1.0, null, null), (scores[1].Of("multi-hop"), scores[1].Of("instance-wise"), scores[1].Of("preservation")));
        Assert.Equal(6, scores[0].Said!["multi-hop"].Count);
        Assert.Equal(1 / 3.0, Scorer(new ScoringOptions(Protocol.TfAll)).Score([edit], before: null)[0].Of("multi-hop")!.Value, 12);
        Assert.Equal(0, Scorer(new ScoringOptions(Protocol.WildEm)).Score([edit], before: null)[0].Of("instance-wise"));
        Assert.Null(Scorer(new ScoringOptions(Protocol.NllPair)).Score([edit], before: null)[0].Of("multi-hop"));
    }

    [Fact]
    public void A_test_counts_where_the_unedited_model_knows_all_that_it_rests_on()
    {
        Question known = new("Bob saw a", "blue dog"), half = new("Ann saw a", "red dog"), asked = new("Cid saw a", "red dog");
        CriterionTest[] tests =
        [
            new("multi-hop", [asked]) { Conditions = [known] }, new("multi-hop", [asked]) { Conditions = [known, half] },
            new("preservation", [asked]), new("preservation", [asked]) { Conditions = [half] },
        ];
        EditCase[] cases = [Case("Ann saw a", "red fox", "x") with { Tests = tests }, Case("Bob saw a", "blue dog", "x")];
        foreach (var protocol in new[] { Protocol.TfToken, Protocol.TfAll, Protocol.WildEm })
        {
            var left = Scorer(new ScoringOptions(protocol)).WithMetConditions(cases);
            Assert.Equal([tests[0], tests[2]], left[0].Tests);
            Assert.Empty(left[1].Tests);
        }

        Assert.Equal(tests, Scorer(new ScoringOptions(Protocol.NllPair)).WithMetConditions(cases)[0].Tests);
    }

    [Fact]
    public void Truth_asks_whether_neighbours_are_still_answered_rightly_and_needs_no_outputs_before()
    {
        var edit = Case("Ann saw a", "red fox", "x") with { Locality = [new("Cid saw a", "red dog"), new("Dee saw a", "red fox")] };
        var scorer = Scorer(new ScoringOptions(Protocol.TfToken, LocalityDefinition.Truth));
        Assert.Empty(scorer.LocalityOutputs([edit]));

        // "Dee saw a blue fox": one token of two.
        Assert.Equal(0.75, Assert.Single(scorer.Score([edit], before: null)).Of("locality"));
    }

    [Fact]
    public void Same_text_compares_what_is_generated()
    {
        var edit = Case("Ann saw a", "red fox", "x") with { Locality = [new("Cid saw a", "a"), new("Dee saw a", "b")] };
        var scorer = Scorer(new ScoringOptions(Protocol.TfAll, LocalityDefinition.SameText));
        var before = scorer.LocalityOutputs([edit]);
        Assert.Equal([" red dog", " blue fox"],
            before.Select(ids => memory.Tokenizer.Decode(ids.Where(id => id != memory.Tokenizer.EosId))));
        Assert.Equal(1.0, Assert.Single(scorer.Score([edit], before)).Of("locality"));
        Assert.Equal(0.5, Assert.Single(scorer.Score([edit], [before[1], before[1]])).Of("locality"));
    }

    [Fact]
    public void Nll_pair_says_which_target_is_likelier_and_by_how_much()
    {
        var edit = Case("Ann saw a", "red fox", "blue dog") with
        {
            Rephrases = ["Ann saw a", "Bob saw a"],
            Locality = [new("Cid saw a", "red dog")]
        };
        var values = Assert.Single(Scorer(new ScoringOptions(Protocol.NllPair)).Score([edit], before: null)).Values;
        Assert.Equal(["em", "es", "nm", "ns", "pm", "ps"], values.Keys.Order(StringComparer.Ordinal));

        // The model knows "red fox" of Ann, "blue dog" of Bob and "red dog" of Cid.
        Assert.Equal((1.0, 0.5, 1.0), (values["es"], values["ps"], values["ns"]));
        var ann = P("Ann saw a", "red fox") - P("Ann saw a", "blue dog");
        var bob = P("Bob saw a", "red fox") - P("Bob saw a", "blue dog");
        Assert.True(ann > 0.5 && bob < -0.5);
        Assert.Equal(ann, values["em"], 1e-6);
        Assert.Equal((ann + bob) / 2, values["pm"], 1e-6);
        Assert.Equal(P("Cid saw a", "red dog") - P("Cid saw a", "red fox"), values["nm"], 1e-6);
        var unknown = Assert.Single(
            Scorer(new ScoringOptions(Protocol.NllPair)).Score([edit with { TargetOld = "" }], before: null)).Values;
        Assert.Equal(["nm", "ns"], unknown.Keys.Order(StringComparer.Ordinal));

        double P(string prompt, string answer) => Math.Exp(-Assert.Single(TeacherForcing.Run(
            memory.Model, [TargetEncoding.Encode(memory.Tokenizer, prompt, answer, appendEos: false)])).MeanNll);
    }

    [Fact]
    public void Generation_entropy_is_that_of_prompt_and_greedy_text_cut_to_the_asked_length()
    {
        var edit = Case("Ann saw a", "red fox", "blue dog") with { GenerationPrompts = ["Bob saw a", "Cid"] };
        var options = new ScoringOptions(Protocol.TfAll, Generation: true) { GenerationTokens = 12 };
        Assert.Equal((Entropy("Bob saw a") + Entropy("Cid")) / 2, Measured(options, edit), 1e-12);
        Assert.Equal(Entropy("Ann saw a"), Measured(options with { Protocol = Protocol.NllPair }, edit with { GenerationPrompts = [] }),
            1e-12);

        double Measured(ScoringOptions scoring, EditCase asked) =>
            Assert.Single(Scorer(scoring).Score([asked], before: null)).Values["ge"];

        double Entropy(string prompt)
        {
            int[] ids = [.. memory.Tokenizer.Prefix, .. memory.Tokenizer.EncodeToIds(prompt)];
            var text = GreedyDecoder.Decode(memory.Model, ids, 12 - ids.Length, _ => false);
            Assert.Equal(12, ids.Length + text.Count);
            return GenerationEntropy.Of(prompt + memory.Tokenizer.Decode(text.Where(id => !memory.Tokenizer.StopIds.Contains(id))));
        }
    }

    [Fact]
    public void An_edited_model_is_asked_through_its_module()
    {
        using var module = new AsksAboutBob([.. memory.Tokenizer.Prefix, .. memory.Tokenizer.EncodeToIds("Bob saw a")]);
        foreach (var protocol in new[] { Protocol.TfToken, Protocol.TfAll, Protocol.WildEm })
        {
            var scorer = new Scorer(new EditedModel(memory.Model, module), memory.Tokenizer, new ScoringOptions(protocol));
            Assert.Equal([1.0, 1.0], scorer.Answers([new("Ann saw a", "blue dog"), new("Dee saw a", "blue dog")]));
        }
    }

    [Fact]
    public void Old_answers_that_are_not_known_are_the_models_own()
    {
        EditCase[] cases = [Case("Ann saw a", "blue dog", ""), Case("Bob saw a", "blue dog", ""), Case("Cid saw a", "x", "y")];
        Assert.Equal(["red fox", "", "y"],
            Measuring.Metrics.Scorer.WithOldAnswers(cases, new EditedModel(memory.Model), memory.Tokenizer).Select(edit => edit.TargetOld));
    }

    private static EditCase Case(string prompt, string target, string old) => new()
    {
        Id = 0,
        Subject = "x",
        Prompt = prompt,
        TargetNew = target,
        TargetOld = old,
        Rephrases = [],
        Locality = [],
    };

    private Scorer Scorer(ScoringOptions options) => new(new EditedModel(memory.Model), memory.Tokenizer, options);

    private double Answer(Protocol protocol, string prompt, string answer) =>
        Assert.Single(Scorer(new ScoringOptions(protocol)).Answers([new(prompt, answer)]));

    private int Tokens(string answer) => memory.Tokenizer.EncodeToIds(" " + answer).Count;

    public sealed class Memory() : MemorisedModel(
        [new("Ann saw a", "red fox"), new("Bob saw a", "blue dog"), new("Cid saw a", "red dog"), new("Dee saw a", "blue fox")],
        vocabulary: 300, positions: 32);

    // Answers every prompt as if it were another.
    private sealed class AsksAboutBob(int[] ids) : EditModule("test", new Dictionary<string, TorchSharp.torch.Tensor>(), [])
    {
        public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts) =>
            [.. prompts.Select(_ => new PromptRoute(0, ids))];
    }
}
