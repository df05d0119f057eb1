namespace Harness.Measuring.Capability.Tasks;

/// <summary>One question of a task, ready to be asked.</summary>
/// <param name="Context">Description and question.</param>
/// <param name="Choices">At least two texts, none of them empty.</param>
/// <param name="Right">Indexes of the right choices, at least one.</param>
public sealed record TaskQuestion(string Context, IReadOnlyList<string> Choices, IReadOnlyList<int> Right);

/// <summary>
/// A multiple-choice task in lm-evaluation-harness's format, without examples: each choice's log-likelihood behind the context is summed,
/// and the likeliest choice is taken, the first among equals.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="TargetDelimiter">What stands between context and choice. Default one space.</param>
/// <param name="Metric">
/// <c>acc</c>: the likeliest choice is right. <c>acc_norm</c>: the same of log-likelihoods divided by the characters (code points) of the
/// choice, the delimiter not counted; taken where the task lists nothing else.
/// </param>
/// <param name="Questions">In the order of the data.</param>
/// <param name="File">Where it was declared, for errors.</param>
public sealed record LikelihoodTask(
    string Name, string TargetDelimiter, string Metric, IReadOnlyList<TaskQuestion> Questions, string File);
