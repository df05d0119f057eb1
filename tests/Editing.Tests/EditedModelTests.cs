using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Generation;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class EditedModelTests
{
    private static readonly int[][] Prompts = [[0, 5, 9, 7], [0, 6, 2, 7], [0, 5, 9, 8], [0, 4, 3]];

    [Fact]
    public void Prompts_without_a_route_are_answered_bit_for_bit_as_before()
    {
        using var tiny = new TinySession();
        var before = TeacherForcing.Run(tiny.Model, Sequences());
        var decoded = GreedyDecoder.Decode(tiny.Model, Prompts, 4, _ => false);
        using var module = new Doubling(ids => ids[1] == 5 ? new PromptRoute(1, ids) : null);
        var edited = new EditedModel(tiny.Model, module);
        var (after, answers) = (edited.Force(Sequences()), edited.Decode(Prompts, 4, _ => false));
        Assert.All([1, 3], i =>
        {
            Assert.Equal(before[i].MeanNll, after[i].MeanNll);
            Assert.Equal(before[i].Argmax, after[i].Argmax);
            Assert.Equal(decoded[i], answers[i]);
        });
        Assert.All([0, 2], i => Assert.NotEqual(before[i].MeanNll, after[i].MeanNll));
    }

    [Fact]
    public void A_variant_is_on_for_its_own_prompts_only_one_after_the_other()
    {
        using var tiny = new TinySession();
        var hash = tiny.WeightHash();
        using var module = new Doubling(ids => new PromptRoute(ids[1] == 5 ? 2 : 1, ids));
        new EditedModel(tiny.Model, module).Force(Sequences());
        Assert.Equal(["on 1 for 3", "off 1", "on 1 for 4", "off 1", "on 2 for 4", "off 2"], module.Log);
        Assert.Equal(hash, tiny.WeightHash());
    }

    [Fact]
    public void Other_ids_in_a_prompts_place_are_what_is_asked()
    {
        using var tiny = new TinySession();
        using var module = new Doubling(ids => new PromptRoute(0, [0, 7, 7, .. ids[1..]]));
        var edited = new EditedModel(tiny.Model, module);
        var asked = Prompts.Select(ids => (int[])[0, 7, 7, .. ids[1..]]).ToList();
        var forced = TeacherForcing.Run(tiny.Model, [.. asked.Select(ids => new Sequence([.. ids, 11, 12], ids.Length))]);
        Assert.All(forced.Zip(edited.Force(Sequences())), pair => Assert.Equal(pair.First.MeanNll, pair.Second.MeanNll, 1e-5));
        Assert.Equal(GreedyDecoder.Decode(tiny.Model, asked, 4, _ => false), edited.Decode(Prompts, 4, _ => false));
    }

    [Fact]
    public void A_variant_goes_off_when_answering_fails()
    {
        using var tiny = new TinySession();
        var hash = tiny.WeightHash();
        using var module = new Doubling(ids => new PromptRoute(1, ids));
        Assert.Throws<InvalidOperationException>(() =>
            new EditedModel(tiny.Model, module)
                .Decode(Prompts, 4, _ => module.Log.Count > 0 && module.Log[^1].StartsWith("on", StringComparison.Ordinal)
                ? throw new InvalidOperationException()
                : false));
        Assert.Equal(hash, tiny.WeightHash());
    }

    [Fact]
    public void What_an_edit_puts_on_comes_off_before_its_weights_are_put_back()
    {
        using var scope = NewDisposeScope();
        using var tiny = new TinySession();
        var (hash, edited, atDetaching) = (tiny.WeightHash(), "", "");
        using var module = new Doubling(_ => null, () => atDetaching = tiny.WeightHash());
        using var edit = new Edit([WeightDelta.Dense(Sites.FinalNorm, ones(TinySession.Width))], new Dictionary<string, double>(), module);
        using (edit.ApplyTo(tiny.Model))
            edited = tiny.WeightHash();
        Assert.NotEqual(hash, edited);
        Assert.Equal(edited, atDetaching);
        Assert.Equal(hash, tiny.WeightHash());
    }

    private static Sequence[] Sequences() => Array.ConvertAll(Prompts, ids => new Sequence([.. ids, 11, 12], ids.Length));

    // Variants multiply a weight by 1 + their number.
    private sealed class Doubling(Func<int[], PromptRoute?> route, Action? detached = null)
        : EditModule("test", new Dictionary<string, Tensor>(), new JsonObject())
    {
        public List<string> Log { get; } = [];

        public override IDisposable? Attach(Transformer model) => new Undo(() => detached?.Invoke());

        public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts) => [.. prompts.Select(route)];

        public override IDisposable? Enter(Transformer model, int variant, int promptLength)
        {
            if (variant == 0) return null;
            Log.Add($"on {variant} for {promptLength}");
            var own = new WeightSnapshot(model, [Sites.DownProjection(1)]);
            using var guard = no_grad();
            model.Parameter(Sites.DownProjection(1)).mul_(Held(1 + variant));
            return new Undo(() =>
            {
                Log.Add($"off {variant}");
                own.Dispose();
            });
        }
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
