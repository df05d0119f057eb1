// O = rows of the weight, I = columns.
using Harness.Editing;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rect;
using Harness.Editing.Editors.Rome;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Rect;

public sealed class RectEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static RectOptions Small => new()
    {
        Memit = new() { Layers = [0, 1], Value = TinyOptions.Value, Contexts = TinyOptions.Contexts, BatchSize = 2 },
    };

    private static readonly RomeOptions Rome = new() { Layer = 1, Contexts = TinyKeys.NoContexts };
    private static readonly MemitOptions Memit = new() { Layers = [0, 1], Contexts = TinyKeys.NoContexts, CovarianceWeight = 1 };

    [Theory]
    [InlineData(0.4, 400)]
    [InlineData(0.2, 200)]
    [InlineData(0.0005, 1)]
    [InlineData(1, 1000)]
    public void Keeps_its_share_of_the_entries_with_the_largest_relative_change(double keep, int count)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var (delta_OI, weight_OI) = (randn([20, 50], generator: random), randn([20, 50], generator: random));
        var kept = Numbers.Of(RectEditor.Kept(delta_OI, weight_OI, new RectOptions { Keep = keep }));
        var (delta, weight) = (Numbers.Of(delta_OI), Numbers.Of(weight_OI));
        var places = Enumerable.Range(0, 1000).OrderByDescending(i => Math.Abs(delta[i] / (weight[i] + 1e-8))).Take(count).ToHashSet();
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => places.Contains(i) ? delta[i] : 0), kept);
    }

    [Fact]
    public void Writes_entries_of_ROME_s_own_change()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, new() { Rome = Rome }, TinySession.Ada);
        using var rome = EditorRegistry.Find("rome").Create(Rome).Edit(tiny.Session, [TinySession.Ada]);
        var (kept, whole) = (Numbers.Of(edit.Deltas[0].Whole_OI!), Numbers.Of(rome.Deltas[0].ToDense()));
        Assert.Equal(2048 - (int)(2048 * 0.6), kept.Count(value => value != 0));
        Assert.All(kept.Zip(whole), pair => Assert.True(pair.First == 0 || pair.First == pair.Second));
    }

    [Fact]
    public void Writes_entries_of_MEMIT_s_own_change_of_every_layer()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, new() { Memit = Memit }, [.. TinySession.All]);
        using var memit = EditorRegistry.Find("memit").Create(Memit).Edit(tiny.Session, TinySession.All);
        Assert.Equal(2, edit.Deltas.Count);
        Assert.All(edit.Deltas.Zip(memit.Deltas), deltas =>
        {
            var (kept, whole) = (Numbers.Of(deltas.First.Whole_OI!), Numbers.Of(deltas.Second.ToDense()));
            Assert.Equal(2048 - (int)(2048 * 0.6), kept.Count(value => value != 0));
            Assert.All(kept.Zip(whole), pair => Assert.True(pair.First == 0 || pair.First == pair.Second));
        });
    }

    [Fact]
    public void The_next_edit_starts_from_what_was_kept()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var both = Edit(tiny, new() { Rome = Rome }, TinySession.Ada, TinySession.Alan);
        using var first = Edit(tiny, new() { Rome = Rome }, TinySession.Ada);
        using var applied = first.ApplyTo(tiny.Model);
        using var second = Edit(tiny, new() { Rome = Rome }, TinySession.Alan);
        Assert.Equal(Numbers.Of(both.Deltas[0].Whole_OI!), Numbers.Of((first.Deltas[0].Whole_OI!).Plus(second.Deltas[0].Whole_OI!)));
    }

    [Fact]
    public void Wants_one_method_to_restrain()
    {
        Assert.Equal(
            ["rome, memit: found neither, expected the options of one of them: of the method that is restrained"],
                new RectOptions().Validate());
        Assert.Equal(
            [
                "rome, memit: found both, expected the options of one of them: of the method that is restrained",
                "memit.layers: found 1, 0, expected at least one, from 0 on, ascending",
                "keep: found 0, expected above 0 and at most 1",
            ],
            new RectOptions { Rome = Rome, Memit = Memit with { Layers = [1, 0] }, Keep = 0 }.Validate());
    }

    [Fact]
    public void Keeps_its_options_in_canonical_json()
    {
        var text = CanonicalJson.ToText(new RectOptions { Rome = Rome, Keep = 0.3 });
        Assert.Contains("\"memit\":null", text, StringComparison.Ordinal);
        Assert.Equal(text, CanonicalJson.ToText(CanonicalJson.FromText<RectOptions>(text)));
    }

    [Fact]
    public void Comes_in_the_batches_of_the_method_that_it_restrains()
    {
        Assert.Equal(9, ((RectOptions)new RectOptions { Memit = Memit }.Sequential(9)!).Memit!.BatchSize);
        Assert.NotNull(new RectOptions { Rome = Rome }.Sequential(1));
        Assert.Null(new RectOptions { Rome = Rome }.Sequential(2));
    }

    private static Edit Edit(TinySession tiny, RectOptions options, params EditRequest[] requests) =>
        EditorRegistry.Find("rect").Create(options).Edit(tiny.Session, requests);
}
