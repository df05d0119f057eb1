using System.Buffers.Binary;
using System.Text;
using Harness.CheckpointEdits;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

/// <summary>A damaged checkpoint is one line that names the file, before anything is edited or written.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private readonly TinyCheckpoint checkpoint = new();

    [Fact]
    public void A_shard_that_was_cut_short()
    {
        Shards.Split(checkpoint.Weights);
        using (var stream = new FileStream(Shard, FileMode.Open)) stream.SetLength(stream.Length - 100);
        Fails(Shard, "bytes");
    }

    [Fact]
    public void A_header_of_impossible_length()
    {
        using (var stream = new FileStream(checkpoint.Weights, FileMode.Open)) stream.Write([0, 0, 0, 0, 0, 0, 0, 0x80]);
        Fails(checkpoint.Weights, "header");
    }

    [Fact]
    public void Tensors_that_overlap()
    {
        Rewrite(header => header.Replace("\"data_offsets\":[", "\"data_offsets\":[0,4],\"x\":[", StringComparison.Ordinal));
        Fails(checkpoint.Weights, "");
    }

    [Theory]
    [InlineData("model.embed_tokens.weight")]
    [InlineData("model.layers.1.mlp.down_proj.weight")]
    [InlineData("lm_head.weight")]
    public void Weights_that_are_no_numbers(string name)
    {
        using (var scope = NewDisposeScope())
        {
            (string Name, Tensor Value)[] tensors;
            using (var stored = SafetensorsFile.Open(checkpoint.Weights))
                tensors = [.. stored.Names.Select(each => (each, stored.Read(each)))];
            tensors.First(tensor => tensor.Name == name).Value.fill_(Held(float.NaN));
            SafetensorsFile.Write(checkpoint.Weights, tensors);
        }

        Fails(checkpoint.Weights, $"tensor '{name}'");
    }

    [Theory]
    [InlineData("model-00003-of-00002.safetensors")]
    [InlineData("../x.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\u0000b")]
    public void An_index_that_names_no_shard_of_the_folder(string shard)
    {
        Shards.Split(checkpoint.Weights);
        var index = Path.Combine(checkpoint.Model, "model.safetensors.index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace(Shards.Names[0], shard, StringComparison.Ordinal));
        Fails(checkpoint.Model, shard);
    }

    [Fact]
    public void Shards_with_tensors_that_the_index_leaves_out_or_that_two_hold()
    {
        Shards.Split(checkpoint.Weights);
        Add("model.layers.7.mlp.down_proj.weight");
        Fails(checkpoint.Model, "has 1 tensor: model.layers.7.mlp.down_proj.weight");
        Add("model.embed_tokens.weight", "lm_head.weight");
        Fails(checkpoint.Model, $"found in {Shards.Names[0]} and in {Shards.Names[1]}, expected in one file");

        void Add(params string[] names)
        {
            using var scope = NewDisposeScope();
            (string Name, Tensor Value)[] tensors;
            using (var stored = SafetensorsFile.Open(Shard)) tensors = [.. stored.Names.Select(name => (name, stored.Read(name)))];
            SafetensorsFile.Write(Shard, [.. tensors.ExceptBy(names, tensor => tensor.Name), .. names.Select(name => (name, zeros(1)))]);
        }
    }

    [Theory]
    [InlineData("\"hidden_act\": \"silu\"", "\"hidden_act\": \"\\ud800\"", "hidden_act: found text that is no Unicode, expected")]
    [InlineData("\"hidden_act\"", "\"\\ud800\"", "found text that is no Unicode")]
    [InlineData("\"rms_norm_eps\": ", "\"rms_norm_eps\": 1e999, \"x\": ", "rms_norm_eps: found 1e999, expected a number")]
    public void A_configuration_of_no_texts_or_numbers(string old, string replacement, string what)
    {
        var file = Path.Combine(checkpoint.Model, "config.json");
        var text = File.ReadAllText(file);
        Assert.Contains(old, text);
        File.WriteAllText(file, text.Replace(old, replacement, StringComparison.Ordinal));
        Fails(file, what);
    }

    [Fact]
    public void An_index_that_is_no_file_of_Unicode()
    {
        Shards.Split(checkpoint.Weights);
        var index = Path.Combine(checkpoint.Model, "model.safetensors.index.json");
        File.WriteAllText(index, """{"weight_map": {"\ud800": "a"}}""");
        Fails(index, "weight_map: found text that is no Unicode, expected valid UTF-8 and whole surrogate pairs; fetch the index again");
    }

    [Fact]
    public void A_tokenizer_of_unknown_type()
    {
        var file = Path.Combine(checkpoint.Model, "tokenizer.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"type\": \"BPE\"", "\"type\": \"Quantum\"", StringComparison.Ordinal));
        Fails(file, "Quantum");
    }

    [Fact]
    public void A_tokenizer_of_another_model()
    {
        Models.Tokenizers.BpeTokenizer.Train(Enumerable.Repeat(TinyCheckpoint.Lines, 2), 800)
            .Save(Path.Combine(checkpoint.Model, "tokenizer.json"));
        Fails($"{checkpoint.FactsFile}(1)", "tokenizer.json belongs to another model");
    }

    public void Dispose() => checkpoint.Dispose();

    private string Shard => Path.Combine(checkpoint.Model, Shards.Names[1]);

    private void Fails(string where, string what)
    {
        var error = Assert.Throws<InputException>(() => checkpoint.Run(checkpoint.Request("locft-bf")));
        Assert.StartsWith(where, error.Message);
        Assert.Contains(what, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(Directory.Exists(checkpoint.Out));
    }

    private void Rewrite(Func<string, string> change)
    {
        var bytes = File.ReadAllBytes(checkpoint.Weights);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(bytes.AsSpan(8, length))));
        var start = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(start, header.Length);
        File.WriteAllBytes(checkpoint.Weights, [.. start, .. header, .. bytes.AsSpan(8 + length)]);
    }
}
