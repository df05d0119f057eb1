// B = batch, T = positions, I = MLP width, N = tokens.
using System.Globalization;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Measuring.Statistics;

/// <summary>
/// C = E[k kᵀ] of some layers' down-projection inputs, uncentred, over the original model's own corpus (ROME, eq. 2, takes Wikipedia; the
/// models trained here have no other text that they model well). Positions of the tokenizer's prefix are left out: their keys are the same
/// in every text.
/// </summary>
public sealed class KeyMoments : IKeyStatistics, IDisposable
{
    private readonly SortedDictionary<int, Tensor> moments;

    private KeyMoments(SortedDictionary<int, Tensor> moments, long tokens) => (this.moments, Tokens) = (moments, tokens);

    /// <summary>Tokens whose keys were averaged; 0 where the moments were read from a file.</summary>
    public long Tokens { get; }

    /// <inheritdoc/>
    public Tensor Covariance(int layer) => moments.TryGetValue(layer, out var covariance_II)
        ? covariance_II
        : throw new InvalidOperationException($"no key statistics of layer {layer}; there are: {string.Join(", ", moments.Keys)}");

    /// <summary>
    /// Averages k kᵀ over at least <paramref name="tokens"/> tokens of texts in seeded order, or over all texts where they have fewer.
    /// </summary>
    /// <exception cref="InputException">A layer is out of the model's range.</exception>
    public static KeyMoments Collect(
        Transformer model, BpeTokenizer tokenizer, FactData data, IReadOnlyList<int> layers, int tokens, long seed,
        IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        if (layers.FirstOrDefault(layer => layer < 0 || layer >= model.Config.Layers, -1) is >= 0 and var outside)
            throw new InputException(
                $"key statistics: found layer {outside}, expected 0 to {model.Config.Layers - 1}; correct the editor's layer");
        if (layers.FirstOrDefault(model.Config.HasExperts, -1) is >= 0 and var mixed)
            throw new InputException($"key statistics: found experts in layer {mixed}, expected one MLP with its down-projection; " +
                "take locft-bf or another layer");
        var texts = data.Texts.Concat(data.Knowledge.Select(question => $"{question.Prompt} {question.Answer}")).ToList();
        new SeededRandom(seed, "statistics/texts").Shuffle(texts);

        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var sums = new SortedDictionary<int, Tensor>();
        foreach (var layer in layers)
            sums[layer] = zeros([model.Config.MlpWidth, model.Config.MlpWidth], dtype: ScalarType.Float64, device: model.Device);
        var counted = 0L;
        foreach (var batch in Batches(tokenizer, texts, model.Config.MaxPositions, tokens))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var tokens_BT = tensor(batch.SelectMany(ids => ids.Select(id => (long)id)).ToArray(), [batch.Count, batch[0].Length],
                dtype: ScalarType.Int64, device: model.Device);
            model.Run(model.Embed(tokens_BT), 0, layers.Max() + 1, new Accumulator(sums, tokenizer.Prefix.Count));
            counted += batch.Count * (batch[0].Length - tokenizer.Prefix.Count);
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{counted} of {tokens} tokens"));
        }

        if (counted == 0) throw new InputException("key statistics: found no token in the texts, expected running text; give more of it");
        foreach (var layer in layers) sums[layer] = sums[layer].div_(Held(counted)).cpu().DetachFromDisposeScope();
        return new KeyMoments(sums, counted);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static KeyMoments Load(string file)
    {
        using var stored = SafetensorsFile.Open(file);
        var moments = new SortedDictionary<int, Tensor>();
        foreach (var name in stored.Names)
            moments[int.Parse(name["layer.".Length..], CultureInfo.InvariantCulture)] = stored.Read(name).DetachFromDisposeScope();
        return new KeyMoments(moments, 0);
    }

    /// <summary>Writes one [I, I] float64 tensor a layer.</summary>
    public void Save(string file) => SafetensorsFile.Write(file, [.. moments.Select(pair => ($"layer.{pair.Key}", pair.Value))]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var covariance_II in moments.Values) covariance_II.Dispose();
    }

    // Texts of equal length share a batch, so that no padding is ever counted.
    private static IEnumerable<List<int[]>> Batches(BpeTokenizer tokenizer, List<string> texts, int maxPositions, int tokens)
    {
        // A text is cut to what a batch holds: the largest models take texts whose attention would not fit in memory.
        const int BatchTokens = 4096;
        var byLength = new SortedDictionary<int, List<int[]>>();
        var taken = 0;
        foreach (var text in texts)
        {
            if (taken >= tokens) break;
            int[] ids = [.. tokenizer.Prefix.Concat(tokenizer.EncodeToIds(text)).Take(Math.Min(maxPositions, BatchTokens))];
            if (ids.Length <= tokenizer.Prefix.Count) continue;
            taken += ids.Length - tokenizer.Prefix.Count;
            if (!byLength.TryGetValue(ids.Length, out var same)) byLength[ids.Length] = same = [];
            same.Add(ids);
        }

        foreach (var (length, same) in byLength)
        {
            var rows = Math.Max(1, BatchTokens / length);
            for (var start = 0; start < same.Count; start += rows) yield return same.GetRange(start, Math.Min(rows, same.Count - start));
        }
    }

    private sealed class Accumulator(SortedDictionary<int, Tensor> sums, int prefix) : IActivationHook
    {
        public Tensor DownProjectionInput(int layer, Tensor key_BTI)
        {
            if (!sums.TryGetValue(layer, out var sum_II)) return key_BTI;
            using var scope = NewDisposeScope();
            var keys_NI = key_BTI.narrow(1, prefix, key_BTI.shape[1] - prefix).reshape(-1, key_BTI.shape[2]).to(ScalarType.Float64);
            sum_II.PlusInPlace(keys_NI.t().matmul(keys_NI));
            return key_BTI;
        }
    }
}
