using Harness.Editing;
using Harness.Studies.Facts;

namespace Harness.Tests.Facts;

public sealed class EditDefaultsTests
{
    [Theory]
    [InlineData("locft-bf", 32, "layer=21")]
    [InlineData("ft-c", 12, "layer=8")]
    [InlineData("ft-c", 1, "layer=0")]
    [InlineData("ft-m", 12, "layer=8")]
    [InlineData("rome", 32, "layer=5")]
    [InlineData("rome", 48, "layer=8")]
    [InlineData("rome", 1, "layer=0")]
    [InlineData("memit", 32, "layers=[4, 5, 6, 7, 8]")]
    [InlineData("memit", 28, "layers=[4, 5, 6, 7]")]
    [InlineData("memit", 4, "layers=[1]")]
    [InlineData("memit", 1, "layers=[0]")]
    [InlineData("dft-ft", 32, "old-knowledge=model")]
    [InlineData("f-lora", 32, "old-knowledge=model")]
    [InlineData("lora", 32, "")]
    public void Layers_are_in_proportion_to_the_depth(string editor, int layers, string expected) =>
        Assert.Equal(expected, string.Join(' ', EditDefaults.For(editor, layers).Select(value => $"{value.Option}={value.Value}")));

    [Fact]
    public void Every_option_that_an_editor_leaves_open_has_a_value()
    {
        using var checkpoint = new TinyCheckpoint();
        Assert.All(EditorRegistry.All, editor => Assert.NotNull(checkpoint.Request(editor.Name).Options(3)));
    }
}
