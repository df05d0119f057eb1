using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Measuring.Data;

/// <summary>One object of a published file, read strictly: what is missing, of another type or empty is an error that names it.</summary>
/// <param name="file">File, for errors.</param>
/// <param name="number">Number of the record, from 1, for errors.</param>
/// <param name="path">Name of the enclosing field with its dot, or nothing.</param>
/// <param name="json">The object.</param>
internal sealed class SourceRecord(string file, int number, string path, JsonElement json)
{
    /// <summary>Whether the field is there, of whatever type.</summary>
    public bool Has(string field) => json.TryGetProperty(field, out _);

    /// <summary>Whether the field is absent or an empty list.</summary>
    public bool IsEmpty(string field) =>
        !json.TryGetProperty(field, out var value) || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    /// <summary>A text without its outer white space, of which something must be left.</summary>
    public string Text(string field) => Text(field, Field(field, "text"));

    /// <summary>A list of such texts, at least one.</summary>
    public IReadOnlyList<string> Texts(string field)
    {
        var list = Field(field, "a list of texts");
        if (list.ValueKind != JsonValueKind.Array) throw Error(field, JsonTexts.Name(list), "a list of texts");
        if (list.GetArrayLength() == 0) throw Error(field, "an empty list", "at least one text");
        return [.. list.EnumerateArray().Select((item, i) => Text($"{field}[{i}]", item))];
    }

    /// <summary>An enclosed object.</summary>
    public SourceRecord Child(string field)
    {
        var child = Field(field, "an object");
        if (child.ValueKind != JsonValueKind.Object) throw Error(field, JsonTexts.Name(child), "an object");
        return new(file, number, $"{path}{field}.", child);
    }

    /// <summary>A list of enclosed objects, at least one.</summary>
    public IReadOnlyList<SourceRecord> Children(string field)
    {
        var list = Field(field, "a list of objects");
        if (list.ValueKind != JsonValueKind.Array) throw Error(field, JsonTexts.Name(list), "a list of objects");
        if (list.GetArrayLength() == 0) throw Error(field, "an empty list", "at least one object");
        return [.. list.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Object
            ? new SourceRecord(file, number, $"{path}{field}[{i}].", item)
            : throw Error($"{field}[{i}]", JsonTexts.Name(item), "an object"))];
    }

    /// <summary>An error about one field of this record.</summary>
    public InputException Error(string field, string found, string expected) => new(
        $"{file}: record {number}, field '{path}{field}': found {found}, expected {expected}; " +
        "correct the record or fetch the published file again");

    private JsonElement Field(string field, string expected) =>
        json.TryGetProperty(field, out var value) ? value : throw Error(field, "nothing", expected);

    private string Text(string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) throw Error(field, JsonTexts.Name(value), "text");
        string text;
        try
        {
            text = value.GetString()!.Trim();
        }
        catch (InvalidOperationException)
        {
            throw Error(field, "bytes that are no text", "valid UTF-8 and whole surrogate pairs");
        }

        return text.Length > 0 ? text : throw Error(field, "no characters but white space", "a text that is not empty");
    }
}
