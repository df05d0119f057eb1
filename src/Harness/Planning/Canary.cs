// B = batch, N, M, K = sizes of an operand. All sizes are fixed: they choose the kernels that are told apart.
using System.Security.Cryptography;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Planning;

/// <summary>
/// Fixed computations whose bytes tell machines' arithmetic apart: what models and editors use, in the sizes for which libraries have
/// kernels of their own. Libraries agree in large products first; small ones, matrix–vector products and LAPACK differ between kernels most
/// often.
/// </summary>
internal static class Canary
{
    private const int Rows = 130, Columns = 700, Steps = 3, Solved = 48, RightSides = 7;
    private static readonly (int N, int M, int K)[] Products = [
        (3, 5, 7), (16, 16, 16), (33, 64, 17), (64, 1, 96), (1, 64, 96), (128, 344, 128)];

    /// <summary>Each computation's name and the SHA-256 of its bytes, in a fixed order. The same names on every machine.</summary>
    public static IEnumerable<(string Name, byte[] Hash)> Parts(Device device) =>
        [
            .. Of(ScalarType.Float32, device), .. Of(ScalarType.Float64, device),
            ("elementwise", Hash(() => Elementwise(device))), ("adam", Hash(() => [Trained(device)])), ("libm", SHA256.HashData(Libm())),
        ];

    private static IEnumerable<(string Name, byte[] Hash)> Of(ScalarType type, Device device)
    {
        var name = type == ScalarType.Float32 ? "float32" : "float64";
        foreach (var (n, m, k) in Products)
        {
            yield return ($"{name} product {n}x{m}x{k}", Hash(() => [Values(n, k, 1, type, device).matmul(Values(k, m, 2, type, device))]));
            yield return ($"{name} product {n}x{m}x{k} transposed",
                Hash(() => [Values(k, n, 3, type, device).t().matmul(Values(m, k, 4, type, device).t())]));
        }

        yield return ($"{name} product {Rows}x{Rows}x{Columns}",
            Hash(() => [Values(Rows, Columns, 1, type, device).matmul(Values(Columns, Rows, 2, type, device))]));
        yield return ($"{name} matrix-vector", Hash(() => MatrixVector(type, device)));
        yield return ($"{name} batched", Hash(() => Batched(type, device)));
        foreach (var (method, results) in Lapack(type, device)) yield return ($"{name} {method}", Hash(results));
    }

    private static Tensor[] MatrixVector(ScalarType type, Device device)
    {
        var matrix_NM = Values(Rows, Solved, 5, type, device);
        var vector_M = Values(1, Solved, 6, type, device)[0];
        var vector_N = Values(1, Rows, 7, type, device)[0];
        return [matrix_NM.matmul(vector_M), matrix_NM.t().matmul(vector_N), vector_M.dot(vector_M), matrix_NM.sum()];
    }

    private static Tensor[] Batched(ScalarType type, Device device)
    {
        var left_BNK = Values(12 * 24, 32, 8, type, device).view(12, 24, 32);
        var right_BMK = Values(12 * 20, 32, 9, type, device).view(12, 20, 32);
        return [left_BNK.bmm(right_BMK.transpose(1, 2)), left_BNK.transpose(1, 2).bmm(left_BNK),
            left_BNK[0, .., ..].unsqueeze(0).bmm(right_BMK[..1].transpose(1, 2))];
    }

    // Signs of vectors are part of the bytes.
    private static IEnumerable<(string Method, Func<Tensor[]> Results)> Lapack(ScalarType type, Device device)
    {
        Tensor Matrix() => Values(Solved, Solved, 10, type, device);
        Tensor Positive() => Matrix().matmul(Matrix().t()).add(eye(Solved, dtype: type).to(device), Held(4));
        Tensor Right() => Values(Solved, RightSides, 11, type, device);
        yield return ("cholesky", () => [linalg.cholesky(Positive())]);
        yield return ("solve", () => [linalg.solve(Positive(), Right())]);
        yield return ("inverse", () => [linalg.inv(Positive())]);
        yield return ("eigh", () => Both(linalg.eigh(Positive())));
        yield return ("eigvalsh", () => [linalg.eigvalsh(Positive())]);
        yield return ("svd", () => Three(linalg.svd(Matrix(), fullMatrices: false)));
        yield return ("svdvals", () => [linalg.svdvals(Matrix())]);
        yield return ("qr", () => Both(linalg.qr(Right())));

        static Tensor[] Both((Tensor First, Tensor Second) pair) => [pair.First, pair.Second];
        static Tensor[] Three((Tensor First, Tensor Second, Tensor Third) all) => [all.First, all.Second, all.Third];
    }

    // What a layer uses beside products.
    private static Tensor[] Elementwise(Device device)
    {
        var x_NM = Values(Rows, Solved, 12, ScalarType.Float32, device);
        var positive_NM = x_NM.pow(Held(2)).add(Held(1e-5), Held(1));
        return
        [
            x_NM.exp(), positive_NM.log(), positive_NM.rsqrt(), x_NM.tanh(), x_NM.sigmoid(), x_NM.sin(), x_NM.cos(),
                nn.functional.silu(x_NM),
            nn.functional.gelu(x_NM), x_NM.softmax(-1), x_NM.log_softmax(-1), x_NM.sum(0L), x_NM.mean([1L]), x_NM.cumsum(1),
            nn.functional.layer_norm(x_NM, [Solved], ones(Solved).to(device), zeros(Solved).to(device), 1e-5),
        ];
    }

    // Products, a backward pass and a few steps of Adam.
    private static Tensor Trained(Device device)
    {
        var left_NM = Values(Rows, Columns, 1, ScalarType.Float32, device);
        var wanted_NN = left_NM.matmul(Values(Columns, Rows, 2, ScalarType.Float32, device));
        var weight_MN = Values(Columns, Rows, 3, ScalarType.Float32, device).with_requires_grad();
        using var optimiser = new Adam([weight_MN], 1e-2);
        for (var step = 0; step < Steps; step++)
        {
            optimiser.ZeroGradients();
            using var inner = NewDisposeScope();
            left_NM.matmul(weight_MN).sub(wanted_NN).pow(Held(2)).mean().backward();
            optimiser.Step();
        }

        return weight_MN.detach();
    }

    // The C library's functions, which managed code calls.
    private static byte[] Libm() =>
    [
        .. from x in Enumerable.Range(1, 50).Select(i => i * 0.37)
           from value in (double[])[Math.Sin(x), Math.Cos(x), Math.Exp(-x), Math.Log(x), Math.Tanh(x), Math.Pow(10_000, -x / 20)]
           from part in BitConverter.GetBytes(value)
           select part,
    ];

    // Exact in float32: multiples of 1/64 between -2 and 2, from a fixed linear congruential sequence.
    private static Tensor Values(int rows, int columns, uint seed, ScalarType type, Device device)
    {
        var values = new float[rows * columns];
        var state = seed;
        for (var i = 0; i < values.Length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            values[i] = ((int)(state >> 24) - 128) / 64f;
        }

        return tensor(values, [rows, columns]).to(type).to(device);
    }

    private static byte[] Hash(Func<Tensor[]> results)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var result in results()) hash.AppendData(result.cpu().contiguous().bytes);
        return hash.GetHashAndReset();
    }
}
