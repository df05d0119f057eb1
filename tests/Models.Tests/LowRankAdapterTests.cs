// R = rank, I = MLP width, D = model width.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public class LowRankAdapterTests
{
    [Fact]
    public void An_adapter_equals_its_dense_merge_and_leaves_no_trace()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        var plain_BTV = model.Logits(tokens_BT);
        var (first, second) = (Adapter(24, 16, seed: 1), Adapter(24, 16, seed: 2));

        Tensor adapted_BTV;
        using (model.Adapt(Sites.DownProjection(1), first))
        using (model.Adapt(Sites.DownProjection(1), second))
            adapted_BTV = model.Logits(tokens_BT);
        Assert.True(TinyModels.Same(plain_BTV, model.Logits(tokens_BT)));
        Assert.True(TinyModels.Distance(plain_BTV, adapted_BTV) > 0.1);

        using (no_grad())
        {
            foreach (var adapter in (LowRankAdapter[])[first, second])
                model.Parameter(Sites.DownProjection(1)).PlusInPlace(adapter.B_OR.matmul(adapter.A_RI).mul(Held(adapter.Scale)));
        }

        Assert.Equal(0, TinyModels.Distance(model.Logits(tokens_BT), adapted_BTV), 1e-4);
    }

    [Fact]
    public void A_diagonal_weighs_the_ranks()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        var adapter = Adapter(24, 16, seed: 1) with { Diagonal_R = tensor([2f, 0f, -1f]) };
        Tensor adapted_BTV;
        using (model.Adapt(Sites.DownProjection(1), adapter))
            adapted_BTV = model.Logits(tokens_BT);
        using (no_grad())
            model.Parameter(Sites.DownProjection(1))
                .PlusInPlace(adapter.B_OR.matmul(diag(adapter.Diagonal_R)).matmul(adapter.A_RI).mul(Held(adapter.Scale)));
        Assert.Equal(0, TinyModels.Distance(model.Logits(tokens_BT), adapted_BTV), 1e-4);

        var error = Assert.Throws<ArgumentException>(() => model.Adapt(Sites.DownProjection(1), adapter with { Diagonal_R = ones(2) }));
        Assert.Contains("the diagonal is [2]; expected [3]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_reach_both_factors()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var adapter = Adapter(16, 24, seed: 1);
        adapter.A_RI.requires_grad = true;
        adapter.B_OR.requires_grad = true;
        using (model.Adapt(Sites.Gate(0), adapter)) model.Logits(TinyModels.Tensor(TinyModels.Tokens(2, 5))).sum().backward();
        Assert.True(adapter.A_RI.grad!.abs().sum().AsDouble() > 0);
        Assert.True(adapter.B_OR.grad!.abs().sum().AsDouble() > 0);
    }

    [Fact]
    public void Dropout_drops_inputs_of_the_adapter_alone_and_follows_its_generator()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        var plain_BTV = model.Logits(tokens_BT);
        var first_BTV = Dropped(seed: 5);
        Assert.True(TinyModels.Same(first_BTV, Dropped(seed: 5)));
        Assert.False(TinyModels.Same(first_BTV, Dropped(seed: 6)));

        // With B = 0 the adapter adds nothing, whatever is dropped.
        using var random = new Generator(5);
        var zero = Adapter(16, 24, seed: 1) with { B_OR = zeros(24, 3), Dropout = 0.5, Random = random };
        using var silent = model.Adapt(Sites.Gate(0), zero);
        Assert.Equal(0, TinyModels.Distance(plain_BTV, model.Logits(tokens_BT)));

        Tensor Dropped(ulong seed)
        {
            using var random = new Generator(seed);
            using var adapted = model.Adapt(Sites.Gate(0), Adapter(16, 24, seed: 1) with { Dropout = 0.5, Random = random });
            return model.Logits(tokens_BT);
        }
    }

    [Fact]
    public void Mistakes_are_named()
    {
        using var scope = NewDisposeScope();
        using var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        Assert.Equal(
            "adapter: 'model.layers.9.mlp.up_proj.weight' is not a projection of the model; " +
            "did you mean 'model.layers.0.mlp.up_proj.weight'?",
            Assert.Throws<InputException>(() => model.Adapt("model.layers.9.mlp.up_proj.weight", Adapter(16, 24, seed: 1))).Message);
        Assert.Equal(
            "adapter of model.layers.0.mlp.up_proj.weight: A is [3, 24] and B is [16, 3]; expected [R, 16] and [24, R]",
            Assert.Throws<ArgumentException>(() => model.Adapt(Sites.Up(0), Adapter(24, 16, seed: 1))).Message);
        Assert.StartsWith(
            "adapter of model.layers.0.mlp.up_proj.weight: dropout is 0.5; expected [0, 1), with a generator",
            Assert.Throws<ArgumentException>(() => model.Adapt(Sites.Up(0), Adapter(16, 24, seed: 1) with { Dropout = 0.5 })).Message,
            StringComparison.Ordinal);
    }

    private static LowRankAdapter Adapter(int inputs, int outputs, ulong seed)
    {
        using var random = new Generator(seed);
        return new LowRankAdapter(randn([3, inputs], generator: random), randn([outputs, 3], generator: random), Scale: 0.5);
    }
}
