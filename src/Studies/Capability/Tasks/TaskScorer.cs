using Harness.Editing;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Studies.Capability.Tasks;

/// <summary>Asks a model the questions of tasks.</summary>
public static class TaskScorer
{
    /// <summary>One series for each task and metric, <c>task/{name}/{metric}</c>: an item for each question, 1 where it is answered, else 0.</summary>
    /// <param name="model">The model, edited or not.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="tasks">What <see cref="TaskReader"/> read.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    /// <exception cref="InputException">A choice has no tokens, or more than the model has positions.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Run(
        EditedModel model, BpeTokenizer tokenizer, IReadOnlyList<LikelihoodTask> tasks, CancellationToken cancellation = default)
    {
        var series = new SortedDictionary<string, IReadOnlyList<SeriesItem>>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            double[][] likelihoods = Likelihoods(model, tokenizer, task, cancellation);
            foreach (var metric in task.Metrics)
            {
                series[$"task/{task.Name}/{metric}"] = [.. task.Questions.Select((question, i) =>
                    new SeriesItem(i, question.Right.Contains(Chosen(question, likelihoods[i], metric)) ? 1 : 0))];
            }
        }

        return series;
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
        Sequence[] sequences = [.. task.Questions.SelectMany((question, i) => question.Choices.Select(choice => Encode(i, question.Context, choice)))];
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
