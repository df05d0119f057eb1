using Harness.Editing;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Generation;
using Harness.Models.Text;
using Harness.Models.Tokenizers;

namespace Harness.CheckpointEdits;

/// <summary>What a model said to a facts file.</summary>
/// <param name="Said">Greedy answer to each prompt, up to its end.</param>
/// <param name="IsCut">Whether that end was not reached.</param>
/// <param name="Argmax">Teacher-forced argmax ids: prompts, then rephrasings, then locality prompts.</param>
/// <param name="IsExact">Of prompts, then rephrasings: whether the answer is the target and ends there (<c>tf-exact</c>).</param>
internal sealed record ExamPaper(
    IReadOnlyList<string> Said, IReadOnlyList<bool> IsCut, IReadOnlyList<int[]> Argmax, IReadOnlyList<bool> IsExact)
{
    /// <summary>The answers for people: "…" ends one that was cut short.</summary>
    public IReadOnlyList<string> Answers => [.. Said.Zip(IsCut, (said, isCut) => isCut ? said + "…" : said)];
}

/// <summary>
/// Asks a model a facts file's questions, before and after an edit. One teacher-forced pass scores nearly everything; greedy decoding,
/// which costs a pass for each token, is left to what that pass does not settle: what a wrong answer is, and whether one ends behind a full
/// stop.
/// </summary>
internal sealed class FactExam
{
    // Beyond the longest target, so that an answer that goes on is seen to.
    private const int MoreTokens = 4;
    private readonly Transformer model;
    private readonly BpeTokenizer tokenizer;
    private readonly IReadOnlyList<Fact> facts;
    private readonly TargetSpace space;

    // Prompts, then rephrasings. The id behind a target is never fed in: its argmax says what comes behind the target.
    private readonly (int Fact, Sequence Sequence)[] questions;
    private readonly (int Fact, Sequence Sequence)[] locality;
    private readonly int reach;

    /// <summary>Encodes all questions.</summary>
    /// <param name="model">The model, as it stands at each call.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="file">Their file, for errors.</param>
    /// <param name="answerTokens">Longest greedy answer, or null for the longest target and four more.</param>
    /// <param name="space">Whether a space is put between a prompt and its answer.</param>
    /// <exception cref="InputException">A question does not fit the model's positions or vocabulary.</exception>
    public FactExam(
        Transformer model, BpeTokenizer tokenizer, IReadOnlyList<Fact> facts, string file, int? answerTokens,
            TargetSpace space = TargetSpace.Auto)
    {
        (this.model, this.tokenizer, this.facts, this.space) = (model, tokenizer, facts, space);
        questions =
        [
            .. facts.Select((fact, i) => (i, Checked(fact, fact.Prompt, fact.Target, end: true))),
            .. Each(fact => fact.Rephrases, (fact, prompt) => Checked(fact, prompt, fact.Target, end: true)),
        ];
        locality = [.. Each(fact => fact.Locality, (fact, asked) => Checked(fact, asked.Prompt, asked.Answer ?? ".", end: false))];
        reach = questions.Max(question => question.Sequence.TargetLength) - 1 + MoreTokens;
        AnswerTokens = answerTokens ?? reach;

        Sequence Checked(Fact fact, string prompt, string target, bool end)
        {
            var sequence = TargetEncoding.Encode(tokenizer, prompt, target, end, space);
            var (length, most) = (sequence.Ids.Length - 1, model.Config.MaxPositions);
            if (length > most)
            {
                throw new InputException(
                    $"{file}({fact.Line}): found {length} tokens in '{Short(prompt)}' and its answer, " +
                        $"expected at most {most}, the model's positions; shorten it");
            }

            if (tokenizer.EncodeToTokens(target, out _).FirstOrDefault(token => tokenizer.StopIds.Contains(token.Id)).Value is { } stop)
            {
                throw new InputException(
                    $"{file}({fact.Line}): found '{stop}' in the answer '{Short(target)}', " +
                        "expected text, as this token ends answers and is no part of one; leave it out");
            }

            return sequence.Ids.Max() is var id && id < model.Config.VocabularySize
                ? sequence
                : throw new InputException(
                    $"{file}({fact.Line}): found token id {id} in '{Short(prompt)}', " +
                        $"expected one below {model.Config.VocabularySize}, the model's vocabulary: "
                    + "tokenizer.json belongs to another model");
        }
    }

    /// <summary>Longest answer that is shown, in tokens; one that is the target is shown whole.</summary>
    public int AnswerTokens { get; }

