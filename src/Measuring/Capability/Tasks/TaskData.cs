using System.Text;
using Harness.Measuring.Data;
using Harness.Models.Json;
using Harness.Models.Templates;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>Documents of a local file: a JSON list of objects, or one object a line.</summary>
internal static class TaskData
{
    /// <summary>Reads the documents.</summary>
    /// <exception cref="InputException">The file cannot be read, or something in it is no object.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?>> Read(string file)
    {
        var lines = TextLines.Read(file, "documents, one JSON object a line or a list of objects");
        var documents = lines.FirstOrDefault(line => line.Text.Trim().Length > 0).Text?.TrimStart().StartsWith('[') == true
            ? Parse(file, string.Join('\n', lines.Select(line => line.Text))) is List<object?> list
                ? list.Select((item, i) => Document($"{file}: document {i + 1}", item)).ToList()
                : []
            : lines.Where(line => line.Text.Trim().Length > 0)
                .Select(line => Document($"{file}({line.Number})", Parse($"{file}({line.Number})", line.Text))).ToList();
        return documents.Count > 0
            ? documents
            : throw new InputException($"{file}: found no documents, expected one JSON object a line or a list of objects; fill it");
    }

    private static IReadOnlyDictionary<string, object?> Document(string where, object? value) => value as Dictionary<string, object?>
        ?? throw new InputException(
            $"{where}: found {TemplateValue.Name(value)}, expected an object with the fields of one document; correct the data");

    private static object? Parse(string where, string text) =>
        TemplateValue.Of(JsonPlace.Parse(where, Encoding.UTF8.GetBytes(text), new("correct the data"), "documents"));
}
