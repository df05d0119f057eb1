using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Tensors as managed numbers, for assertions.</summary>
internal static class Numbers
{
    public static double[] Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>‖found − wanted‖ / ‖wanted‖.</summary>
    public static double Distance(Tensor found, Tensor wanted)
    {
        var (a, b) = (Of(found), Of(wanted));
        return Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum() / b.Sum(y => y * y));
    }

    /// <summary>Singular values, largest first.</summary>
    public static double[] Singular(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        return Of(linalg.svd(matrix.to(ScalarType.Float64)).S);
    }
}
