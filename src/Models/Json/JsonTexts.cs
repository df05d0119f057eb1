using System.Text.Json;
using Harness.Models.Text;

namespace Harness.Models.Json;

/// <summary>Texts of parsed JSON.</summary>
public static class JsonTexts
{
    /// <summary>A text of a file for a message: one line of at most so many characters, whatever is in it.</summary>
    public static string Shown(string text, int most) => string.Concat(
        SeenText.Cut(text, most)
            .Select(letter => letter is '\n' or '\r' ? " " : char.IsControl(letter) ? $"\\u{(int)letter:x4}" : $"{letter}"));

    /// <summary>What a JSON value is, in words.</summary>
    public static string Name(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "text",
        JsonValueKind.Number => $"the number {json.GetRawText()}",
        _ => json.GetRawText(),
    };

    /// <summary>
    /// Reads every name and every text: parsing leaves them as they are, and one that is no Unicode would throw only later.
    /// </summary>
    /// <param name="element">The JSON.</param>
    /// <param name="namesOnly">Whether texts are left to those who read them.</param>
    /// <exception cref="InvalidOperationException">One is no Unicode.</exception>
    public static void Check(JsonElement element, bool namesOnly = false)
    {
        if (element.ValueKind == JsonValueKind.String && !namesOnly) _ = element.GetString();
        if (element.ValueKind == JsonValueKind.Array) foreach (var item in element.EnumerateArray()) Check(item, namesOnly);
        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (var field in element.EnumerateObject())
        {
            _ = field.Name;
            Check(field.Value, namesOnly);
        }
    }
}
