using System.Buffers.Binary;
using System.Text;
using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Tests.Tokenizers;

namespace Harness.Tests.Fuzzing;

/// <summary>JSON that nests a hundred thousand times, in every file of a model folder that is read: one line that names it.</summary>
public sealed class DepthTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    private static string Deep => new('[', 100_000);

    private string Folder => Path.GetDirectoryName(scratch.File("x"))!;

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("added_tokens.json")]
    public void A_file_that_the_tokenizer_is_read_with(string name)
    {
        File.WriteAllText(scratch.File("tokenizer.json"), TokenizerFile.Bytes().ToJsonString());
        BpeTokenizer.LoadFolder(Folder);
        foreach (var content in new[] { Deep, $$"""{"x": {{Deep}}{{new string(']', Deep.Length)}}}""" })
        {
            File.WriteAllText(scratch.File(name), content);
            Refused(name, () => BpeTokenizer.LoadFolder(Folder));
        }
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("model.safetensors")]
    public void A_file_that_the_weights_are_read_with(string name)
    {
        using var model = TinyModels.Lively(TinyModels.Grouped with { VocabularySize = 258 });
        model.Save(Folder, BpeTokenizer.Train(["one two three"], 258));
        if (name.EndsWith("index.json", StringComparison.Ordinal)) File.Delete(scratch.File("model.safetensors"));
        var header = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(header, Deep.Length);
        File.WriteAllBytes(scratch.File(name),
            [.. name.EndsWith(".json", StringComparison.Ordinal) ? [] : header, .. Encoding.UTF8.GetBytes(Deep)]);
        Refused(name, () => Transformer.Load(Folder));
    }

    public void Dispose() => scratch.Dispose();

    private void Refused(string name, Action read)
    {
        var error = Assert.Throws<InputException>(read).Message;
        Assert.StartsWith(scratch.File(name), error, StringComparison.Ordinal);
        Assert.Contains("maximum configured depth of 64", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.True(error.Length < 1000, error);
    }
}
