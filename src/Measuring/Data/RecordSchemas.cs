using System.Text.Json.Nodes;

namespace Harness.Measuring.Data;

/// <summary>How one data set writes an edit.</summary>
internal interface IRecordSchema
{
    /// <summary>Name in <c>DatasetOptions.Schema</c>.</summary>
    string Name { get; }

    /// <summary>Reads a record. Fields that the schema does not use are ignored.</summary>
    /// <exception cref="InputException">A used field is missing, of another type or empty, or the subject is not in the prompt.</exception>
    EditCase Read(SourceRecord record, int id);

    /// <summary>Writes a case; a field that holds one text takes the first of several.</summary>
    JsonObject Write(EditCase edit);
}

/// <summary>The schemas of data sets.</summary>
internal static class RecordSchemas
{
    private static readonly IReadOnlyList<IRecordSchema> All =
        [new ZsreSchema(), new CounterFactSchema(), new CounterFactOriginalSchema(), new WikiBigEditSchema(), new QaEditSchema()];

    /// <summary>The schema of a name.</summary>
    /// <exception cref="InputException">There is none; the nearest is named.</exception>
    public static IRecordSchema Find(string name)
    {
        var known = All.Select(schema => schema.Name).ToList();
        return All.FirstOrDefault(schema => schema.Name == name) ?? throw new InputException(
            $"data set: unknown schema '{name}'{Nearest.Suggestion(name, known)}; expected one of: {string.Join(", ", known)}");
    }

    /// <summary>The subject of a record, which its prompt must hold.</summary>
    public static string SubjectIn(string prompt, SourceRecord record)
    {
        var subject = record.Text("subject");
        return prompt.Contains(subject, StringComparison.Ordinal)
            ? subject
            : throw record.Error("subject", $"'{subject}'", $"a part of the prompt '{prompt}'");
    }
}
