using System.Globalization;
using System.Text;

namespace Harness.Models.Templates;

/// <summary>Text as Python sees it, where .NET differs.</summary>
public static class PythonText
{
    private static readonly char[] Spaces = [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(IsSpace)];

    /// <summary><c>str.strip()</c>.</summary>
    public static string Strip(string text) => text.Trim(Spaces);

    /// <summary><c>str.lstrip()</c>.</summary>
    public static string StripLeft(string text) => text.TrimStart(Spaces);

    /// <summary><c>str.rstrip()</c>.</summary>
    public static string StripRight(string text) => text.TrimEnd(Spaces);

    /// <summary><c>len(str)</c>: code points.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    /// <summary><c>list(str)</c>: code points.</summary>
    public static IEnumerable<string> Letters(string text) => text.EnumerateRunes().Select(rune => rune.ToString());

    /// <summary><c>str.isspace()</c> of one character.</summary>
    public static bool IsSpace(char letter) => char.IsWhiteSpace(letter) || letter is >= '\u001c' and <= '\u001f';

    /// <summary><c>str.split()</c>: the words.</summary>
    public static string[] Words(string text) => text.Split(Spaces, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a text is nothing but digits, as <c>str.isdigit()</c> and a number's literal ask for.</summary>
    public static bool IsNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Order by code points.</summary>
    public static int Compare(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
}
