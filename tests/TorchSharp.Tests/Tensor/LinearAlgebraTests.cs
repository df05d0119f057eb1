using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class LinearAlgebraTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly torch.Tensor _matrix = tensor(new double[,] { { 4, 1, 0 }, { 1, 3, -1 }, { 0, -1, 2 } });
    private readonly torch.Tensor _right = tensor(new double[,] { { 1, 0 }, { 2, 1 }, { 3, -1 } });

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Solving_satisfies_the_equation_on_either_side()
    {
        Zero(_matrix.mm(linalg.solve(_matrix, _right)) - _right);
        Zero(linalg.solve(_matrix, _right.T, left: false).mm(_matrix) - _right.T);
        Zero(linalg.inv(_matrix).mm(_matrix) - eye(3, dtype: float64));
        var lower = linalg.cholesky(_matrix);
        Zero(lower.mm(lower.T) - _matrix);
        Zero(cholesky_solve(_right, lower) - linalg.solve(_matrix, _right));
        Zero(lower.mm(linalg.solve_triangular(lower, _right, upper: false)) - _right);
    }

    [Fact]
    public void Decompositions_give_the_matrix_back()
    {
        var (u, s, vh) = linalg.svd(_right, fullMatrices: false);
        Zero(u.mm(s.diag()).mm(vh) - _right);
        var (values, vectors) = linalg.eigh(_matrix);
        Zero(vectors.mm(values.diag()).mm(vectors.T) - _matrix);
        var (q, r) = linalg.qr(_right);
        Zero(q.mm(r) - _right);
        Assert.Equal(18, linalg.det(_matrix).ToDouble(), 1e-10);
        Assert.Equal(Math.Sqrt(33), linalg.norm(_matrix).ToDouble(), 1e-12);
        Assert.Equal(s.max().ToDouble(), linalg.matrix_norm(_right, 2).ToDouble(), 1e-12);
    }

    [Fact]
    public void Products_of_every_shape()
    {
        var x = arange(6, float64).view(2, 3);

        Assert.Equal([14.0], x[1].dot(tensor(new[] { 1.0, 1, 1 })).add(2).view(1).data<double>().ToArray());
        Assert.Equal([2L, 2], x.mm(x.T).shape);
        Assert.Equal([5L, 2, 2], matmul(x, x.T.expand(5, 3, 2)).shape);
        Assert.Equal([3L, 3], x[0].outer(x[1]).shape);
        Zero(einsum("ij,kj->ik", x, x) - x.mm(x.T));
        Zero(x.addmm(x.mm(x.T), x, 2, 0.5f) - (x * 2 + x.mm(x.T).mm(x) * 0.5));
    }

    private static void Zero(torch.Tensor difference) => Assert.Equal(0, difference.abs().max().ToDouble(), 1e-10);
}
