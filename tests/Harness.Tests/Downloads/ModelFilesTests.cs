using Harness.Downloads;
using Harness.Measuring.Cells;
using Harness.Tests.Declarations;

namespace Harness.Tests.Downloads;

public sealed class ModelFilesTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_is_its_descriptions_and_its_weights_in_ordinal_order()
    {
        Put("config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "generation_config.json",
            "special_tokens_map.json", "README.md", "vocab.json", "model.safetensors", "adapter.safetensors", "pytorch_model.bin");
        Assert.Equal(
            ["config.json", "generation_config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json",
                "tokenizer_config.json"],
            Names());
    }

    [Fact]
    public void Of_shards_those_that_the_index_names_belong_to_it_each_once()
    {
        Put("config.json", "tokenizer.json", "b.safetensors", "a.safetensors", "c.safetensors");
        folder.Write(Index, """{"weight_map":{"x":"b.safetensors","y":"a.safetensors","z":"b.safetensors"}}""");
        Assert.Equal(["a.safetensors", "b.safetensors", "config.json", Index, "tokenizer.json"], Names());

        // One file with all of it comes before shards, and their index is then none of the model's.
        Put("model.safetensors");
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Names());
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Equal($"{folder.Path}: found no config.json, expected a Hugging Face model with it; choose another", Message());
        Put("config.json");
        Assert.Equal($"{folder.Path}: found no tokenizer.json, expected a Hugging Face model with it; choose another", Message());
        Put("tokenizer.json");
        const string Expected = ", expected model.safetensors or model.safetensors.index.json: "
            + "pickle files can run code and are never read; choose a revision with safetensors or convert the model";
        Assert.Equal($"{folder.Path}: found no weights{Expected}", Message());
        Put("b.pt");
        Assert.Equal($"{folder.Path}: found only pickle files (b.pt){Expected}", Message());
        Put("a.pth");
        Assert.Equal($"{folder.Path}: found only pickle files (a.pth …){Expected}", Message());
    }

    [Theory]
    [InlineData("gone.safetensors")]
    [InlineData("../config.json")]
    [InlineData("sub/config.json")]
    [InlineData("")]
    public void An_index_names_files_beside_it(string shard)
    {
        Put("config.json", "tokenizer.json");
        folder.Write(Index, $$$"""{"weight_map":{"x":"config.json","y":"{{{shard}}}"}}""");
        Assert.Equal($"{folder.Path}: found '{shard}' in {Index}, expected the names of files beside it; "
            + "choose another revision or fetch the model again", Message());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{"weight_map":{"x":3}}""")]
    public void What_is_no_index_is_named(string text)
    {
        Put("config.json", "tokenizer.json");
        var index = folder.Write(Index, text);
        var message = Message();
        Assert.StartsWith($"{index}: found no index of shards (", message, StringComparison.Ordinal);
        Assert.EndsWith("), expected a JSON object \"weight_map\"; fetch the model again", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model-00001-of-2.safetensors", true)]
    [InlineData("_x", true)]
    [InlineData(".cache", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData(@"a\b", false)]
    [InlineData("a\n", false)]
    [InlineData("", false)]
    public void A_plain_name_leads_nowhere_else(string name, bool isPlain) => Assert.Equal(isPlain, ModelFiles.IsPlain(name));

    // printf 'a 1 x\nb 2 y\n' | sha256sum
    [Fact]
    public void The_content_is_a_hash_over_names_sizes_and_hashes() => Assert.Equal(
        "131d9e4ddac1b7a063cc386ebfcd40ec59883240694d3940a6567dbceae627dc",
        ModelFiles.ContentOf([new PublishedFile("a", 1, "x"), new PublishedFile("b", 2, "y")]));

    private void Put(params string[] names)
    {
        foreach (var name in names) folder.Write(name, name);
    }

    private IEnumerable<string> Names() => Files().Select(file => file.Path);

    private string Message() => Assert.Throws<InputException>(() => Files()).Message;

    private IReadOnlyList<PublishedFile> Files() =>
        ModelFiles.Of(folder.Path, new FileHashes(Path.Combine(folder.Path, "memory")), _ => { });
}
