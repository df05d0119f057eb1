using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class IActivationHookTests
{
    [Fact]
    public void Each_hook_is_given_what_the_one_before_it_made_and_the_hook_of_a_run_comes_last()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var (seen, hidden_BTD) = (new List<string>(), model.Embed(TinyModels.Tensor(TinyModels.Tokens(2, 5))));
        using var first = model.Attach(new Scale("first", 2, seen));
        using var second = model.Attach(new Add("second", 3, seen));
        var plain_BTD = Without(first, second);
        seen.Clear();
        using var again = model.Attach(new Scale("first", 2, seen));
        using var behind = model.Attach(new Add("second", 3, seen));
        var hooked_BTD = model.Run(hidden_BTD, 1, 2, new Add("own", 1, seen));
        Assert.Equal(["first", "second", "own"], seen);
        Assert.True(TinyModels.Same((plain_BTD * Held(2)).Plus(Held(3)).Plus(Held(1)), hooked_BTD));

        Tensor Without(params IDisposable[] attached)
        {
            Array.ForEach(attached, one => one.Dispose());
            return model.Run(hidden_BTD, 1, 2);
        }
    }

    [Fact]
    public void Hooks_come_off_in_any_order_and_leave_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        var (before, seen) = (model.Logits(tokens_BT), new List<string>());
        var hook = new Scale("twice", 2, seen);
        var (first, other, second) = (model.Attach(hook), model.Attach(new Add("between", 1, seen)), model.Attach(hook));
        first.Dispose();
        first.Dispose();
        model.Logits(tokens_BT);
        Assert.Equal(["twice", "between"], seen.Order().Distinct().OrderByDescending(name => name));
        Assert.Equal(model.Config.Layers, seen.Count(name => name == "twice"));
        other.Dispose();
        second.Dispose();
        seen.Clear();
        Assert.True(TinyModels.Same(before, model.Logits(tokens_BT)));
        Assert.Empty(seen);
    }

    [Fact]
    public void Runs_over_several_batches_and_steps_behind_a_cache_are_hooked_too()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var (seen, tokens_BT) = (new List<string>(), TinyModels.Tensor(TinyModels.Tokens(1, 4)));
        using var attached = model.Attach(new Add("hook", 1, seen));
        model.Run([model.Embed(tokens_BT), model.Embed(tokens_BT)], 0, 2);
        Assert.Equal(4, seen.Count);
        using var cache = new Harness.Models.Generation.KeyValueCache(model, [0], 6);
        model.Step(tokens_BT, cache);
        Assert.Equal(6, seen.Count);
    }

    private sealed class Scale(string name, double factor, List<string> seen) : IActivationHook
    {
        public Tensor LayerOutput(int layer, Tensor hidden_BTD)
        {
            seen.Add(name);
            return hidden_BTD * Held(factor);
        }
    }

    private sealed class Add(string name, double addend, List<string> seen) : IActivationHook
    {
        public Tensor LayerOutput(int layer, Tensor hidden_BTD)
        {
            seen.Add(name);
            return hidden_BTD.Plus(Held(addend));
        }
    }
}
