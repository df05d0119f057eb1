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
