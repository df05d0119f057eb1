using System.Text.Json.Serialization;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Metrics;

/// <summary>What is measured, and how.</summary>
/// <param name="Protocol">How answers are taken.</param>
/// <param name="Locality">What locality is. Default <c>same-argmax</c>; <c>nll-pair</c> has a locality of its own, the neighbourhood
/// scores.</param>
/// <param name="Generation">Whether texts are generated, and their entropy measured. Default no: it takes far longer than all else.</param>
public sealed record ScoringOptions(
    Protocol Protocol, LocalityDefinition Locality = LocalityDefinition.SameArgmax, bool Generation = false)
{
    /// <summary>
    /// Length of a generated text in tokens, its prompt included. Default 100 (ROME, MEMIT); cut to the model's positions, and at least one
    /// token is generated.
    /// </summary>
    public int GenerationTokens { get; init; } = 100;
}

/// <summary>One stored line of a Score cell: one case under one protocol.</summary>
/// <param name="Id">Number of the case in its data set.</param>
/// <param name="Values">Value of each metric that is defined for the case, its own: a mean over its questions where it has several.</param>
public sealed record CaseScore(int Id, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>
    /// What the model said to each question behind a metric, in the case's order; null where no answers are taken.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Said { get; init; }

    /// <summary>A metric's value, or null where it is not defined.</summary>
    public double? Of(string metric) => Values.TryGetValue(metric, out var value) ? value : null;
}

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
        Dictionary<string, IReadOnlyList<string>>[]? said = null;
        Dictionary<string, double>[] values;
        if (options.Protocol == Protocol.NllPair) values = new PairScorer(model, tokenizer).Score(cases, cancellation);
        else (values, said) = AnswerValues(cases, before, cancellation);
        if (options.Generation)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (i, texts) in new TextGenerator(model, tokenizer, options.GenerationTokens).Write(cases, cancellation).Index())
                values[i]["ge"] = texts.Average(GenerationEntropy.Of);
        }

        return [.. cases.Select((edit, i) => new CaseScore(edit.Id, values[i]) { Said = said?[i] })];
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

    /// <summary>
    /// The cases, without tests whose conditions this model, the unedited one, does not meet: under the protocol it does not answer one of
    /// them wholly. Under <c>nll-pair</c>, which asks no tests, they are as they were.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public IReadOnlyList<EditCase> WithMetConditions(IReadOnlyList<EditCase> cases, CancellationToken cancellation = default)
    {
        List<Question> conditions = [.. cases.SelectMany(edit => edit.Tests).SelectMany(test => test.Conditions ?? [])];
        if (conditions.Count == 0 || options.Protocol == Protocol.NllPair) return cases;
        var met = new Queue<double>(Answers(conditions, cancellation));
        return [.. cases.Select(edit => edit with
        {
            Tests = [.. edit.Tests.Where(test => (test.Conditions ?? []).Select(_ => met.Dequeue()).ToList().TrueForAll(one => one == 1))],
        })];
    }

    /// <summary>Score in [0, 1] of each question's answer under the protocol, which is not <c>nll-pair</c>.</summary>
    public double[] Answers(IReadOnlyList<Question> questions, CancellationToken cancellation = default) =>
        [.. answers.Answers(questions, cancellation).Select(answer => answer.Score)];

    /// <summary>
    /// The cases, with the unedited model's greedy answer (that of <see cref="Protocol.WildEm"/>: at most 32 tokens, up to a stop) where a
    /// data set does not say the old one. It stays empty where the model says nothing, or says the new answer.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="model">The unedited model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static IReadOnlyList<EditCase> WithOldAnswers(
        IReadOnlyList<EditCase> cases, EditedModel model, BpeTokenizer tokenizer, CancellationToken cancellation = default)
    {
        int[] open = [.. Enumerable.Range(0, cases.Count).Where(i => cases[i].TargetOld.Length == 0)];
        if (open.Length == 0) return cases;
        var asked = open.Select(i => new Question(cases[i].Prompt, cases[i].TargetNew));
        var answers = new AnswerScorer(model, tokenizer, Protocol.WildEm).Continuations(asked, cancellation);
        var filled = cases.ToArray();
        foreach (var (i, ids) in open.Zip(answers))
        {
            var text = AnswerText.UpToStop(tokenizer.Decode(ids.Where(id => !tokenizer.StopIds.Contains(id)))).Trim();
            if (AnswerText.Normalise(text) != AnswerText.Normalise(cases[i].TargetNew)) filled[i] = cases[i] with { TargetOld = text };
        }

        return filled;
    }

    /// <summary>Share of equal positions, question by question.</summary>
    public static double[] Unchanged(IReadOnlyList<int[]> before, IReadOnlyList<int[]> after) =>
        [.. before.Zip(after, (was, now) => was.Zip(now, (x, y) => x == y ? 1.0 : 0.0).Average())];

    /// <summary>Whether each token of the target is the argmax.</summary>
    public static bool[] Hits(Sequence sequence, int[] argmax) =>
        [.. argmax.Select((id, i) => id == sequence.Ids[sequence.TargetStart + i])];

    private (Dictionary<string, double>[] Values, Dictionary<string, IReadOnlyList<string>>[] Said) AnswerValues(
        IReadOnlyList<EditCase> cases, IReadOnlyList<int[]>? before, CancellationToken cancellation)
    {
        var values = cases.Select(_ => new Dictionary<string, double>()).ToArray();
        var said = cases.Select(_ => new Dictionary<string, IReadOnlyList<string>>()).ToArray();
        Add("reliability", edit => [new Question(edit.Prompt, edit.TargetNew)], Ask);
        Add("generality", edit => [.. edit.Rephrases.Select(prompt => new Question(prompt, edit.TargetNew))], Ask);
        if (options.Locality == LocalityDefinition.Truth) Add("locality", edit => edit.Locality, Ask);
        else if (before is not null)
            Add("locality", edit => edit.Locality, _ => Kept(before, LocalityOutputs(cases, cancellation)));
        Add("portability", edit => edit.Portability, Ask);
        foreach (var criterion in cases.SelectMany(edit => edit.Tests).Select(test => test.Criterion).Distinct())
            Add(criterion, edit => [.. Tests(edit, criterion).SelectMany(test => test.Questions)], Ask, Passed(criterion));
        return (values, said);

        ScoredAnswer[] Ask(IReadOnlyList<Question> questions) => answers.Answers(questions, cancellation);

        void Add(
            string metric, Func<EditCase, IReadOnlyList<Question>> questions, Func<IReadOnlyList<Question>, ScoredAnswer[]> score,
            Func<EditCase, double[], double>? value = null)
        {
            cancellation.ThrowIfCancellationRequested();
            var lists = cases.Select(questions).ToList();
            var scores = score([.. lists.SelectMany(list => list)]);
            var next = 0;
            foreach (var (i, list) in lists.Index().Where(list => list.Item.Count > 0))
            {
                var asked = scores.AsSpan(next, list.Count).ToArray();
                double[] all = [.. asked.Select(answer => answer.Score)];
                values[i][metric] = value is null ? all.Average() : value(cases[i], all);
                said[i][metric] = [.. asked.Select(answer => answer.Said)];
                next += list.Count;
            }
        }
    }

    private static IEnumerable<CriterionTest> Tests(EditCase edit, string criterion) =>
        edit.Tests.Where(test => test.Criterion == criterion);

    // The mean over a case's tests, from the scores of their questions.
    private static Func<EditCase, double[], double> Passed(string criterion) => (edit, scores) =>
    {
        var next = 0;
        return Tests(edit, criterion).Select(test =>
        {
            double[] asked = scores[next..(next += test.Questions.Count)];
            return test.IsWhole ? asked.Min() : asked.Max();
        }).ToList().Average();
    };

    private ScoredAnswer[] Kept(IReadOnlyList<int[]> before, IReadOnlyList<int[]> after)
    {
        string[] said = [.. after.Select(ids => tokenizer.Decode(ids))];
        var kept = options.Locality == LocalityDefinition.SameText
            ? before.Zip(said, (was, now) => tokenizer.Decode(was) == now ? 1.0 : 0.0)
            : Unchanged(before, after);
        return [.. kept.Zip(said, (score, text) => new ScoredAnswer(score, AnswerText.UpToStop(text).Trim()))];
    }
}
