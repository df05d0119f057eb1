using Harness.Models.Text;

namespace Harness.Tests.Text;

public sealed class SeenTextTests
{
    [Theory]
    [InlineData("Where was José born?", " where  was\u00A0JOSE\u0301\u200B born?\n")]
    [InlineData("a b", "\uFEFFa\u200B \u2003\u200B b\u00AD")]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφος")]
    [InlineData("a\u034Fb\u115F", "a\u180Eb\uFFA0")]
    [InlineData("한국", "\u1112\u1161\u11AB\u1100\u116E\u11A8")]
    public void What_looks_the_same_or_differs_in_case_has_one_key(string one, string other) =>
        Assert.Equal(SeenText.Key(one), SeenText.Key(other));

    [Theory]
    [InlineData("Ada", "Adam")]
    [InlineData("Jose", "José")]
    [InlineData("a b", "ab")]
    [InlineData("a\u200Bb", "a b")]
    [InlineData("می\u200Cخواهم", "میخواهم")]
    public void What_looks_otherwise_has_not(string one, string other) => Assert.NotEqual(SeenText.Key(one), SeenText.Key(other));

    [Theory]
    [InlineData("Anna 👩\u200D🚀 \u200F\u200B\u200F\u0007", "U+200F, U+200B, U+0007")]
    [InlineData("\u202Eabc\uDB40\uDC41", "U+202E, U+E0041")]
    [InlineData("Anna\t\n é\u00A0", "")]
    public void Characters_that_cannot_be_seen_are_named(string text, string expected) => Assert.Equal(expected, SeenText.Hidden(text));

    [Theory]
    [InlineData("a\nb\r\tc\u2028\u200B", "a↵b<U+000D><U+0009>c<U+2028><U+200B>")]
    [InlineData("é 西 👩\u200D🚀", "é 西 👩\u200D🚀")]
    public void A_text_fits_into_one_line(string text, string expected) => Assert.Equal(expected, SeenText.OneLine(text));

    [Theory]
    [InlineData("ab", 3, "ab")]
    [InlineData("abc", 2, "ab")]
    [InlineData("a𝒜b", 3, "a𝒜")]
    [InlineData("a𝒜b", 2, "a")]
    public void A_text_is_cut_between_characters(string text, int most, string start) => Assert.Equal(start, SeenText.Start(text, most));

    [Theory]
    [InlineData("Jose\u0301", "José", " (with U+0065 U+0301 in the place of U+00E9)")]
    [InlineData("a\u00A0b", "a b", " (with U+00A0 in the place of U+0020)")]
    [InlineData("ab\u200B", "ab", " (with U+200B in the place of nothing)")]
    [InlineData("𝒜\u200B𝒜", "𝒜𝒜", " (with U+200B in the place of nothing)")]
    [InlineData("Who\u00A0is\u00A0Zu\u200Bbe?", "Who is Zube?", " (with U+00A0 in the place of U+0020, U+200B in the place of nothing)")]
    [InlineData("a b", "a  b ", " (with nothing in the place of U+0020)")]
    [InlineData("\u00A0a\u2003b\u2002c\u2009d", " a b c d", " (with U+00A0 in the place of U+0020, U+2003 in the place of U+0020, " +
        "U+2002 in the place of U+0020 and 1 more)")]
    [InlineData("Ab", "ab", "")]
    [InlineData("ab", "ab", "")]
    public void A_difference_that_cannot_be_seen_is_named_by_its_characters(string there, string here, string expected) =>
        Assert.Equal(expected, SeenText.Difference(there, here));
}
