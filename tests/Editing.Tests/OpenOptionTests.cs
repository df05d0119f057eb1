using Harness.Editing;

namespace Harness.Tests;

public sealed class OpenOptionTests
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
    [InlineData("r-rome", 32, "layer=5")]
    [InlineData("emmet", 32, "layers=[5]")]
    [InlineData("pmet", 32, "layers=[4, 5, 6, 7, 8]")]
    [InlineData("rect", 32, "memit.layers=[4, 5, 6, 7, 8]")]
    [InlineData("ultraedit", 32, "layers=[29, 30]")]
    [InlineData("ultraedit", 4, "layers=[3]")]
    [InlineData("rledit", 32, "training.layers=[17, 18]")]
    [InlineData("mend", 48, "training.layers=[45, 46, 47]")]
    [InlineData("mend", 2, "training.layers=[0, 1]")]
    [InlineData("grace", 32, "layer=27")]
    [InlineData("grace", 4, "layer=2")]
    [InlineData("grace", 1, "layer=0")]
    [InlineData("wise", 4, "layer=3")]
    [InlineData("ike", 32, "layer=16")]
    [InlineData("serac", 1, "training.layer=0")]
    [InlineData("dft-ft", 32, "old-knowledge=model")]
    [InlineData("f-lora", 32, "old-knowledge=model")]
    [InlineData("lora", 32, "")]
    public void Layers_are_in_proportion_to_the_depth(string editor, int layers, string expected) =>
        Assert.Equal(expected, EditorRegistry.Find(editor).Open is { } open ? $"{open.Name}={open.Value(layers)}" : "");
}
