// O = model width, I = MLP width.
using Harness.Editing;
using Harness.Editing.Editors.Wise;
using Harness.Editing.Locating;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Wise;

public sealed class WiseEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static WiseOptions Small => new() { Layer = 1, Steps = 3, EditsPerShard = 2, Contexts = TinyOptions.Contexts };

    private static readonly WiseOptions Options = new()
    {
        Layer = 1,
        Optimiser = OptimiserKind.Adam,
        LearningRate = 0.05,
        Steps = 150,
        Alpha = 1,
        Beta = 4,
        Gamma = 2,
        Irrelevant = 2,
        ThresholdRatio = 0.95,
        BatchSize = 3,
        Contexts = new ContextOptions { Lengths = [], PerLength = 0 },
    };

    [Fact]
    public void Distance_is_how_far_the_change_moves_the_outputs()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        using var random = new Generator(3);
        int[][] prompts = [[0, 5, 6], [0, 7], [0, 8, 9]];
        var delta_OI = randn([TinySession.Width, 2 * TinySession.Width], generator: random);
        foreach (var pooling in new[] { WisePooling.Mean, WisePooling.Max })
        {
            using var distance = new ActivationDistance(tiny.Model, prompts, 1, pooling);
            var found = Numbers.Of(distance.Under(delta_OI));
            Assert.All(found.Zip(ActivationDistance.Of(tiny.Model, prompts, 1, pooling, delta_OI)),
                pair => Assert.Equal(pair.First, pair.Second, 1e-3));
            for (var i = 0; i < prompts.Length; i++)
            {
                // Position by position: a prefix's last key is the longer prompt's key there.
                var each = Enumerable.Range(1, prompts[i].Length).Select(length =>
                    delta_OI.matmul(SubjectPrompt.Keys(tiny.Model, [new(prompts[i][..length])], 1)[0]).norm(2f).AsDouble()).ToList();
                Assert.Equal(pooling == WisePooling.Mean ? each.Average() : each.Max(), found[i], 1e-3);
            }
        }
    }

    [Fact]
    public void A_shard_changes_the_numbers_of_its_mask_only()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Density = 1 });
        var delta = Numbers.Of(edit.Module!.Tensors["delta"]);
        Assert.Empty(edit.Deltas);
        Assert.InRange(delta.Count(value => value != 0) / (double)delta.Length, 0.15, 0.25);
        Assert.All(delta, value => Assert.InRange(Math.Abs(value), 0, 1 + 1e-6));
    }

    [Fact]
    public void Prompts_above_the_threshold_are_answered_by_the_side_weight_and_others_bit_for_bit_as_before()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        Sequence[] sequences =
        [
            .. TinySession.All.Select(
                request => TargetEncoding.Encode(tiny.Session.Tokenizer, request.Prompt, request.TargetNew, appendEos: true)),
            .. TinySession.Examples.SelectMany(example => example.Locality)
                .Select(one => TargetEncoding.Encode(tiny.Session.Tokenizer, one.Prompt, one.Answer, appendEos: true)),
        ];
        var hash = tiny.WeightHash();
        var routes = edit.Module!.Route(tiny.Model, [.. sequences.Select(sequence => sequence.Ids[..sequence.TargetStart])]);
        var (before, after) = (TeacherForcing.Run(tiny.Model, sequences), new EditedModel(tiny.Model, edit.Module).Force(sequences));
        Assert.Equal(hash, tiny.WeightHash());
        Assert.All(Enumerable.Range(0, sequences.Length), i =>
        {
            Assert.Equal(i < TinySession.All.Count, routes[i] is not null);
            if (routes[i] is null)
                Assert.Equal(before[i].MeanNll, after[i].MeanNll);
            else
                Assert.True(after[i].MeanNll < before[i].MeanNll - 1, $"{i}: {before[i].MeanNll} {after[i].MeanNll}");
        });
    }

    [Fact]
    public void Routes_exactly_what_lies_above_the_threshold()
    {
        using var scope = NewDisposeScope();
        using var tiny = new TinySession();
        int[][] prompts = [[0, 5, 6], [0, 7], [0, 8, 9]];
        var delta_OI = ones(TinySession.Width, 2 * TinySession.Width);
        var distances = ActivationDistance.Of(tiny.Model, prompts, 1, WisePooling.Mean, delta_OI);
        using var module = WiseModule.Of(delta_OI, distances.Order().ElementAt(1), Options);
        Assert.Equal(distances.Select(value => value == distances.Max()),
            module.Route(tiny.Model, prompts).Select(route => route is not null));
    }

    [Fact]
    public void Every_shard_starts_from_the_models_own_weight_with_a_mask_of_its_own()
    {
        using var tiny = new TinySession();
        List<(int Id, double[] Delta, string Hash)> told = [];
        using var edit = new WiseEditor(Options with { BatchSize = 1, EditsPerShard = 1, Density = 1, Steps = 3 }).Edit(
            tiny.Session with
            {
                AfterBatch = (batch, module) => told.Add(
                (batch[0].Id, Numbers.Of(module!.Tensors["delta"]), tiny.WeightHash()))
            },
            TinySession.All);
        Assert.Equal([0, 1, 2], told.Select(one => one.Id));
        Assert.All(told, one => Assert.Equal(tiny.WeightHash(), one.Hash));
        Assert.Equal(3, edit.Figures["shards"]);

        // Three masks of a fifth cover 1 − 0.8³ = 0.488 of the places.
        var share = told.Select(one => one.Delta.Count(value => value != 0) / (double)one.Delta.Length).ToList();
        Assert.InRange(share[0], 0.15, 0.25);
        Assert.InRange(share[2], 0.42, 0.55);
    }

    [Fact]
    public void Asks_for_irrelevant_prompts()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => new WiseEditor(Options).Edit(tiny.Session with { Examples = [] }, TinySession.All));
        Assert.Equal("Editor 'wise': found no locality prompt among the facts that are not edited, expected at least one; " +
            "give examples that have some.", error.Message);
    }

    private static Edit Edit(TinySession tiny, WiseOptions options) => new WiseEditor(options).Edit(tiny.Session, TinySession.All);
}
