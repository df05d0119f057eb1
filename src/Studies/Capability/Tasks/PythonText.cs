using System.Globalization;

namespace Harness.Studies.Capability.Tasks;

/// <summary>Text as Python sees it, where .NET differs.</summary>
internal static class PythonText
{
    private static readonly char[] Spaces = [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code)
        .Where(letter => char.IsWhiteSpace(letter) || letter is >= '\u001c' and <= '\u001f')];

    /// <summary><c>str.strip()</c>.</summary>
    public static string Strip(string text) => text.Trim(Spaces);

    /// <summary><c>str.lstrip()</c>.</summary>
    public static string StripLeft(string text) => text.TrimStart(Spaces);

    /// <summary><c>str.rstrip()</c>.</summary>
    public static string StripRight(string text) => text.TrimEnd(Spaces);

    /// <summary><c>len(str)</c>: code points.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    /// <summary>Whether a text is nothing but digits, as <c>str.isdigit()</c> and a number's literal ask for.</summary>
    public static bool IsNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
