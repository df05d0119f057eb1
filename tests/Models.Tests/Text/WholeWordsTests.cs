using Harness.Models.Text;

namespace Harness.Tests.Text;

public sealed class WholeWordsTests
{
    [Theory]
    [InlineData("Anna knows Ann.", "Ann", 11)]
    [InlineData("Ann", "Ann", 0)]
    [InlineData("Ann's, (Ann)", "Ann", 0)]
    [InlineData("Joanne-Ann", "Ann", 7)]
    [InlineData("Anna", "Ann", -1)]
    [InlineData("Joann", "ann", -1)]
    [InlineData("Apollo 11", "Apollo 1", -1)]
    [InlineData("snake_case", "case", -1)]
    [InlineData("Zoe\u0308", "Zoe", -1)] // the mark is of the letter
    [InlineData("𝒜b 𝒜", "𝒜", 4)]
    [InlineData("C++ or C", "C", 0)]
    [InlineData("Mr. J.", "J.", 4)]
    [InlineData("西河国的首都是哪里？", "西河国", 0)]
    [InlineData("서울은 한국의 수도이다", "서울", 0)]
    [InlineData("プラハはどこ", "プラハ", 0)]
    [InlineData("Пётр и Пётрова", "Пётр", 0)]
    [InlineData("abc", "", -1)]
    [InlineData("abc", "x", -1)]
    public void The_first_occurrence_that_is_no_part_of_a_longer_word(string text, string words, int index) =>
        Assert.Equal(index, WholeWords.IndexOf(text, words));

    [Theory]
    [InlineData("After Gosthon Nerbrom, Gosthon Ner; Gosthon Ner.", "Gosthon Ner", "23 36")]
    [InlineData("西河国和西河", "西河", "0 4")]
    [InlineData("Anna", "Ann", "")]
    [InlineData("Anna", "", "")]
    public void All_occurrences_are_told(string text, string words, string expected) =>
        Assert.Equal(expected, string.Join(' ', WholeWords.Indices(text, words)));

    [Theory]
    [InlineData("Joanna came", "Ann", "")]
    [InlineData("Joanna came", "ann", " (only inside 'Joanna')")]
    [InlineData("I \u2764\uFE0F it", "\u2764", " (only with U+FE0F behind it, inside '\u2764\uFE0F')")]
    [InlineData("Zube\u200D is", "Zube", " (only with U+200D behind it, inside 'Zube\u200D')")]
    [InlineData("Jose\u0301 Zu\u0301be", "José Zúbe", " (there with U+0065 U+0301 in the place of U+00E9, " +
        "U+0075 U+0301 in the place of U+00FA)")]
    [InlineData("José", "Jose\u0301", " (there with U+00E9 in the place of U+0065 U+0301)")]
    [InlineData("\u212Bngström", "Ångström", " (there with U+212B in the place of U+00C5)")]
    [InlineData("Zube\u00A0Bakarn", "Zube Bakarn", " (there with U+00A0 in the place of U+0020)")]
    [InlineData("Who is Zu\u200Bbe?", "Zube", " (there with U+200B in the place of nothing)")]
    [InlineData("x", "\u200B", "")]
    [InlineData("x", "", "")]
    public void Says_why_words_that_one_sees_are_not_found(string text, string words, string why) =>
        Assert.Equal(why, WholeWords.Explain(text, words));
}
