using Harness.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Small models and inputs that the tests share.</summary>
internal static class TinyModels
{
    /// <summary>Two layers, four query heads on two shared ones, untied head.</summary>
    public static TransformerConfig Grouped { get; } = new()
    {
        Family = "llama",
        VocabularySize = 40,
        Width = 16,
        MlpWidth = 24,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        MaxPositions = 32,
        RotaryBase = 500,
        NormEpsilon = 1e-5,
    };

    /// <summary>A model whose weights are large enough for attention and norms to matter.</summary>
    public static Transformer Lively(TransformerConfig config, long seed = 7)
    {
        var model = Transformer.Create(config, seed);
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        using var random = new Generator((ulong)seed);
        foreach (var name in model.ParameterNames)
        {
            var parameter = model.Parameter(name);
            if (parameter.dim() == 1) parameter.PlusInPlace(randn(parameter.shape, generator: random).mul_(Held(0.2)));
            else parameter.mul_(Held(12));
        }

        return model;
    }

    /// <summary>Ids in [0, 40), the same every time.</summary>
    public static long[][] Tokens(int batch, int positions, long seed = 3)
    {
        var random = new SeededRandom(seed, "tests/tokens");
        return [.. Enumerable.Range(0, batch).Select(_ => Enumerable.Range(0, positions).Select(_ => (long)random.Next(40)).ToArray())];
    }

    /// <summary>[B, T] Int64.</summary>
    public static Tensor Tensor(long[][] tokens) => tensor(tokens.SelectMany(row => row).ToArray(), [tokens.Length, tokens[0].Length]);

    /// <summary>Largest absolute difference.</summary>
    public static double Distance(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return (a - b).abs().max().AsDouble();
    }

    /// <summary>Equal shape and equal bits.</summary>
    public static bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && a.bytes.SequenceEqual(b.bytes);

    /// <summary>Live tensors of the process, after those that earlier tests dropped are gone.</summary>
    public static long Live()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
