using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Capability;

/// <summary>
/// What else a model can and knows: questions about facts that are not edited, and texts that were never trained on. Batches depend on the
/// questions and texts alone, so the outputs before and after an edit come from the same tokenisation and batches.
/// </summary>
/// <remarks>
/// Series, one item for each question or text, whose id is its index:
/// <c>choice</c>, where a question has distractors: answer and distractors by summed log-likelihood, the likeliest is chosen, and the
/// result is freed of chance, (correct − 1/n) / (1 − 1/n) among n candidates; where several are equally likely, correct is the answer's
/// share of them.
/// <c>recall-{kind}</c>: 1 when every token of the answer is the argmax, teacher forced, else 0; a question of kind <c>choice</c> is not
/// asked so.
/// <c>perplexity</c>: mean negative log-likelihood per token of a held-out text, after − before, in nats: the logarithm of the
/// perplexities' ratio.
/// <c>kl</c>: KL(before‖after) of the next-token distribution, mean over the text's positions, in nats.
/// Texts longer than the model's positions are cut by <see cref="RollingWindows"/>.
/// </remarks>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="questions">Questions, asked in this order.</param>
/// <param name="heldOut">Held-out texts, none of them empty.</param>
public sealed class CapabilityProbes(BpeTokenizer tokenizer, IReadOnlyList<ProbeQuestion> questions, IReadOnlyList<string> heldOut)
{
    private const string Choice = "choice", Recall = "recall-";

    /// <summary>Asks the unedited model about the held-out texts.</summary>
    /// <param name="model">The model, without an edit.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    /// <returns>The caller disposes it; see there for its memory.</returns>
    /// <exception cref="InputException">A text is empty.</exception>
    public HeldOutBaseline Before(Transformer model, CancellationToken cancellation = default)
    {
        (int Text, Sequence Window)[] windows = [.. heldOut.SelectMany((text, i) => Windows(model, i, text).Select(window => (i, window)))];
        Sequence[] sequences = [.. windows.Select(window => window.Window)];
        var baseline = new HeldOutBaseline(windows) { Answers = TeacherForcing.Run(model, sequences, cancellation: cancellation) };
        try
        {
            TeacherForcing.Visit(model, sequences, baseline.Keep, cancellation: cancellation);
            return baseline;
        }
        catch
        {
            baseline.Dispose();
            throw;
        }
    }

    /// <summary>Asks a model, as it stands.</summary>
    /// <param name="model">The model, edited or not.</param>
    /// <param name="before">What <see cref="Before"/> gave, or null to leave <c>perplexity</c> and <c>kl</c> out.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    /// <returns>The series by name, in ordinal order; one that has no items is left out.</returns>
    /// <exception cref="InputException">A question or text does not fit the model, or a distractor is the answer.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Ask(
        EditedModel model, HeldOutBaseline? before, CancellationToken cancellation = default)
    {
        var series = new SortedDictionary<string, IReadOnlyList<SeriesItem>>(StringComparer.Ordinal);
        AskQuestions(model, series, cancellation);
        if (before is { Windows.Count: > 0 })
        {
            var after = model.Force([.. before.Windows.Select(window => window.Window)], cancellation);
            series["perplexity"] =
                PerToken(before, window => (after[window].MeanNll - before.Answers[window].MeanNll) * Length(before, window));
            var divergences = new double[before.Windows.Count];
            model.Visit(
                [.. before.Windows.Select(window => window.Window)],
                (window, logits) => divergences[window] = before.Divergence(window, logits), cancellation);
            series["kl"] = PerToken(before, window => divergences[window]);
        }

        return series;
    }

    /// <summary>Chance-corrected score of the first of n candidates, from their log-likelihoods.</summary>
    internal static double Chosen(IReadOnlyList<double> likelihoods)
    {
        var (best, n) = (likelihoods.Max(), (double)likelihoods.Count);
        var correct = likelihoods[0] == best ? 1.0 / likelihoods.Count(one => one == best) : 0;
        return (correct - (1 / n)) / (1 - (1 / n));
    }

    private void AskQuestions(EditedModel model, SortedDictionary<string, IReadOnlyList<SeriesItem>> series, CancellationToken cancellation)
    {
        Sequence[][] candidates = [.. questions.Select((question, i) => Candidates(model.Model, i, question))];
        var answers = model.Force([.. candidates.SelectMany(all => all)], cancellation);
        var next = 0;
        for (var i = 0; i < questions.Count; i++)
        {
            var all = candidates[i];
            ForcedAnswer[] said = [.. answers.Skip(next).Take(all.Length)];
            next += all.Length;
            if (all.Length > 1) Add(Choice, i, Chosen([.. all.Zip(said, (sequence, answer) => -answer.MeanNll * sequence.TargetLength)]));
            if (questions[i].Kind != Choice)
                Add(Recall + questions[i].Kind, i, Scorer.Hits(all[0], said[0].Argmax).All(hit => hit) ? 1 : 0);
        }

        void Add(string name, int id, double value)
        {
            if (!series.TryGetValue(name, out var items)) series[name] = items = new List<SeriesItem>();
            ((List<SeriesItem>)items).Add(new SeriesItem(id, value) { Group = questions[id].Subject });
        }
    }

    // The answer first.
    private Sequence[] Candidates(Transformer model, int number, ProbeQuestion question)
    {
        if (question.Distractors.Contains(question.Answer))
        {
            throw new InputException(
                $"probe question {number} '{question.Prompt}': found the answer '{question.Answer}' among the distractors, "
                + "expected other answers of its type; correct the question");
        }

        return [.. new[] { question.Answer }.Concat(question.Distractors).Select(Encode)];

        Sequence Encode(string answer)
        {
            var sequence = TargetEncoding.Encode(tokenizer, question.Prompt, answer, appendEos: false);
            return sequence.Ids.Length - 1 <= model.Config.MaxPositions
                ? sequence
                : throw new InputException(
                    $"probe question {number} '{question.Prompt}': found {sequence.Ids.Length - 1} tokens with the answer '{answer}', "
                    + $"expected at most {model.Config.MaxPositions}, the model's positions; shorten it");
        }
    }

    private IReadOnlyList<Sequence> Windows(Transformer model, int number, string text)
    {
        var ids = tokenizer.EncodeToIds(text);
        return ids.Count > 0
            ? RollingWindows.Of(ids, RollingWindows.FirstId(tokenizer), model.Config.MaxPositions)
            : throw new InputException($"held-out text {number}: found no tokens, expected a text; remove it");
    }

    private static List<SeriesItem> PerToken(HeldOutBaseline before, Func<int, double> sum) => [.. Enumerable.Range(0, before.Windows.Count)
        .GroupBy(window => before.Windows[window].Text)
        .Select(text => new SeriesItem(text.Key, text.Sum(sum) / text.Sum(window => Length(before, window))))];

    private static int Length(HeldOutBaseline before, int window) => before.Windows[window].Window.TargetLength;
}
