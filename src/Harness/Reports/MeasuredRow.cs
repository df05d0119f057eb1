namespace Harness.Reports;

/// <summary>One value of a series.</summary>
/// <param name="Id">Number of what was asked: a case in its data set, a question, a round. The same number is the same item in every
/// row.</param>
/// <param name="Value">What was measured of it, in the series' own unit: fractions, nats, seconds.</param>
public sealed record ItemScore(int Id, double Value);

/// <summary>What was measured of one row of a table, under the table's names.</summary>
/// <param name="Dataset">The paper's name of the data set.</param>
/// <param name="Model">The paper's name of the model.</param>
/// <param name="Editor">The row's name: the editor's, <c>original</c>, or one with places on axes (<c>emmet@256</c>).</param>
/// <param name="Scores">
/// Raw series by name, each with at most one value an item. Series of one row may be about different items; two rows' values of one series
/// are about the same ones where both rows were given as many edits.
/// </param>
public sealed record MeasuredRow(string Dataset, string Model, string Editor, IReadOnlyDictionary<string, IReadOnlyList<ItemScore>> Scores);
