using System.Globalization;
using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>Unicode's \w (Technical Standard 18): alphabetic characters, marks, decimal digits, connectors, joiners.</summary>
internal static class WordCharacter
{
    /// <summary>Whether a character is of a word.</summary>
    public static bool Is(Rune rune) => Joins(rune) || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,

        // Letters in circles and squares.
        _ => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169)
            or (>= 0x1F170 and <= 0x1F189),
    };

    /// <summary>Whether it is of the character before it: a mark or a joiner.</summary>
    public static bool Joins(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
