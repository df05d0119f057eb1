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

    /// <summary>Whether a field is the same as another record's, of whatever type.</summary>
    public bool Same(SourceRecord other, string field) =>
        Has(field) && JsonElement.DeepEquals(Value(field), other.Value(field));

    /// <summary>A text without its outer white space, of which something must be left.</summary>
    public string Text(string field) => Text(place[field]);

    /// <summary>A list of such texts, at least one.</summary>
    public IReadOnlyList<string> Texts(string field) => [.. Items(field, "text").Select(Text)];

    /// <summary>A text without its outer white space, which may leave nothing.</summary>
    public string AnyText(string field) => place[field].Text().Trim();

    /// <summary>A list of texts, which may be empty or absent.</summary>
    public IReadOnlyList<string> SomeTexts(string field) => IsEmpty(field) ? [] : Texts(field);

    /// <summary>An enclosed object.</summary>
    public SourceRecord Child(string field) => new(place[field]);

    /// <summary>A list of enclosed objects, at least one.</summary>
    public IReadOnlyList<SourceRecord> Children(string field) => [.. Items(field, "object").Select(item => new SourceRecord(item))];

    /// <summary>A list of enclosed objects, which must be there and may be empty.</summary>
    public IReadOnlyList<SourceRecord> AnyChildren(string field) => [.. place[field].Items.Select(item => new SourceRecord(item))];

    /// <summary>An error about one field of this record.</summary>
    public InputException Error(string field, string found, string expected) => place[field].Error(found, expected);

    private JsonElement Value(string field) => place[field].Value;

    private IEnumerable<JsonPlace> Items(string field, string what) =>
        place[field].Items is var items && items.Any() ? items : throw Error(field, "an empty list", $"at least one {what}");

    private static string Text(JsonPlace place) => place.Text().Trim() is { Length: > 0 } text ? text
        : throw place.Error("no characters but white space", "a text that is not empty");
}
