using System.Diagnostics;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class NormalizersTests
{
    // Text, NFC, NFD, NFKC, NFKD; by the examples and figures of Unicode Standard Annex 15.
    [Theory]
    [InlineData("plain", "plain", "plain", "plain", "plain")]
    [InlineData("\u00E9", "\u00E9", "e\u0301", "\u00E9", "e\u0301")]
    [InlineData("e\u0301", "\u00E9", "e\u0301", "\u00E9", "e\u0301")]
    [InlineData("\u212B\u2126", "\u00C5\u03A9", "A\u030A\u03A9", "\u00C5\u03A9", "A\u030A\u03A9")] // singletons
    [InlineData("s\u0307\u0323", "\u1E69", "s\u0323\u0307", "\u1E69", "s\u0323\u0307")] // marks change places
    [InlineData("\u1E0B\u0323", "\u1E0D\u0307", "d\u0323\u0307", "\u1E0D\u0307", "d\u0323\u0307")]
    [InlineData("\u00E9\u0323", "\u1EB9\u0301", "e\u0323\u0301", "\u1EB9\u0301", "e\u0323\u0301")]
    [InlineData("a\u0301\u0301", "\u00E1\u0301", "a\u0301\u0301", "\u00E1\u0301", "a\u0301\u0301")] // the second mark is kept off
    [InlineData("\uFB01x\u00B2", "\uFB01x\u00B2", "\uFB01x\u00B2", "fix2", "fix2")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")] // never composed
    [InlineData("\uAC00\u11A8\uAC01", "\uAC01\uAC01", "\u1100\u1161\u11A8\u1100\u1161\u11A8", "\uAC01\uAC01",
        "\u1100\u1161\u11A8\u1100\u1161\u11A8")]
    [InlineData("\u1100\u1161\u1161", "\uAC00\u1161", "\u1100\u1161\u1161", "\uAC00\u1161", "\u1100\u1161\u1161")]
    [InlineData("\u09C7\u09BE", "\u09CB", "\u09C7\u09BE", "\u09CB", "\u09C7\u09BE")] // neither is a mark with a class
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\U0002F800", "\u4E3D", "\u4E3D", "\u4E3D", "\u4E3D")]
    [InlineData("\u0301a", "\u0301a", "\u0301a", "\u0301a", "\u0301a")]
    public void Unicode_s_forms(string text, string nfc, string nfd, string nfkc, string nfkd)
    {
        Assert.Equal(nfc, new UnicodeForm(composes: true, compatible: false).Normalize(text));
        Assert.Equal(nfd, new UnicodeForm(composes: false, compatible: false).Normalize(text));
        Assert.Equal(nfkc, new UnicodeForm(composes: true, compatible: true).Normalize(text));
        Assert.Equal(nfkd, new UnicodeForm(composes: false, compatible: true).Normalize(text));
    }

    [Fact]
    public void A_form_of_a_form_is_itself_and_many_marks_take_little_time()
    {
        var random = new SeededRandom(3, "marks");
        var text = string.Concat(Enumerable.Range(0, 300_000).Select(i => (char)(i % 100_000 == 0 ? 'a' : 0x300 + random.Next(0x70))));
        var watch = Stopwatch.StartNew();
        var form = new UnicodeForm(composes: true, compatible: true);
        var once = form.Normalize(text);
        Assert.Equal(once, form.Normalize(once));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Fact]
    public void Lowercase_takes_each_scalar_by_itself() =>
        Assert.Equal("straße i\u0307 οδοσ 𐐨 ǆ", new Lowercase().Normalize("STRAßE \u0130 ΟΔΟΣ 𐐀 Ǆ"));

    [Fact]
    public void Rewrites_do_what_they_say()
    {
        Assert.Equal("▁a", new Prepend("▁").Normalize("a"));
        Assert.Equal("", new Prepend("▁").Normalize(""));
        Assert.Equal("▁a▁▁b", new Replace(new LiteralPattern(" "), "▁").Normalize(" a  b"));
        Assert.Equal("a-b c", new Replace(ScalarRegex.Create(" {2,}", "test"), "-").Normalize("a   b c"));
        Assert.Equal("xx", new Replace(new LiteralPattern("aa"), "x").Normalize("aaaa"));
        Assert.Equal("a \u3000", new Strip(left: true, right: false).Normalize("\n\u0085 a \u3000"));
        Assert.Equal(" a", new Strip(left: false, right: true).Normalize(" a\t\u00A0"));
        Assert.Equal("▁b", new NormalizerSequence([new Lowercase(), new Prepend("▁")]).Normalize("B"));
    }
}
