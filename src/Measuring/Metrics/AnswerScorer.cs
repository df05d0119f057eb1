using System.Text;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Metrics;

/// <summary>What a model said to a question, and the score of it.</summary>
/// <param name="Score">In [0, 1].</param>
/// <param name="Said">
/// The tokens that were taken at the wanted answer's positions, or what was generated up to a stop; without outer white space.
/// </param>
internal readonly record struct ScoredAnswer(double Score, string Said);

/// <summary>Asks questions under a protocol that takes one answer to each.</summary>
/// <param name="model">The model as it stands.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="protocol">Any but <see cref="Protocol.NllPair"/>.</param>
internal sealed class AnswerScorer(EditedModel model, BpeTokenizer tokenizer, Protocol protocol)
{
    private const int WildTokens = 32;
    private const int WildQaTokens = 50;

    private int MaxTokens => protocol == Protocol.WildEmQa ? WildQaTokens : WildTokens;

    /// <summary>The answer to each question, scored against the right answer that it comes nearest to.</summary>
    public ScoredAnswer[] Answers(IReadOnlyList<Question> questions, CancellationToken cancellation)
    {
        return protocol switch
        {
            Protocol.TfToken => [.. Forced(questions, hit => hit.Average(correct => correct ? 1.0 : 0.0), cancellation)],
            Protocol.TfAll => [.. Forced(questions, hit => hit.All(correct => correct) ? 1.0 : 0.0, cancellation)],
            Protocol.WildEm or Protocol.WildEmQa => WildExactMatch(questions, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(questions), protocol, "a protocol that takes one answer to each question"),
        };
    }

    /// <summary>Teacher-forced argmax ids at the answer positions of every question.</summary>
    public IReadOnlyList<int[]> Argmax(IEnumerable<Question> questions, CancellationToken cancellation) =>
        [.. model.Force(Encode(questions), cancellation).Select(result => result.Argmax)];

    /// <summary>Greedy ids behind the prompt of every question.</summary>
    public IReadOnlyList<int[]> Continuations(IEnumerable<Question> questions, CancellationToken cancellation) =>
        [.. Decode([.. Encode(questions)], cancellation).Select(ids => ids.ToArray())];

    // Greedy decoding gives exactly the target and then stops iff every target token and the stop token are the argmax under teacher
    // forcing: one pass with EOS settles those hits; only the others are decoded.
    private ScoredAnswer[] WildExactMatch(IReadOnlyList<Question> questions, CancellationToken cancellation)
    {
        var scores = new ScoredAnswer[questions.Count];
        var withStop = questions.Select(question => Encode(question, appendEos: true)).ToArray();
        var forced = model.Force(withStop, cancellation);
        var open = new List<int>();
        for (var i = 0; i < scores.Length; i++)
        {
            var canBeDecoded = !questions[i].Answer.AsSpan().ContainsAny('.', '\n') && forced[i].Argmax.Length <= MaxTokens;
            if (canBeDecoded && Scorer.Hits(withStop[i], forced[i].Argmax).All(hit => hit)) scores[i] = new(1, questions[i].Answer);
            else open.Add(i);
        }

        var answers = Decode([.. open.Select(i => withStop[i])], cancellation);
        foreach (var (i, ids) in open.Zip(answers))
        {
            var said = AnswerText.UpToStop(tokenizer.Decode(ids));
            var isRight = questions[i].Accepted.Any(answer => AnswerText.Normalise(said) == AnswerText.Normalise(answer));
            scores[i] = new(isRight ? 1 : 0, said.Trim());
        }

        return scores;
    }

    private IEnumerable<ScoredAnswer> Forced(
        IReadOnlyList<Question> questions, Func<bool[], double> score, CancellationToken cancellation)
    {
        var sequences = Encode(questions.SelectMany(question => question.Accepted.Select(answer => question with { Answer = answer })));
        var scored = sequences.Zip(model.Force(sequences, cancellation), (sequence, forced) =>
            new ScoredAnswer(score(Scorer.Hits(sequence, forced.Argmax)), tokenizer.Decode(forced.Argmax).Trim())).ToArray();
        var next = 0;
        return questions.Select(question =>
        {
            var accepted = scored.AsSpan(next, question.Accepted.Count).ToArray();
            next += accepted.Length;
            return accepted.MaxBy(answer => answer.Score);
        });
    }

    private IReadOnlyList<IReadOnlyList<int>> Decode(IReadOnlyList<Sequence> sequences, CancellationToken cancellation) => model.Decode(
        [.. sequences.Select(sequence => (IReadOnlyList<int>)sequence.Ids[..sequence.TargetStart])], MaxTokens, Stops, cancellation);

    private bool Stops(IReadOnlyList<int> ids) =>
        tokenizer.StopIds.Contains(ids[^1]) || tokenizer.Decode([ids[^1]]).AsSpan().ContainsAny('.', '\n');

    private Sequence[] Encode(IEnumerable<Question> questions) => [.. questions.Select(question => Encode(question, appendEos: false))];

    private Sequence Encode(Question question, bool appendEos)
    {
        var prompt = protocol == Protocol.WildEmQa ? $"Please answer the question:\n\nQ: {question.Prompt}\nA:" : question.Prompt;
        return TargetEncoding.Encode(tokenizer, prompt, question.Answer, appendEos);
    }
}

/// <summary>The normalisation behind <c>wild-em</c>, as SQuAD's: lower case, no punctuation, no articles, white space folded.</summary>
public static class AnswerText
{
    private static readonly HashSet<string> Articles = ["a", "an", "the"];

    /// <summary>Normalised text; two answers match when their normalised texts are equal.</summary>
    public static string Normalise(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes().Where(rune => !IsAsciiPunctuation(rune)))
            letters.Append(rune.ToString());
        var words = letters.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Where(word => !Articles.Contains(word)));
    }

    /// <summary>What a greedy answer says: the text up to the first "." or newline.</summary>
    public static string UpToStop(string text) => text.IndexOfAny(['.', '\n']) is >= 0 and var stop ? text[..stop] : text;

    // Python's string.punctuation, which the published normalisers remove; other scripts' punctuation stays.
    private static bool IsAsciiPunctuation(Rune rune) =>
        rune.IsAscii && !Rune.IsLetterOrDigit(rune) && !Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune);
}
