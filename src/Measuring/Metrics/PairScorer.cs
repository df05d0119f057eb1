using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Metrics;

/// <summary>CounterFact's scores (ROME, section 3.4): which of two targets is likelier, per token, and by how much.</summary>
/// <param name="model">The model as it stands.</param>
/// <param name="tokenizer">Its tokenizer.</param>
internal sealed class PairScorer(EditedModel model, BpeTokenizer tokenizer)
{
    /// <summary>
    /// Scores and magnitudes of each case on its prompt, rephrasings and locality questions. Those of the first two are absent where the
    /// old answer is not known.
    /// </summary>
    public Dictionary<string, double>[] Score(IReadOnlyList<EditCase> cases, CancellationToken cancellation)
    {
        List<Pair> pairs = [.. cases.SelectMany(Pairs)];
        var nlls = model.Force([.. pairs.SelectMany(pair => new[] { Encode(pair, pair.Wanted), Encode(pair, pair.Other) })], cancellation);
        var values = cases.Select(_ => new Dictionary<string, double>()).ToArray();
        foreach (var group in pairs.Index().GroupBy(pair => (pair.Item.Case, pair.Item.Score, pair.Item.Magnitude)))
        {
            var (index, score, magnitude) = group.Key;
            var both = group.Select(pair => (Wanted: nlls[2 * pair.Index].MeanNll, Other: nlls[(2 * pair.Index) + 1].MeanNll)).ToList();
            values[index][score] = both.Average(nll => nll.Wanted < nll.Other ? 1.0 : 0.0);
            values[index][magnitude] = both.Average(nll => Math.Exp(-nll.Wanted) - Math.Exp(-nll.Other));
        }

        return values;
    }

    private static IEnumerable<Pair> Pairs(EditCase edit, int index)
    {
        var (now, old) = (edit.TargetNew, edit.TargetOld);
        if (old.Length > 0)
        {
            yield return new Pair(index, "es", "em", edit.Prompt, now, old);
            foreach (var prompt in edit.Rephrases)
                yield return new Pair(index, "ps", "pm", prompt, now, old);
        }

        foreach (var (prompt, truth) in edit.Locality)
            yield return new Pair(index, "ns", "nm", prompt, truth, now);
    }

    private Sequence Encode(Pair pair, string target) => TargetEncoding.Encode(tokenizer, pair.Prompt, target, appendEos: false);

    private sealed record Pair(int Case, string Score, string Magnitude, string Prompt, string Wanted, string Other);
}
