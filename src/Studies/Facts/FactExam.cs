using Harness.Editing;
using Harness.Models;
using Harness.Models.Generation;
using Harness.Models.Tokenizers;
using Harness.Studies.Metrics;

namespace Harness.Studies.Facts;

/// <summary>What a model said to a facts file.</summary>
/// <param name="Answers">Greedy answer to each prompt.</param>
/// <param name="Argmax">Teacher-forced argmax ids: prompts, then rephrasings, then locality prompts.</param>
internal sealed record ExamPaper(IReadOnlyList<string> Answers, IReadOnlyList<int[]> Argmax);

/// <summary>
/// Asks a model a facts file's questions, before and after an edit. One teacher-forced pass scores everything; greedy decoding, which costs a pass for
/// each token, is left to what that pass does not settle.
/// </summary>
internal sealed class FactExam
{
    // Beyond the longest target, so that an answer that goes on is seen to.
    private const int MoreTokens = 4;
    private readonly Transformer model;
    private readonly BpeTokenizer tokenizer;
    private readonly IReadOnlyList<Fact> facts;
    private readonly Sequence[] prompts;
    private readonly (int Fact, Sequence Sequence)[] rephrases;
    private (int Fact, Sequence Sequence)[] locality = [];

    /// <summary>Encodes all questions.</summary>
    /// <param name="model">The model, as it stands at each call.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="file">Their file, for errors.</param>
    /// <param name="answerTokens">Longest greedy answer, or null for the longest target and four more.</param>
    /// <exception cref="InputException">A question does not fit the model's positions or vocabulary.</exception>
    public FactExam(Transformer model, BpeTokenizer tokenizer, IReadOnlyList<Fact> facts, string file, int? answerTokens)
    {
        (this.model, this.tokenizer, this.facts) = (model, tokenizer, facts);

        // The id behind a target is never fed in: its argmax says whether the answer ends there.
        prompts = [.. facts.Select(fact => Checked(fact, fact.Prompt, fact.Target, end: true))];
        rephrases = [.. Each(fact => fact.Rephrases, (fact, prompt) => Checked(fact, prompt, fact.Target, end: false))];
        locality = [.. Each(fact => fact.Locality, (fact, asked) => Checked(fact, asked.Prompt, asked.Answer ?? ".", end: false))];
        AnswerTokens = answerTokens ?? prompts.Max(one => one.TargetLength) - 1 + MoreTokens;

        Sequence Checked(Fact fact, string prompt, string target, bool end)
        {
            var sequence = TargetEncoding.Encode(tokenizer, prompt, target, end);
            var (length, most) = (sequence.Ids.Length - 1, model.Config.MaxPositions);
            if (length > most)
            {
                throw new InputException(
                    $"{file}({fact.Line}): found {length} tokens in '{Short(prompt)}' and its answer, expected at most {most}, the model's positions; shorten it");
            }

            return sequence.Ids.Max() is var id && id < model.Config.VocabularySize
                ? sequence
                : throw new InputException(
                    $"{file}({fact.Line}): found token id {id} in '{Short(prompt)}', expected one below {model.Config.VocabularySize}, the model's vocabulary: "
                    + "tokenizer.json belongs to another model");
        }
    }

    /// <summary>Longest greedy answer in tokens.</summary>
    public int AnswerTokens { get; }

    /// <summary>Asks the unedited model; its own answers to locality prompts become those that are watched where the file gives none.</summary>
    public ExamPaper Before(CancellationToken cancellation) => new(AskOpen(cancellation), Force(new EditedModel(model), cancellation));

    /// <summary>
    /// The facts as examples for editors; answers that the file leaves open are the unedited model's. A locality prompt to which it says nothing is
    /// left out.
    /// </summary>
    public IReadOnlyList<EditExample> Examples(CancellationToken cancellation)
    {
        var answers = AskOpen(cancellation);
        var next = 0;
        return [.. facts.Select((fact, i) => new EditExample(
            fact.ToRequest(answers[i]), fact.Rephrases, [.. fact.Locality.Select(Answered).Where(asked => asked.Answer.Length > 0)]))];

        (string Prompt, string Answer) Answered(LocalityPrompt asked)
        {
            var sequence = locality[next++].Sequence;
            return (asked.Prompt, asked.Answer ?? Text(sequence.Ids[sequence.TargetStart..]).TrimEnd('…'));
        }
    }

    /// <summary>Asks the edited model.</summary>
    /// <param name="module">What the edit keeps beside the weights, attached to the model, or null.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public ExamPaper After(EditModule? module, CancellationToken cancellation)
    {
        var edited = new EditedModel(model, module);
        var argmax = Force(edited, cancellation);
        var answers = new string[prompts.Length];
        var open = new List<int>();
        for (var i = 0; i < prompts.Length; i++)
        {
            // Greedy decoding gives the argmax ids one by one as long as they are the target's.
            var isSettled = argmax[i].Length <= AnswerTokens && Hits(argmax, i).All(hit => hit) && Stops(argmax[i]);
            if (isSettled) answers[i] = Text(argmax[i]);
            else open.Add(i);
        }

        foreach (var (i, answer) in open.Zip(Decode(edited, [.. open.Select(i => prompts[i])], cancellation))) answers[i] = Text(answer);
        return new ExamPaper(answers, argmax);
    }

