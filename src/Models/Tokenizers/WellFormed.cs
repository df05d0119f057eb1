using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>Text that has UTF-8.</summary>
internal static class WellFormed
{
    /// <summary>The text with U+FFFD for each unpaired surrogate.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune);
        return result.ToString();
    }
}
