// N, M = fixed sizes of the canary.
using System.Security.Cryptography;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Experiments.Planning;

/// <summary>
/// The class of machines whose arithmetic gives the same bits. A canary is computed and hashed: a gemm, exp, a layer norm and a few Adam
/// steps of fixed values. Different BLAS kernels, vector widths or thread counts give different classes; equal classes share cells and
/// exact snapshots.
/// </summary>
public static class NumericsClass
{
    private const int Rows = 130, Columns = 700, Steps = 3;
    private static readonly Lazy<string> Class = new(Compute);

    /// <summary>12 hexadecimal digits, computed once a process.</summary>
    public static string Current => Class.Value;

    /// <summary>Version of libtorch, for example <c>1.13.1</c>.</summary>
    public static string Libtorch => __version__;

    private static string Compute()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left_NM = Values(Rows, Columns, 1);
        var right_MN = Values(Columns, Rows, 2);
        var product_NN = left_NM.matmul(right_MN);
        Append(hash, product_NN);
        Append(hash, product_NN.exp());
        Append(hash, nn.functional.layer_norm(product_NN, [Rows], ones(Rows), zeros(Rows), 1e-5));

        var weight_MN = new Parameter(Values(Columns, Rows, 3), true);
        var optimiser = optim.Adam([weight_MN], 1e-2);
        for (var step = 0; step < Steps; step++)
        {
            optimiser.zero_grad();
            using var inner = NewDisposeScope();
            var loss = left_NM.matmul(weight_MN).sub(product_NN).pow(2).mean();
            loss.backward();
            optimiser.step();
        }

        Append(hash, weight_MN.detach());
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    // Exact in float32: multiples of 1/64 between -2 and 2, from a fixed linear congruential sequence.
    private static Tensor Values(int rows, int columns, uint seed)
    {
        var values = new float[rows * columns];
        var state = seed;
        for (var i = 0; i < values.Length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            values[i] = ((int)(state >> 24) - 128) / 64f;
        }

        return tensor(values, [rows, columns]);
    }

    private static void Append(IncrementalHash hash, Tensor value) => hash.AppendData(value.contiguous().bytes);
}
