using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Measuring.Data;

/// <summary>One object of a published file, read strictly: what is missing, of another type or empty is an error that names it.</summary>
/// <param name="place">The object.</param>
internal sealed class SourceRecord(JsonPlace place)
{
    /// <summary>How errors about fields of a published file are put.</summary>
    public static readonly JsonVoice Voice = new("correct the record or fetch the published file again", ", field '", "'");

    /// <summary>Whether the field is there, of whatever type.</summary>
    public bool Has(string field) => place[field].IsGiven;

    /// <summary>Whether the field is absent or an empty list.</summary>
    public bool IsEmpty(string field) => place[field] is var list
        && (!list.IsGiven || (list.Value.ValueKind == JsonValueKind.Array && !list.Items.Any()));

    /// <summary>A text without its outer white space, of which something must be left.</summary>
    public string Text(string field) => Text(place[field]);

    /// <summary>A list of such texts, at least one.</summary>
    public IReadOnlyList<string> Texts(string field) => [.. Items(field, "text").Select(Text)];

    /// <summary>An enclosed object.</summary>
    public SourceRecord Child(string field) => new(place[field]);

    /// <summary>A list of enclosed objects, at least one.</summary>
    public IReadOnlyList<SourceRecord> Children(string field) => [.. Items(field, "object").Select(item => new SourceRecord(item))];

    /// <summary>An error about one field of this record.</summary>
    public InputException Error(string field, string found, string expected) => place[field].Error(found, expected);

    private IEnumerable<JsonPlace> Items(string field, string what) =>
        place[field].Items is var items && items.Any() ? items : throw Error(field, "an empty list", $"at least one {what}");

    private static string Text(JsonPlace place) => place.Text().Trim() is { Length: > 0 } text ? text
        : throw place.Error("no characters but white space", "a text that is not empty");
}
