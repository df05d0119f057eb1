using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Metrics;

/// <summary>Scores a model, as it stands, on the cases of a data set under one protocol.</summary>
/// <param name="model">The model, edited or not.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="options">What is measured, and how.</param>
public sealed class Scorer(EditedModel model, BpeTokenizer tokenizer, ScoringOptions options)
{
    private readonly AnswerScorer answers = new(model, tokenizer, options.Protocol);

    /// <summary>Every metric of every case that is defined for it.</summary>
    /// <param name="cases">The cases, scored in this order.</param>
    /// <param name="before">What <see cref="LocalityOutputs"/> gave on the unedited model, or null where that is the one that is
    /// scored.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public IReadOnlyList<CaseScore> Score(
        IReadOnlyList<EditCase> cases, IReadOnlyList<int[]>? before, CancellationToken cancellation = default)
    {
        var values = options.Protocol == Protocol.NllPair
            ? new PairScorer(model, tokenizer).Score(cases, cancellation)
            : AnswerValues(cases, before, cancellation);
        if (options.Generation)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (i, texts) in new TextGenerator(model, tokenizer, options.GenerationTokens).Write(cases, cancellation).Index())
                values[i][MetricNames.GenerationEntropy] = texts.Average(GenerationEntropy.Of);
        }

        return [.. cases.Zip(values, (edit, metrics) => new CaseScore(edit.Id, metrics))];
    }

    /// <summary>
    /// What locality compares, of every locality question in case order: teacher-forced argmax ids at the answer positions for
    /// <c>same-argmax</c>, generated ids for <c>same-text</c>; nothing where nothing is compared. Batches depend on the questions alone, so
    /// the outputs before and after an edit come from the same tokenisation, padding and batches.
    /// </summary>
    public IReadOnlyList<int[]> LocalityOutputs(IReadOnlyList<EditCase> cases, CancellationToken cancellation = default)
    {
        var questions = cases.SelectMany(edit => edit.Locality);
        if (options.Protocol == Protocol.NllPair) return [];
        return options.Locality switch
        {
            LocalityDefinition.SameArgmax => answers.Argmax(questions, cancellation),
            LocalityDefinition.SameText => answers.Continuations(questions, cancellation),
            _ => [],
        };
    }

    /// <summary>Score in [0, 1] of each question's answer under the protocol, which is not <c>nll-pair</c>.</summary>
    public double[] Answers(IReadOnlyList<Question> questions, CancellationToken cancellation = default) =>
        answers.Answers(questions, cancellation);

    /// <summary>Share of equal positions, question by question.</summary>
    public static double[] Unchanged(IReadOnlyList<int[]> before, IReadOnlyList<int[]> after) =>
        [.. before.Zip(after, (was, now) => was.Zip(now, (x, y) => x == y ? 1.0 : 0.0).Average())];

    public static bool[] Hits(Sequence sequence, int[] argmax) =>
        [.. argmax.Select((id, i) => id == sequence.Ids[sequence.TargetStart + i])];

    private Dictionary<string, double>[] AnswerValues(
        IReadOnlyList<EditCase> cases, IReadOnlyList<int[]>? before, CancellationToken cancellation)
    {
        var values = cases.Select(_ => new Dictionary<string, double>()).ToArray();
        Add(MetricNames.Reliability, edit => [new Question(edit.Prompt, edit.TargetNew)], Ask);
        Add(MetricNames.Generality, edit => [.. edit.Rephrases.Select(prompt => new Question(prompt, edit.TargetNew))], Ask);
        if (options.Locality == LocalityDefinition.Truth) Add(MetricNames.Locality, edit => edit.Locality, Ask);
        else if (before is not null)
            Add(MetricNames.Locality, edit => edit.Locality, _ => Kept(before, LocalityOutputs(cases, cancellation)));
        Add(MetricNames.Portability, edit => edit.Portability, Ask);
        return values;

        double[] Ask(IReadOnlyList<Question> questions) => answers.Answers(questions, cancellation);

        void Add(string metric, Func<EditCase, IReadOnlyList<Question>> questions, Func<IReadOnlyList<Question>, double[]> score)
        {
            cancellation.ThrowIfCancellationRequested();
            var lists = cases.Select(questions).ToList();
            var scores = score([.. lists.SelectMany(list => list)]);
            var next = 0;
            foreach (var (i, list) in lists.Index().Where(list => list.Item.Count > 0))
            {
                values[i][metric] = scores.AsSpan(next, list.Count).ToArray().Average();
                next += list.Count;
            }
        }
    }

    private double[] Kept(IReadOnlyList<int[]> before, IReadOnlyList<int[]> after) => options.Locality == LocalityDefinition.SameText
        ? [.. before.Zip(after, (was, now) => tokenizer.Decode(was) == tokenizer.Decode(now) ? 1.0 : 0.0)]
        : Unchanged(before, after);
}
