using Harness.Studies.Metrics;

namespace Harness.Experiments.Reports;

/// <summary>What one Score cell measured, under the table's names.</summary>
/// <param name="Dataset">The paper's name of the data set.</param>
/// <param name="Model">The paper's name of the model.</param>
/// <param name="Editor">Editor, or <c>original</c>.</param>
/// <param name="Cases">One score per case, in case order; the same cases for every row of a data set.</param>
public sealed record MeasuredRow(string Dataset, string Model, string Editor, IReadOnlyList<CaseScore> Cases);
