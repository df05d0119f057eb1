using System.Buffers;
using System.Globalization;

namespace Harness.CheckpointEdits;

/// <summary>Whether a model's answer ends at some place.</summary>
internal enum AnswerEnd
{
    /// <summary>It goes on: it is another answer.</summary>
    GoesOn,

    /// <summary>It ends there.</summary>
    Ends,

    /// <summary>What has been generated does not tell.</summary>
    Open,
}

/// <summary>
/// Where an answer ends: at an id that ends generation, at the line's end, or at a mark that ends a sentence. Behind ". ! ? …" white space
/// or one of the others must follow (3.5 is a number); a full stop behind an initial or a title (J. R. R. Tolkien, St. Louis) ends no
/// sentence. One that the target itself ends with counts as well.
/// </summary>
internal static class AnswerEnds
{
    /// <summary>The characters that end a line; a target has none of them.</summary>
    public static readonly SearchValues<char> Lines = SearchValues.Create("\n\v\f\r\u0085\u2028\u2029");

    // The second kind also end a sentence without white space behind them.
    private static readonly SearchValues<char> Marks = SearchValues.Create(".!?…"), OwnMarks = SearchValues.Create("。！？｡։؟۔।॥።។");
    private static readonly SearchValues<char> BeforeWords = SearchValues.Create(" .-(");
    private static readonly string[] Titles = ["Dr", "Ft", "Jr", "Lt", "Mr", "Mrs", "Ms", "Mt", "Sr", "St"];

    // Bytes that are no whole character yet.
    private const char Unfinished = '\uFFFD';

    /// <summary>Whether an answer ends behind a text.</summary>
    /// <param name="text">The text, such as the target.</param>
    /// <param name="tail">What was generated behind it.</param>
    /// <param name="isStopped">Whether an id that ends generation came last.</param>
    public static AnswerEnd Behind(string text, string tail, bool isStopped)
    {
        // The full stop may be the target's own. Its "!" and "?" may be of a name (Yahoo!).
        var own = text.Length;
        while (own > 0 && (text[own - 1] == '.' || OwnMarks.Contains(text[own - 1]))) own--;
        (text, tail) = (text[..own], text[own..] + tail);
        var rest = tail.AsSpan();
        while (rest is [var blank, ..] && char.IsWhiteSpace(blank) && !Lines.Contains(blank)) rest = rest[1..];
        if (rest is [var first, ..] && Lines.Contains(first)) return AnswerEnd.Ends;
        var marks = 0;
        while (marks < rest.Length && (Marks.Contains(rest[marks]) || OwnMarks.Contains(rest[marks]))) marks++;
        if (rest[..marks].ContainsAny(OwnMarks)) return AnswerEnd.Ends;
        var behind = rest[marks..];
        if (behind.Length == 0) return isStopped ? AnswerEnd.Ends : AnswerEnd.Open;
        if (behind.Trim(Unfinished).Length == 0) return isStopped ? AnswerEnd.GoesOn : AnswerEnd.Open;
        if (marks == 0 || !char.IsWhiteSpace(behind[0])) return AnswerEnd.GoesOn;
        return Lines.Contains(behind[0]) || rest[..marks] is not "." || !IsAbbreviated(text) ? AnswerEnd.Ends : AnswerEnd.GoesOn;
    }

    /// <summary>
    /// The text of an answer up to the end of its line, and whether that is there. Line ends in front of it do not count.
    /// </summary>
    public static (string Text, bool IsWhole) FirstLine(string text)
    {
        var start = text.Length - text.AsSpan().TrimStart().Length;
        var end = text.AsSpan(start).IndexOfAny(Lines);
        return end >= 0 ? (text[..(start + end)].TrimEnd(), true) : (text.TrimEnd(), false);
    }

    private static bool IsAbbreviated(string text)
    {
        var word = text[(text.AsSpan().LastIndexOfAny(BeforeWords) + 1)..];
        return Titles.Contains(word, StringComparer.Ordinal) || (new StringInfo(word).LengthInTextElements == 1 && char.IsUpper(word[0]));
    }
}