    /// <summary>
    /// Asks the unedited model; its own answers to locality prompts become those that are watched where the file gives none.
    /// </summary>
    public ExamPaper Before(CancellationToken cancellation)
    {
        var asked = new EditedModel(model);
        var answers = AskOpen(cancellation);
        return Mark(asked, Force(asked, cancellation), answers, cancellation);
    }

    /// <summary>
    /// The facts as examples for editors; answers that the file leaves open are the unedited model's. A locality prompt to which it says
    /// nothing is left out.
    /// </summary>
    public IReadOnlyList<EditExample> Examples(CancellationToken cancellation)
    {
        var answers = AskOpen(cancellation);
        var next = 0;
        return [.. facts.Select((fact, i) => new EditExample(
            fact.ToRequest(Said(fact.Prompt, answers[i]).Text), fact.Rephrases,
                [.. fact.Locality.Select(Answered).Where(asked => asked.Answer.Length > 0)]))];

        (string Prompt, string Answer) Answered(LocalityPrompt asked)
        {
            var sequence = locality[next++].Sequence;
            return (asked.Prompt, asked.Answer ?? Said(asked.Prompt, sequence.Ids[sequence.TargetStart..]).Text);
        }
    }

    /// <summary>Asks the edited model.</summary>
    /// <param name="module">What the edit keeps beside the weights, attached to the model, or null.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public ExamPaper After(EditModule? module, CancellationToken cancellation)
    {
        var edited = new EditedModel(model, module);
        return Mark(edited, Force(edited, cancellation), [], cancellation);
    }

    /// <summary>How many of the facts' prompts a module answers in a way of its own.</summary>
    public int Routed(EditModule module) =>
        module.Route(model, [.. questions[..facts.Count].Select(prompt => prompt.Sequence.Ids[..prompt.Sequence.TargetStart])])
            .Count(route => route is not null);

    /// <summary>Scores of a paper.</summary>
    /// <param name="paper">What the model said.</param>
    /// <param name="before">What the unedited model said, or null to leave locality out.</param>
    public FactScores Scores(ExamPaper paper, ExamPaper? before) => new(
        Score(paper, Enumerable.Range(0, facts.Count))!, Score(paper, Enumerable.Range(facts.Count, questions.Length - facts.Count)),
        before is null || locality.Length == 0 ? null : Locality(paper, before));

    private LocalityScore Locality(ExamPaper paper, ExamPaper before)
    {
        var shares = Scorer.Unchanged([.. before.Argmax.Skip(questions.Length)], [.. paper.Argmax.Skip(questions.Length)]);
        var mean = Mean([.. shares.Select((share, i) => (locality[i].Fact, share))]);
        return new LocalityScore(mean, shares.Count(share => share == 1), shares.Length);
    }

    private AnswerScore? Score(ExamPaper paper, IEnumerable<int> some)
    {
        var answers = some.Select(i => (questions[i].Fact, Hits: Hits(paper.Argmax, i), IsExact: paper.IsExact[i])).ToList();
        return answers.Count == 0 ? null : new AnswerScore(
            Mean([.. answers.Select(answer => (answer.Fact, answer.IsExact ? 1.0 : 0))]),
            Mean([.. answers.Select(answer => (answer.Fact, answer.Hits.All(hit => hit) ? 1.0 : 0))]),
            Mean([.. answers.Select(answer => (answer.Fact, answer.Hits.Average(hit => hit ? 1.0 : 0)))]), answers.Count);
    }

    private static double Mean(IReadOnlyList<(int Fact, double Score)> scores) =>
        scores.GroupBy(score => score.Fact).Average(fact => fact.Average(score => score.Score));

    // Says of all answers whether they are the target, and of those to prompts what they are. Greedy decoding gives the argmax ids one by
    // one as long as they are the target's; decoded are the answers that this leaves open, unless they were already.
    private ExamPaper Mark(
        EditedModel asked, IReadOnlyList<int[]> argmax, IReadOnlyList<IReadOnlyList<int>> known, CancellationToken cancellation)
    {
        AnswerEnd[] ends = [
            .. questions.Select((question, i) => Hits(argmax, i).All(hit => hit) ? End(question.Sequence, argmax[i]) : AnswerEnd.GoesOn)];
        int[] open = [.. Enumerable.Range(known.Count, questions.Length - known.Count)
            .Where(i => ends[i] == AnswerEnd.Open || (i < facts.Count && ends[i] == AnswerEnd.GoesOn))];
        var decoded = known.Index().ToDictionary(answer => answer.Index, answer => answer.Item);
        foreach (var (i, ids) in open.Zip(Decode(asked, [.. open.Select(i => questions[i].Sequence)], cancellation))) decoded[i] = ids;
        bool[] isExact = [.. ends.Select(
            (end, i) => end == AnswerEnd.Ends || (end == AnswerEnd.Open && End(questions[i].Sequence, decoded[i]) == AnswerEnd.Ends))];
        var answers = facts.Select((fact, i) => isExact[i] ? (fact.Target, false) : Said(fact.Prompt, decoded[i])).ToList();
        return new ExamPaper([.. answers.Select(answer => answer.Item1)], [.. answers.Select(answer => answer.Item2)], argmax, isExact);
    }

