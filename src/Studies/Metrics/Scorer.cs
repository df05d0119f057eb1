using Harness.Models;
using Harness.Models.Generation;
using Harness.Models.Tokenizers;
using Harness.Studies.Data;

namespace Harness.Studies.Metrics;

/// <summary>Scores a model, as it stands, on the cases of a data set under one protocol.</summary>
/// <param name="model">The model, edited or not.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="protocol">How answers are taken; reliability and generality.</param>
public sealed class Scorer(Transformer model, BpeTokenizer tokenizer, Protocol protocol)
{
    private const int WildTokens = 32;

    /// <summary>Reliability and generality of every case; locality where the unedited model's outputs are given.</summary>
    /// <param name="cases">The cases, scored in this order.</param>
    /// <param name="before">What <see cref="LocalityOutputs"/> gave on the unedited model, or null to leave locality undefined.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public IReadOnlyList<CaseScore> Score(IReadOnlyList<EditCase> cases, IReadOnlyList<int[]>? before, CancellationToken cancellation = default)
    {
        var reliability = Answers([.. cases.Select(edit => new Question(edit.Prompt, edit.TargetNew))]);
        cancellation.ThrowIfCancellationRequested();
        var generality = Answers([.. cases.SelectMany(edit => edit.Rephrases.Select(prompt => new Question(prompt, edit.TargetNew)))]);
        cancellation.ThrowIfCancellationRequested();
        var locality = before is null ? null : Unchanged(before, LocalityOutputs(cases));
        var (nextRephrase, nextLocality) = (0, 0);
        return [.. cases.Select((edit, i) => new CaseScore(
            edit.Id,
            reliability[i],
            Mean(generality, ref nextRephrase, edit.Rephrases.Count),
            locality is null ? null : Mean(locality, ref nextLocality, edit.Locality.Count)))];
    }

    /// <summary>
    /// Teacher-forced argmax ids at the answer positions of every locality question, in case order: what <c>same-argmax</c> compares.
    /// Batches depend on the questions alone, so the outputs before and after an edit come from the same tokenisation, padding and batches.
    /// </summary>
    public IReadOnlyList<int[]> LocalityOutputs(IReadOnlyList<EditCase> cases) =>
        [.. Force(cases.SelectMany(edit => edit.Locality)).Select(result => result.Argmax)];

    /// <summary>Score in [0, 1] of each question's answer under the protocol.</summary>
    public double[] Answers(IReadOnlyList<Question> questions)
    {
        return protocol switch
        {
            Protocol.TfToken => [.. ForcedHits(questions).Select(hit => hit.Average(correct => correct ? 1.0 : 0.0))],
            Protocol.TfAll => [.. ForcedHits(questions).Select(hit => hit.All(correct => correct) ? 1.0 : 0.0)],
            Protocol.WildEm => WildExactMatch(questions),
            _ => throw new ArgumentOutOfRangeException(nameof(questions), protocol, "unknown protocol"),
        };
    }

    /// <summary>Share of equal positions, question by question.</summary>
    internal static double[] Unchanged(IReadOnlyList<int[]> before, IReadOnlyList<int[]> after) =>
        [.. before.Zip(after, (was, now) => was.Zip(now, (x, y) => x == y ? 1.0 : 0.0).Average())];

    internal static bool[] Hits(Sequence sequence, int[] argmax) => [.. argmax.Select((id, i) => id == sequence.Ids[sequence.TargetStart + i])];

    // Greedy decoding gives exactly the target and then stops iff every target token and the stop token are the argmax under teacher forcing:
    // one pass with EOS settles those hits; only the others are decoded.
    private double[] WildExactMatch(IReadOnlyList<Question> questions)
    {
        var scores = new double[questions.Count];
        var withStop = questions.Select(question => TargetEncoding.Encode(tokenizer, question.Prompt, question.Answer, appendEos: true)).ToArray();
        var forced = TeacherForcing.Run(model, withStop);
        var open = new List<int>();
        for (var i = 0; i < scores.Length; i++)
        {
            var canBeDecoded = !questions[i].Answer.AsSpan().ContainsAny('.', '\n') && forced[i].Argmax.Length <= WildTokens;
            if (canBeDecoded && Hits(withStop[i], forced[i].Argmax).All(hit => hit)) scores[i] = 1;
            else open.Add(i);
        }

        var prompts = open.Select(i => (IReadOnlyList<int>)withStop[i].Ids[..withStop[i].TargetStart]).ToArray();
        var answers = GreedyDecoder.Decode(model, prompts, WildTokens, Stops);
        foreach (var (i, ids) in open.Zip(answers))
            scores[i] = AnswerText.Normalise(AnswerText.UpToStop(tokenizer.Decode(ids))) == AnswerText.Normalise(questions[i].Answer) ? 1 : 0;
        return scores;
    }

    private IEnumerable<bool[]> ForcedHits(IReadOnlyList<Question> questions)
    {
        var sequences = Encode(questions);
        return sequences.Zip(TeacherForcing.Run(model, sequences), (sequence, forced) => Hits(sequence, forced.Argmax));
    }

    private bool Stops(IReadOnlyList<int> ids) => tokenizer.StopIds.Contains(ids[^1]) || tokenizer.Decode([ids[^1]]).AsSpan().ContainsAny('.', '\n');

    private IReadOnlyList<ForcedAnswer> Force(IEnumerable<Question> questions) => TeacherForcing.Run(model, Encode(questions));

    private Sequence[] Encode(IEnumerable<Question> questions) =>
        [.. questions.Select(question => TargetEncoding.Encode(tokenizer, question.Prompt, question.Answer, appendEos: false))];

    private static double? Mean(double[] values, ref int next, int count)
    {
        if (count == 0) return null;
        var mean = values.AsSpan(next, count).ToArray().Average();
        next += count;
        return mean;
    }
}
