using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class IndexingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly torch.Tensor _x = arange(24).view(2, 3, 4);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Numbers_ranges_and_ellipsis_choose_as_in_python()
    {
        Assert.Equal(23, _x[1, 2, 3].item<long>());
        Assert.Equal([20L, 21, 22, 23], Read(_x[-1, -1]));
        Assert.Equal([1L, 5, 9], Read(_x[0, .., 1]));
        Assert.Equal([8L, 9, 10, 11], Read(_x[0, ^1]));
        Assert.Equal([14L, 15], Read(_x[1, 0, 2..]));
        Assert.Equal([12L, 13, 14], Read(_x[1, 0, ..^1]));
        Assert.Equal([3L, 7, 11, 15, 19, 23], Read(_x[TensorIndex.Ellipsis, 3]));
        Assert.Equal([0L, 2], Read(_x[0, 0, TensorIndex.Slice(step: 2)]));
        Assert.Equal([2L, 1, 3, 4], _x[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([4L, 5, 6, 7], Read(_x[0, (1, 2)]));
    }

    [Fact]
    public void Tensors_and_masks_gather()
    {
        var rows = tensor(new long[] { 1, 0 });

        Assert.Equal([12L, 0], Read(_x[TensorIndex.Tensor(rows), 0, 0]));
        Assert.Equal([2L, 1], Read(_x[0, 0, TensorIndex.Tensor(tensor(new long[] { 2, 1 }))]));
        Assert.Equal([20L, 3], Read(_x[rows, tensor(new long[] { 2, 0 }), tensor(new long[] { 0, 3 })]));
        Assert.Equal([22L, 23], Read(_x[TensorIndex.Tensor(_x > 21)]));
        Assert.Equal([3L, 7, 11], Read(_x[TensorIndex.Tensor(tensor(new[,] { { true, true, true }, { false, false, false } })), 3]));
    }

    [Fact]
    public void Assignment_changes_the_tensor_itself()
    {
        _x[0, 0] = zeros(4, ScalarType.Int64);
        _x[1, .., 0] = tensor(-1);
        _x[TensorIndex.Tensor(tensor(new long[] { 0 })), 1, 2..] = tensor(new long[] { 50, 60 });
        _x[2L - 1, 2, 3] = tensor(99L);

        Assert.Equal([0L, 0, 0, 0, 4, 5, 50, 60, 8, 9, 10, 11, -1, 13, 14, 15, -1, 17, 18, 19, -1, 21, 22, 99], Read(_x));
    }

    [Fact]
    public void A_view_shares_memory_with_its_tensor()
    {
        _x[0].add_(100);
        Assert.Equal(100, _x[0, 0, 0].ToInt64());
    }

    private static long[] Read(torch.Tensor tensor) => tensor.data<long>().ToArray();
}