    // Whether an answer of these ids is a question's target and ends behind it.
    private AnswerEnd End(Sequence sequence, IReadOnlyList<int> answer)
    {
        int[] target = [.. sequence.Ids[sequence.TargetStart..^1]];
        if (answer.Count <= target.Length || !answer.Take(target.Length).SequenceEqual(target)) return AnswerEnd.GoesOn;
        var (text, isStopped) = (Decoded(target), tokenizer.StopIds.Contains(answer[^1]));
        return AnswerEnds.Behind(text, Decoded(answer)[text.Length..], isStopped);
    }

    // Answers to the prompts, and to the locality prompts whose answer the file does not give.
    private IReadOnlyList<IReadOnlyList<int>> AskOpen(CancellationToken cancellation)
    {
        var asked = facts.SelectMany(fact => fact.Locality).ToArray();
        int[] open = [.. Enumerable.Range(0, asked.Length).Where(i => asked[i].Answer is null)];
        var prompts = questions[..facts.Count].Select(prompt => prompt.Sequence);
        var answers = Decode(new EditedModel(model), [.. prompts, .. open.Select(i => locality[i].Sequence)], cancellation);
        foreach (var (i, answer) in open.Zip(answers.Skip(facts.Count)))
        {
            var start = locality[i].Sequence.TargetStart;
            locality[i].Sequence = new Sequence([.. locality[i].Sequence.Ids[..start], .. answer.Take(AnswerTokens)], start);
        }

        return [.. answers.Take(facts.Count)];
    }

    private IReadOnlyList<int[]> Force(EditedModel asked, CancellationToken cancellation)
    {
        Sequence[] all = [.. questions.Select(question => question.Sequence), .. locality.Select(question => question.Sequence)];
        return [.. asked.Force(all, cancellation).Select(answer => answer.Argmax)];
    }

    // Far enough to see whether a target's sentence ends, however little is shown.
    private IReadOnlyList<IReadOnlyList<int>> Decode(
        EditedModel asked, IReadOnlyList<Sequence> sequences, CancellationToken cancellation) => asked.Decode(
        [.. sequences.Select(sequence => (IReadOnlyList<int>)sequence.Ids[..sequence.TargetStart])], Math.Max(AnswerTokens, reach), Stops,
            cancellation);

    private bool[] Hits(IReadOnlyList<int[]> argmax, int question) => Scorer.Hits(questions[question].Sequence, argmax[question])[..^1];

    private bool Stops(IReadOnlyList<int> ids) => GreedyDecoder.StopAt(tokenizer)(ids) || AnswerEnds.FirstLine(Decoded(ids)).IsWhole;

    // As the model writes it, but for the space that is put between the two.
    private (string Text, bool IsCut) Said(string prompt, IReadOnlyList<int> answer)
    {
        int[] ids = [.. answer.Take(AnswerTokens)];
        var (text, _) = AnswerEnds.FirstLine(Decoded(ids));
        return (text is [' ', ..] && space.Puts(prompt, text[1..]) ? text[1..] : text, !Stops(ids));
    }

    // A model may have more rows than its tokenizer has tokens, for the sake of round sizes.
    private string Decoded(IReadOnlyList<int> ids) =>
        tokenizer.DecodeContinuation(ids.Where(id => id < tokenizer.VocabularySize && !tokenizer.StopIds.Contains(id)));

    private IEnumerable<(int Fact, Sequence Sequence)> Each<T>(Func<Fact, IReadOnlyList<T>> list, Func<Fact, T, Sequence> encode) =>
        facts.SelectMany((fact, i) => list(fact).Select(item => (i, encode(fact, item))));

    private static string Short(string text) => SeenText.OneLine(SeenText.Cut(text, 60));
}
