using System.Text;
using System.Text.RegularExpressions;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Capability;

/// <summary>The log-likelihood of one text and its sizes.</summary>
/// <param name="Id">Number of the text.</param>
/// <param name="LogLikelihood">Sum over all tokens, in nats.</param>
/// <param name="Words">Words of the raw text: one more than it has runs of white space, so that white space at an end counts an empty
/// word.</param>
/// <param name="Bytes">UTF-8 bytes of the raw text.</param>
public sealed record RollingScore(int Id, double LogLikelihood, int Words, int Bytes);

/// <summary>
/// Perplexity of running text, each token predicted once, as lm-evaluation-harness's <c>loglikelihood_rolling</c> and its
/// <c>word_perplexity</c>, <c>byte_perplexity</c> and <c>bits_per_byte</c>.
/// </summary>
public static partial class RollingLikelihood
{
    /// <summary>Scores texts.</summary>
    /// <param name="model">The model, edited or not.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="texts">Raw texts; an empty one has likelihood 0.</param>
    /// <param name="tokenizerPrefix">
    /// Whether the tokenizer's own prefix is put before a text and predicted too. Default true: present releases encode as the tokenizer
    /// does by default, so that LLaMA's <c>&lt;s&gt;</c> is predicted from another. False is what releases up to 0.4.9 do
    /// (<c>add_bos_token=False</c>).
    /// </param>
    /// <param name="cancellation">Looked at before every layer.</param>
    public static IReadOnlyList<RollingScore> Run(
        EditedModel model, BpeTokenizer tokenizer, IReadOnlyList<string> texts, bool tokenizerPrefix = true,
            CancellationToken cancellation = default)
    {
        var first = RollingWindows.FirstId(tokenizer);
        (int Text, Sequence Window)[] windows = [.. texts.SelectMany((text, i) =>
            RollingWindows.Of(Encode(text), first, model.Model.Config.MaxPositions)
                .Select(window => (i, window)))];
        var sums = new double[texts.Count];
        foreach (var (window, answer) in windows.Zip(model.Force([.. windows.Select(window => window.Window)], cancellation)))
            sums[window.Text] -= answer.MeanNll * window.Window.TargetLength;
        return [.. texts.Select((text, i) => new RollingScore(i, sums[i], WhiteSpace().Count(text) + 1, Encoding.UTF8.GetByteCount(text)))];

        IReadOnlyList<int> Encode(string text) =>
            tokenizerPrefix ? RollingWindows.WithPrefix(tokenizer, text) : tokenizer.EncodeToIds(text);
    }

    /// <summary>exp(−Σ log-likelihood / Σ words).</summary>
    public static double WordPerplexity(IReadOnlyList<RollingScore> scores) =>
        Math.Exp(-Sum(scores) / scores.Sum(score => (double)score.Words));

    /// <summary>exp(−Σ log-likelihood / Σ bytes).</summary>
    public static double BytePerplexity(IReadOnlyList<RollingScore> scores) =>
        Math.Exp(-Sum(scores) / scores.Sum(score => (double)score.Bytes));

    /// <summary>−Σ log-likelihood / Σ bytes, in bits.</summary>
    public static double BitsPerByte(IReadOnlyList<RollingScore> scores) =>
        -Sum(scores) / scores.Sum(score => (double)score.Bytes) / Math.Log(2);

    private static double Sum(IReadOnlyList<RollingScore> scores) => scores.Sum(score => score.LogLikelihood);

    // Python's \s, which has the four separators of ASCII too.
    [GeneratedRegex(@"[\s\u001c-\u001f]+")]
    private static partial Regex WhiteSpace();
}
