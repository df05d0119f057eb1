using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class AddedTokensTests
{
    [Fact]
    public void Finds_the_leftmost_and_of_those_the_longest()
    {
        var finder = Finder(new(1, "ab"), new(2, "abc"), new(3, "bcd"), new(4, "<s>"));
        Assert.Equal("[2]d[1]x<s", Show(finder, "abcdabx<s"));
        Assert.Equal("[3][4][4]", Show(finder, "bcd<s><s>"));
        Assert.Equal("none", Show(finder, "none"));
        Assert.Empty(finder.Split(""));
        Assert.Equal("a", Show(Finder(), "a"));
    }

    [Fact]
    public void Takes_white_space_with_it_where_it_says_so()
    {
        Assert.Equal("a[1] b", Show(Finder(new AddedToken(1, "<m>") { TakesSpaceBefore = true }), "a \n<m> b"));
        Assert.Equal("a [1]b", Show(Finder(new AddedToken(1, "<m>") { TakesSpaceBehind = true }), "a <m> \u3000b"));
        var both = Finder(new AddedToken(1, "<m>") { TakesSpaceBefore = true, TakesSpaceBehind = true });
        Assert.Equal("[1][1]", Show(both, " <m>  <m> "));
    }

    [Theory]
    [InlineData("ab cd", "[1] cd")]
    [InlineData("xab ab_", "xab ab_")]
    [InlineData("-ab-", "-[1]-")]
    [InlineData("éab", "éab")]
    [InlineData("𝒜ab", "𝒜ab")]
    [InlineData("ab\u0301", "ab\u0301")]
    [InlineData("ab²", "[1]²")]
    [InlineData("abⓐ", "abⓐ")]
    [InlineData("ab\u200D", "ab\u200D")]
    [InlineData("ab😀", "[1]😀")]
    public void A_single_word_touches_no_word(string text, string expected) =>
        Assert.Equal(expected, Show(Finder(new AddedToken(1, "ab") { SingleWord = true }), text));

    private static AddedTokenFinder Finder(params AddedToken[] tokens) => new(tokens.Select(token => (token.Content, token)));

    private static string Show(AddedTokenFinder finder, string text) =>
        string.Concat(finder.Split(text).Select(segment => segment.Id is { } id ? $"[{id}]" : text[segment.Start..segment.End]));
}