    /// <summary>How many of the facts' prompts a module answers in a way of its own.</summary>
    public int Routed(EditModule module) => module.Route(model, [.. prompts.Select(prompt => prompt.Ids[..prompt.TargetStart])]).Count(route => route is not null);

    /// <summary>Whether every target token of a fact is the argmax.</summary>
    public bool IsAnswered(ExamPaper paper, int fact) => Hits(paper.Argmax, fact).All(hit => hit);

    /// <summary>Scores of a paper.</summary>
    /// <param name="paper">What the model said.</param>
    /// <param name="before">What the unedited model said, or null to leave locality out.</param>
    public FactScores Scores(ExamPaper paper, ExamPaper? before)
    {
        var reliability = Score([.. prompts.Select((_, fact) => (fact, Hits(paper.Argmax, fact)))]);
        var generality = Score([.. rephrases.Select((one, i) => (one.Fact, Scorer.Hits(one.Sequence, paper.Argmax[prompts.Length + i])))]);
        return new FactScores(reliability!, generality, before is null || locality.Length == 0 ? null : Locality(paper, before));
    }

    private LocalityScore Locality(ExamPaper paper, ExamPaper before)
    {
        var first = prompts.Length + rephrases.Length;
        var shares = Scorer.Unchanged([.. before.Argmax.Skip(first)], [.. paper.Argmax.Skip(first)]);
        var mean = Mean([.. shares.Select((share, i) => (locality[i].Fact, share))]);
        return new LocalityScore(mean, shares.Count(share => share == 1), shares.Length);
    }

    private static AnswerScore? Score(IReadOnlyList<(int Fact, bool[] Hits)> answers) => answers.Count == 0 ? null : new AnswerScore(
        Mean([.. answers.Select(answer => (answer.Fact, answer.Hits.All(hit => hit) ? 1.0 : 0))]),
        Mean([.. answers.Select(answer => (answer.Fact, answer.Hits.Average(hit => hit ? 1.0 : 0)))]), answers.Count);

    private static double Mean(IReadOnlyList<(int Fact, double Score)> scores) =>
        scores.GroupBy(score => score.Fact).Average(fact => fact.Average(score => score.Score));

    // Answers to the prompts, and to the locality prompts whose answer the file does not give.
    private string[] AskOpen(CancellationToken cancellation)
    {
        var asked = facts.SelectMany(fact => fact.Locality).ToArray();
        int[] open = [.. Enumerable.Range(0, asked.Length).Where(i => asked[i].Answer is null)];
        var answers = Decode(new EditedModel(model), [.. prompts, .. open.Select(i => locality[i].Sequence)], cancellation);
        foreach (var (i, answer) in open.Zip(answers.Skip(prompts.Length)))
        {
            var start = locality[i].Sequence.TargetStart;
            locality[i].Sequence = new Sequence([.. locality[i].Sequence.Ids[..start], .. answer], start);
        }

        return [.. answers.Take(prompts.Length).Select(Text)];
    }

    private IReadOnlyList<int[]> Force(EditedModel asked, CancellationToken cancellation)
    {
        Sequence[] all = [.. prompts, .. rephrases.Select(one => one.Sequence), .. locality.Select(one => one.Sequence)];
        return [.. asked.Force(all, cancellation).Select(answer => answer.Argmax)];
    }

    private IReadOnlyList<IReadOnlyList<int>> Decode(EditedModel asked, IReadOnlyList<Sequence> sequences, CancellationToken cancellation) =>
        asked.Decode([.. sequences.Select(sequence => (IReadOnlyList<int>)sequence.Ids[..sequence.TargetStart])], AnswerTokens, Stops, cancellation);

    private bool[] Hits(IReadOnlyList<int[]> argmax, int fact) => Scorer.Hits(prompts[fact], argmax[fact])[..^1];

    // An answer ends at the line's end, but for line ends before it.
    private bool Stops(IReadOnlyList<int> ids) => GreedyDecoder.StopAt(tokenizer)(ids) || Decoded(ids).TrimStart().Contains('\n');

    private string Text(IReadOnlyList<int> ids) => Decoded(ids).Trim().Split('\n')[0].TrimEnd() + (Stops(ids) ? "" : "…");

    // A model may have more rows than its tokenizer has tokens, for the sake of round sizes.
    private string Decoded(IReadOnlyList<int> ids) => tokenizer.Decode(ids.Where(id => id < tokenizer.VocabularySize));

    private IEnumerable<(int Fact, Sequence Sequence)> Each<T>(Func<Fact, IReadOnlyList<T>> list, Func<Fact, T, Sequence> encode) =>
        facts.SelectMany((fact, i) => list(fact).Select(item => (i, encode(fact, item))));

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
