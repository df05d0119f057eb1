using System.Text.RegularExpressions;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class OnigurumaSyntaxTests
{
    [Theory]
    [InlineData(@"\s+(?!\S)|\s+", @"\s+(?!\S)|\s+")]
    [InlineData(@"\p{N}{1,3}", @"\p{N}{1,3}")]
    [InlineData(@"(?i:'s|'lL)x", @"(?:'[sSſ]|'[lL][lL])x")]
    [InlineData("(?i:k)", "(?:[kK\u212A])")]
    [InlineData("(?i:a(b)c)d", "(?:[aA](?:[bB])[cC])d")]
    [InlineData(@"[^\r\n\p{L}\p{N}]?\p{L}+", "[^\r\n\\p{L}\\p{N}]?\\p{L}+")]
    [InlineData(" ?[^(\\s|[.,!?…])]+", "\\ ?[^(\\s|.,!?…)]+")]
    [InlineData("[a[b[c]]d]", "[abcd]")]
    [InlineData(@"[一-龥\u3040-ゟ\-^]", @"[一-龥぀-ゟ\-\^]")]
    [InlineData("(?<=a)b(?<!c)(?>d)(e)", "(?<=a)b(?<!c)(?>d)(?:e)")]
    [InlineData(@"\.\*", @"\.\*")]
    [InlineData("a #", @"a\ \#")]
    public void Puts_what_Oniguruma_reads_into_dotnet_s_syntax(string oniguruma, string dotnet)
    {
        Assert.Equal(dotnet, OnigurumaSyntax.Translate(oniguruma));
        _ = new Regex(dotnet);
    }

    [Theory]
    [InlineData("^a", "the anchor ^")]
    [InlineData("a$", "the anchor $")]
    [InlineData(@"\w", @"the escape \w")]
    [InlineData(@"\b", @"the escape \b")]
    [InlineData(@"(a)\1", @"the escape \1")]
    [InlineData(@"\u12", @"the escape \u12")]
    [InlineData(@"\p{Han}", @"the property \p{Han}")]
    [InlineData(@"\pL", @"the property \pL")]
    [InlineData("a++", "the quantifier ++")]
    [InlineData("a*?", "the quantifier *?")]
    [InlineData("a{,3}", "the quantifier {,3}")]
    [InlineData("(?<name>a)", "the group (?<n")]
    [InlineData("(?i)a", "the group (?i)")]
    [InlineData("[a&&b]", "an intersection of classes")]
    [InlineData("[a[^b]]", "a negated class in a class")]
    [InlineData("[[:alpha:]]", "the class [:a")]
    [InlineData("[]a]", "the class []a")]
    [InlineData("[a", "a class without its end")]
    [InlineData(@"[a-\s]", "a range that does not end in a character")]
    [InlineData("[a-[b]]", "a range that does not end in a character")]
    [InlineData("(?i:[a])", "a class without regard to case")]
    [InlineData("(?i:é)", "'é' without regard to case")]
    [InlineData("(?i:Ss)", "'ss' without regard to case")]
    [InlineData("\\", "a backslash without its letter")]
    [InlineData("😀", "a character outside the basic plane")]
    [InlineData("[!-\uFFEF]", "the range !-\uFFEF")]
    [InlineData("\uFFFF", "the character \uFFFF")]
    [InlineData("\uFF19", "the character \uFF19")]
    public void Names_what_it_cannot_follow(string oniguruma, string what) =>
        Assert.Equal(what, Assert.Throws<NotSupportedException>(() => OnigurumaSyntax.Translate(oniguruma)).Message);

    [Fact]
    public void A_very_long_expression_is_not_followed() => Assert.Equal(
        "an expression of 5000 characters",
        Assert.Throws<NotSupportedException>(() => OnigurumaSyntax.Translate(new string('a', 5000))).Message);
}
