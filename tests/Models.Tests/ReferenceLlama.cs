using Harness.Models;

namespace Harness.Tests;

/// <summary>
/// LLaMA's forward pass in double precision, by loops, written from its definition and sharing nothing with the model but the weights.
/// </summary>
internal sealed class ReferenceLlama(Transformer model)
{
    private readonly TransformerConfig config = model.Config;

    /// <summary>Logits of every position of one sequence.</summary>
    public double[][] Logits(long[] tokens)
    {
        var embedding = Matrix(Sites.Embedding);
        double[][] hidden = [.. tokens.Select(token => (double[])embedding[token].Clone())];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            Add(hidden, Attention(layer, [.. hidden.Select(x => Norm(Sites.AttentionNorm(layer), x))]));
            Add(hidden, [.. hidden.Select(x => Mlp(layer, Norm(Sites.MlpNorm(layer), x)))]);
        }

        return [.. hidden.Select(x => Multiply(Matrix(Sites.Head), Norm(Sites.FinalNorm, x)))];
    }

    private double[] Norm(string name, double[] x)
    {
        var weight = Values(name);
        var root = Math.Sqrt((x.Sum(value => value * value) / x.Length) + config.NormEpsilon);
        return [.. x.Select((value, i) => weight[i] * value / root)];
    }

    private double[] Mlp(int layer, double[] x)
    {
        var (gate, up) = (Multiply(Matrix(Sites.Gate(layer)), x), Multiply(Matrix(Sites.Up(layer)), x));
        return Multiply(Matrix(Sites.DownProjection(layer)), [.. gate.Select((g, i) => g / (1 + Math.Exp(-g)) * up[i])]);
    }

    private double[][] Attention(int layer, double[][] inputs)
    {
        var width = config.Width / config.Heads;
        double[][] queries = [.. inputs.Select(x => Multiply(Matrix(Sites.Query(layer)), x))];
        double[][] keys = [.. inputs.Select(x => Multiply(Matrix(Sites.Key(layer)), x))];
        double[][] values = [.. inputs.Select(x => Multiply(Matrix(Sites.Value(layer)), x))];
        var mixed = inputs.Select(_ => new double[config.Width]).ToArray();
        for (var head = 0; head < config.Heads; head++)
        {
            var shared = head / (config.Heads / config.KeyValueHeads);
            for (var to = 0; to < inputs.Length; to++)
            {
                var query = Rotate(queries[to][(head * width)..((head + 1) * width)], to);
                var weights = new double[to + 1];
                for (var from = 0; from <= to; from++)
                {
                    var key = Rotate(keys[from][(shared * width)..((shared + 1) * width)], from);
                    weights[from] = Math.Exp(query.Zip(key, (a, b) => a * b).Sum() / Math.Sqrt(width));
                }

                for (var from = 0; from <= to; from++)
                {
                    for (var i = 0; i < width; i++)
                        mixed[to][(head * width) + i] += weights[from] / weights.Sum() * values[from][(shared * width) + i];
                }
            }
        }

        return [.. mixed.Select(x => Multiply(Matrix(Sites.Output(layer)), x))];
    }

    // Channels i and i + d/2 are a plane, turned by position · base^(−2i/d).
    private double[] Rotate(double[] x, int position)
    {
        var half = x.Length / 2;
        var rotated = new double[x.Length];
        for (var i = 0; i < half; i++)
        {
            var (sine, cosine) = Math.SinCos(position * Math.Pow(config.RotaryBase, -2.0 * i / x.Length));
            rotated[i] = (x[i] * cosine) - (x[i + half] * sine);
            rotated[i + half] = (x[i + half] * cosine) + (x[i] * sine);
        }

        return rotated;
    }

    private double[] Values(string name) => [.. model.Parameter(name).data<float>().ToArray().Select(value => (double)value)];

    private double[][] Matrix(string name) => [.. Values(name).Chunk((int)model.Parameter(name).shape[1])];

    private static double[] Multiply(double[][] matrix, double[] x) => [.. matrix.Select(row => row.Zip(x, (a, b) => a * b).Sum())];

    private static void Add(double[][] hidden, double[][] change)
    {
        for (var t = 0; t < hidden.Length; t++)
        {
            for (var i = 0; i < hidden[t].Length; i++) hidden[t][i] += change[t][i];
        }
    }
}
