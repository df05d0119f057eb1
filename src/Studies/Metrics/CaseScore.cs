namespace Harness.Studies.Metrics;

/// <summary>One stored line of a Score cell: one case under one protocol. Every score is in [0, 1]; null where it is not defined (locality of the unedited model).</summary>
/// <param name="Id">Number of the case in its data set.</param>
/// <param name="Reliability">On the edit prompt.</param>
/// <param name="Generality">Mean over the rephrasings.</param>
/// <param name="Locality">Mean over the locality questions.</param>
public sealed record CaseScore(int Id, double Reliability, double? Generality, double? Locality);
