using System.Text;
using System.Text.RegularExpressions;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class PatternsTests
{
    [Theory]
    [InlineData(@"\p{L}+", "a𝒜b 漢𠀀", "a𝒜b|漢𠀀")] // 𝒜: Lu, 𠀀: Lo
    [InlineData(@"\p{N}", "1𝟙", "1|𝟙")]
    [InlineData(@"\p{Lu}", "𐐀𐐨", "𐐀")]
    [InlineData(@"\p{M}+", "a\u0301\U0001D165b", "\u0301\U0001D165")]
    [InlineData(@"[^\s\p{L}\p{N}]+", "x😀👍🏽 y", "😀👍🏽")]
    [InlineData(".", "😀a", "😀|a")]
    [InlineData(@"\s+", "a \u0085\u00A0\u3000b", " \u0085\u00A0\u3000")]
    [InlineData("(?i:'s)", "'s'S'ſ'z", "'s|'S|'ſ")]
    public void Sees_scalars(string expression, string text, string matches) =>
        Assert.Equal(matches, string.Join('|', Find(expression, text).Select(match => text[match.Start..match.End])));

    [Fact]
    public void An_empty_match_splits_but_not_right_behind_another()
    {
        Assert.Equal([(1, 1), (2, 2), (3, 3)], Find(@"(?=\d{3})", "a12345b"));
        Assert.Equal([(0, 0), (1, 3), (4, 4)], Find("x*", "axxb"));
    }

    [Fact]
    public void One_that_never_ends_is_an_input_error()
    {
        var hostile = new ScalarRegex(new Regex("(a|aa)+b", RegexOptions.None, TimeSpan.FromMilliseconds(20)), "file: pre_tokenizer");
        Assert.Equal(
            "file: pre_tokenizer: found an expression that takes more than 0.02 s for one match in 50 characters, expected one that ends; "
            + "use a tokenizer that can be trusted",
            Assert.Throws<InputException>(() => hostile.Find(new string('a', 50), [])).Message);
    }

    [Fact]
    public void One_that_makes_no_sense_is_not_followed()
    {
        var error = Assert.Throws<NotSupportedException>(() => ScalarRegex.Create("(a", "file"));
        Assert.StartsWith("an expression that makes no sense (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Categories_said_to_be_of_the_basic_plane_are()
    {
        for (var value = 0x10000; value <= 0x10FFFF; value++)
        {
            Assert.DoesNotContain(Rune.GetUnicodeCategory(new Rune(value)), ScalarProxy.BasicPlaneOnly);
        }
    }

    private static List<(int Start, int End)> Find(string expression, string text)
    {
        var matches = new List<(int Start, int End)>();
        ScalarRegex.Create(expression, "test").Find(text, matches);
        return matches;
    }
}
