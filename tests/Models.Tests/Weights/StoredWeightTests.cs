using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Weights;

/// <summary>
/// Products are in float32 on the CPU whatever a checkpoint stores: in 16 bits, under the pinned kernels, one takes hundreds of times
/// longer. libtorch refuses operands of two dtypes, so that float32 on one side of every product is float32 on both.
/// </summary>
public sealed class StoredWeightTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<ScalarType, bool, long> Cases => new()
    {
        { ScalarType.BFloat16, false, 0 }, { ScalarType.BFloat16, true, 0 }, { ScalarType.BFloat16, true, 1 << 20 },
        { ScalarType.Float16, false, 0 }, { ScalarType.Float16, true, 0 }, { ScalarType.Float16, true, 1 << 20 },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_a_weight_hands_to_a_product_is_float32(ScalarType dtype, bool streamed, long cacheBytes)
    {
        using var scope = NewDisposeScope();
        using var model = new StoredModel(folder, dtype, streamed, cacheBytes);
        foreach (var weight in model.Names.Select(model.Weight))
        {
            Assert.Equal(streamed, weight.Present is null);
            Assert.Equal(ScalarType.Float32, weight.Use(value => value.dtype));
            using (var rows = weight.Rows(tensor(new long[] { 0 }))) Assert.Equal(ScalarType.Float32, rows.dtype);
            weight.Hold();
            Assert.Equal(ScalarType.Float32, weight.Present!.dtype);
            weight.LetGo();
            Assert.Equal(ScalarType.Float32, weight.Live.dtype);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_activation_and_gradient_of_a_run_is_float32(ScalarType dtype, bool streamed, long cacheBytes)
    {
        using (var stored = new StoredModel(folder, dtype)) Assert.NotEmpty(stored.Names);
        using var scope = NewDisposeScope();
        using var model = Transformer.Load(folder, new LoadOptions { Streamed = streamed, CacheBytes = cacheBytes });
        var seen = new Dtypes();
        using var attached = model.Attach(seen);
        var adapter = new LowRankAdapter(ones(2, 16).requires_grad_(true), ones(16, 2).requires_grad_(true), 0.1);
        using var adapted = model.Adapt(Sites.Query(0), adapter);
        var logits = model.Logits(TinyModels.Tensor(TinyModels.Tokens(2, 6)));
        logits.mean().backward();

        Assert.Equal(5 * TinyModels.Grouped.Layers, seen.Found.Count);
        Assert.All((ScalarType[])[.. seen.Found, logits.dtype, adapter.A_RI.grad!.dtype], found => Assert.Equal(ScalarType.Float32, found));
    }

    [Fact]
    public void Operands_of_two_dtypes_have_no_product()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => nn.functional.linear(ones(2, 3), ones(4, 3, dtype: ScalarType.BFloat16)));
        Assert.ThrowsAny<Exception>(() => ones(1, 2, 3).bmm(ones(1, 3, 2, dtype: ScalarType.Float16)));
    }

    private sealed class Dtypes : IActivationHook
    {
        public List<ScalarType> Found { get; } = [];

        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) => See(mixed_BTD);

        public void MlpInput(int layer, Tensor normed_BTD) => See(normed_BTD);

        public Tensor DownProjectionInput(int layer, Tensor key_BTI) => See(key_BTI);

        public Tensor MlpOutput(int layer, Tensor value_BTD) => See(value_BTD);

        public Tensor LayerOutput(int layer, Tensor hidden_BTD) => See(hidden_BTD);

        private Tensor See(Tensor value)
        {
            Found.Add(value.dtype);
            return value;
        }
    }
}
