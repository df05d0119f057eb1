namespace Harness.Measuring.Data;

/// <summary>Writes edit cases as the published files hold them, for other tools and for the round trip.</summary>
public static class DatasetWriter
{
    /// <summary>Writes one JSON list for <see cref="DatasetReader"/>, with the first rephrasing and locality question of each.</summary>
    /// <param name="schema">One of <see cref="Cells.DatasetOptions.Schema"/>; <c>counterfact</c> is written flat.</param>
    /// <param name="cases">Each with at least one rephrasing and one locality question.</param>
    /// <param name="file">Replaced if there.</param>
    /// <exception cref="InputException">Unknown schema.</exception>
    public static void Write(string schema, IReadOnlyList<EditCase> cases, string file) =>
        SourceFile.Write(file, cases.Select(RecordSchemas.Find(schema).Write));
}
