using Harness.Figures;
using Harness.Figures.Drawing;

namespace Harness.Tests.Figures.Drawing;

public sealed class LinesTests
{
    [Fact]
    public void Texts_break_between_parts_and_inside_of_one_only_where_it_is_too_wide()
    {
        Assert.Equal(["one · two · three"], Lines.Of("one · two · three", 400, Theme.Label));
        Assert.Equal(["one · two", "three"], Lines.Of("one · two · three", 60, Theme.Label));
        Assert.Equal(["one", "several", "words", "here"], Lines.Of("one · several words here", 45, Theme.Label));
        Assert.Equal(["a", "wide-word-without-end"], Lines.Of("a wide-word-without-end", 30, Theme.Label));
    }

    [Theory]
    [InlineData("dft-lora", 100, "dft-lora")]
    [InlineData("dft-lora", 30, "dft-\nlora")]
    [InlineData("f-lora-ft", 34, "f-lora-\nft")]
    [InlineData("memit", 5, "memit")]
    public void Names_break_behind_hyphens(string name, float width, string expected) =>
        Assert.Equal(expected, Lines.Hyphenated(name, width));
}
