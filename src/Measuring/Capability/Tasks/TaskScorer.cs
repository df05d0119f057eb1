using Harness.Editing;
using Harness.Models;
using Harness.Models.Templates;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>Asks a model the questions of a task.</summary>
public static class TaskScorer
{
    /// <summary>An item for each question in the task's order: 1 where it is answered, else 0.</summary>
    /// <param name="model">The model, edited or not.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="task">What <see cref="TaskReader"/> read.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    /// <exception cref="InputException">A choice has no tokens, or more than the model has positions.</exception>
    public static IReadOnlyList<SeriesItem> Run(
        EditedModel model, BpeTokenizer tokenizer, LikelihoodTask task, CancellationToken cancellation = default)
    {
        double[][] likelihoods = Likelihoods(model, tokenizer, task, cancellation);
        return [.. task.Questions.Select((question, i) =>
            new SeriesItem(i, question.Right.Contains(Chosen(question, likelihoods[i], task.Metric)) ? 1 : 0))];
    }

    private static int Chosen(TaskQuestion question, double[] likelihoods, string metric)
    {
        double[] scores = metric == TaskReader.Normalised
            ? [.. likelihoods.Zip(question.Choices, (likelihood, choice) => likelihood / PythonText.Length(choice))]
            : likelihoods;
        return Array.IndexOf(scores, scores.Max());
    }

    private static double[][] Likelihoods(EditedModel model, BpeTokenizer tokenizer, LikelihoodTask task, CancellationToken cancellation)
    {
        Sequence[] sequences = [
            .. task.Questions.SelectMany((question, i) => question.Choices.Select(choice => Encode(i, question.Context, choice)))];
        var answers = model.Force(sequences, cancellation);
        var next = 0;
        return [.. task.Questions.Select(question => question.Choices.Select(_ =>
        {
            var likelihood = -answers[next].MeanNll * sequences[next].TargetLength;
            next++;
            return likelihood;
        }).ToArray())];

        Sequence Encode(int number, string context, string choice)
        {
            try
            {
                return HarnessEncoding.Encode(tokenizer, context, task.TargetDelimiter + choice, model.Model.Config.MaxPositions);
            }
            catch (TemplateException cause)
            {
                throw new InputException($"{task.File}: document {number + 1}: {cause.Message}", cause);
            }
        }
    }
}

/// <summary>Token ids of a context and its continuation, as lm-evaluation-harness cuts them for causal models.</summary>
internal static class HarnessEncoding
{
    /// <summary>
    /// Both are encoded as one text, and the continuation is what lies behind as many ids as the context has alone; white space at the
    /// context's end goes to the continuation. An empty context is the id that begins texts, else the one that ends them. What is too long
    /// loses ids from the left.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="context">What is given.</param>
    /// <param name="continuation">What is scored.</param>
    /// <param name="positions">The model's positions.</param>
    /// <exception cref="TemplateException">The continuation has no tokens, or more than the model has positions.</exception>
    public static Sequence Encode(BpeTokenizer tokenizer, string context, string continuation, int positions)
    {
        var (ids, start) = context.Length == 0 ? WithoutContext(tokenizer, continuation) : Pair(tokenizer, context, continuation);
        if (start == 0)
        {
            throw new TemplateException(
                "found a context of nothing but white space, expected text or nothing at all, as this tokenizer puts nothing "
                + "before it; correct the data");
        }

        var length = ids.Length - start;
        if (length < 1 || length > positions)
        {
            throw new TemplateException($"found {Math.Max(0, length)} tokens in the choice '{continuation}', expected 1 to {positions}, "
                + "the model's positions; correct the data or take another model");
        }

        var skipped = Math.Max(0, ids.Length - positions - 1);
        return new Sequence(ids[skipped..], start - skipped);
    }

    private static (int[] Ids, int Start) Pair(BpeTokenizer tokenizer, string context, string continuation)
    {
        var bare = PythonText.StripRight(context);
        return (RollingWindows.WithPrefix(tokenizer, context + continuation), RollingWindows.WithPrefix(tokenizer, bare).Length);
    }

    private static (int[] Ids, int Start) WithoutContext(BpeTokenizer tokenizer, string continuation)
    {
        var (first, ids) = (RollingWindows.FirstId(tokenizer), tokenizer.EncodeToIds(continuation));
        return ids.Count > 0 && ids[0] == first ? ([.. ids], 1) : ([first, .. ids], 1);
    }
}
