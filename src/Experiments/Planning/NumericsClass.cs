// N, M = fixed sizes of the canary.
using System.Security.Cryptography;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Experiments.Planning;

/// <summary>
/// The class of machines whose arithmetic gives the same bits. A canary is computed and hashed: a gemm, exp, a layer norm, a few Adam steps, a
/// float64 solve, softmax, silu and the C library's functions, all of fixed values. Different BLAS kernels, vector widths or thread counts give different classes; equal classes share cells and
/// exact snapshots. On a GPU the same is computed there.
/// </summary>
public static class NumericsClass
{
    private const int Rows = 130, Columns = 700, Steps = 3;
    private static readonly Lazy<string> OnCpu = new(() => Compute(CPU));

    /// <summary>That of the CPU: 12 hexadecimal digits, computed once a process.</summary>
    public static string Current => OnCpu.Value;

    /// <summary>That of a device; another one than the CPU is named before the digits, as in <c>cuda-0123456789ab</c>.</summary>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="InputException">This libtorch has no such device.</exception>
    public static string Of(string device)
    {
        if (device == KeyContext.Cpu) return Current;
        if (!cuda.is_available())
        {
            throw new InputException($"--device={device}: found no CUDA device in libtorch {Libtorch}, expected at least one; set LIBTORCH to the torch " +
                "folder of a PyTorch with CUDA on a machine with an NVIDIA GPU, or leave --device out");
        }

        return $"{device}-{Compute(new Device(device))}";
    }

    /// <summary>Version of libtorch, for example <c>1.13.1</c>.</summary>
    public static string Libtorch => Harness.Models.Torch.Libtorch.Version;

    private static string Compute(Device device)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left_NM = Values(Rows, Columns, 1).to(device);
        var right_MN = Values(Columns, Rows, 2).to(device);
        var product_NN = left_NM.matmul(right_MN);
        Append(hash, product_NN);
        Append(hash, product_NN.exp());
        Append(hash, nn.functional.layer_norm(product_NN, [Rows], ones(Rows).to(device), zeros(Rows).to(device), 1e-5));

        var weight_MN = Values(Columns, Rows, 3).to(device).with_requires_grad();
        using var optimiser = new Adam([weight_MN], 1e-2);
        for (var step = 0; step < Steps; step++)
        {
            optimiser.ZeroGradients();
            using var inner = NewDisposeScope();
            var loss = left_NM.matmul(weight_MN).sub(product_NN).pow(Held(2)).mean();
            loss.backward();
            optimiser.Step();
        }

        Append(hash, weight_MN.detach());
        AppendDoublePrecision(hash, left_NM);
        AppendAttention(hash, product_NN);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    // What the closed-form editors use: float64 products and LAPACK's solve; and the C library's functions that managed code calls.
    private static void AppendDoublePrecision(IncrementalHash hash, Tensor left_NM)
    {
        var left64_NM = left_NM.to(ScalarType.Float64);
        var moment_NN = left64_NM.matmul(left64_NM.t()).Plus(eye(Rows, dtype: ScalarType.Float64).to(left_NM.device));
        Append(hash, linalg.solve(moment_NN, left64_NM));
        foreach (var x in Enumerable.Range(1, 50).Select(i => i * 0.37))
            foreach (var value in (double[])[Math.Sin(x), Math.Cos(x), Math.Exp(-x), Math.Pow(10_000, -x / 20)]) hash.AppendData(BitConverter.GetBytes(value));
    }

    // What a layer uses beside gemm.
    private static void AppendAttention(IncrementalHash hash, Tensor product_NN)
    {
        var scores_BNN = (product_NN / Held(64)).unsqueeze(0).expand(3, Rows, Rows).contiguous();
        Append(hash, nn.functional.softmax(scores_BNN, -1).bmm(scores_BNN));
        Append(hash, nn.functional.silu(scores_BNN));
        Append(hash, scores_BNN.pow(Held(2)).Plus(Held(1e-5)).rsqrt());
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

    private static void Append(IncrementalHash hash, Tensor value) => hash.AppendData(value.cpu().contiguous().bytes);
}
