using System.Text.Json.Nodes;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Families;

public sealed class LlamaFamiliesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly BpeTokenizer tokenizer = BpeTokenizer.Train(["one two three"], 258);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_comes_back_from_its_folder_to_the_bit(bool tied)
    {
        using var scope = NewDisposeScope();
        var config = Config with { TiedHead = tied };
        using var model = Saved(config);
        using var loaded = Transformer.Load(folder);
        Assert.Equal(config, loaded.Config);
        Assert.Equal(model.ParameterNames, loaded.ParameterNames);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 6));
        Assert.True(TinyModels.Same(model.Logits(tokens_BT), loaded.Logits(tokens_BT)));
        var files = Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], files);
    }

    [Fact]
    public void Shards_are_read_as_one_file()
    {
        using var scope = NewDisposeScope();
        using var model = Saved(Config);
        var half = model.ParameterNames.Count / 2;
        var map = new JsonObject();
        Shard("a.safetensors", model.ParameterNames.Take(half));
        Shard("b.safetensors", model.ParameterNames.Skip(half));
        File.Delete(At("model.safetensors"));
        File.WriteAllText(At("model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        using var loaded = Transformer.Load(folder);
        Assert.All(model.ParameterNames, name => Assert.True(TinyModels.Same(model.Parameter(name), loaded.Parameter(name))));

        void Shard(string file, IEnumerable<string> names)
        {
            SafetensorsFile.Write(At(file), [.. names.Select(name => (name, model.Parameter(name)))]);
            foreach (var name in names) map[name] = file;
        }
    }

    [Theory]
    [InlineData("model_type", "\"mamba\"", "model_type: found \"mamba\", expected llama, mistral, qwen2, qwen3, qwen2_moe, gpt2, " +
        "gptj, bloom; models of other kinds cannot be edited here")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act: found \"gelu\", expected \"silu\" or \"swish\"; " +
        "another is not computed here: take a model without it")]
    [InlineData("rope_scaling", "{\"type\":\"yarn\",\"factor\":8}", "rope_scaling.type: found \"yarn\", " +
        "expected default, linear or llama3; another is not computed here: take a model without it")]
    [InlineData("rope_scaling", "{\"rope_type\":\"linear\"}", "rope_scaling.factor: found nothing, expected a number; fetch the file " +
        "again")]
    [InlineData(
        "quantization_config", "{}",
        "quantization_config: found a checkpoint that is quantised, expected weights in float32, bfloat16 or float16; " +
            "take the checkpoint that it was made from, or dequantise it first")]
    [InlineData("head_dim", "3", "head-size is 3; expected at least 1, even where it is rotated")]
    [InlineData("num_hidden_layers", "\"2\"", "num_hidden_layers: found \"2\", expected a whole number; fetch the file again")]
    [InlineData("num_hidden_layers", null, "num_hidden_layers: found nothing, expected a whole number; fetch the file again")]
    [InlineData("num_attention_heads", "3", "key-value-heads is 2; expected a divisor of the 3 heads")]
    [InlineData(
        "rms_norm_esp", "1", "found the unknown key 'rms_norm_esp'; did you mean 'rms_norm_eps'?, expected only those that are known " +
            "here; it may change the computation, so it is not ignored: if it does not, remove it from a copy of the file, " +
                "otherwise the model cannot be edited here")]
    public void A_configuration_that_is_not_supported_is_refused(string key, string? json, string expected)
    {
        Saved(Config).Dispose();
        var config = JsonNode.Parse(File.ReadAllText(At("config.json")))!.AsObject();
        if (json is null) config.Remove(key);
        else config[key] = JsonNode.Parse(json);
        File.WriteAllText(At("config.json"), config.ToJsonString());
        Assert.Equal($"{At("config.json")}: {expected}", Assert.Throws<InputException>(() => Transformer.Load(folder)).Message);
    }

    [Fact]
    public void Weights_that_do_not_fit_the_configuration_are_named()
    {
        using var scope = NewDisposeScope();
        using var model = Saved(Config);
        Assert.Equal("lacks 1 tensor: model.norm.weight, which config.json asks for", Fault(name => name != Sites.FinalNorm));
        Assert.Equal("has 1 tensor: extra, which config.json has no place for", Fault(_ => true, ("extra", zeros(1))));
        Assert.Equal(
            "tensor 'model.norm.weight' is [17]; config.json asks for [16]",
            Fault(name => name != Sites.FinalNorm, (Sites.FinalNorm, zeros(17))));
        Assert.Equal(
            "tensor 'model.norm.weight' is Int64; expected floating point",
            Fault(name => name != Sites.FinalNorm, (Sites.FinalNorm, zeros(16, dtype: ScalarType.Int64))));

        string Fault(Func<string, bool> kept, params (string, Tensor)[] more)
        {
            var weights = model.ParameterNames.Where(kept).Select(name => (name, model.Parameter(name)));
            SafetensorsFile.Write(At("model.safetensors"), [.. weights, .. more]);
            var message = Assert.Throws<InputException>(() => Transformer.Load(folder)).Message;
            Assert.StartsWith(At("model.safetensors") + ": ", message, StringComparison.Ordinal);
            return message[(At("model.safetensors").Length + 2)..];
        }
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        Assert.Equal($"{At("none")}: no such folder; expected a Hugging Face model folder", Fault(At("none")));
        Assert.StartsWith($"{folder}: the folder is empty; expected a Hugging Face model folder", Fault(folder));
        Saved(Config).Dispose();
        File.Delete(At("model.safetensors"));
        Assert.Equal(
            $"{At("model.safetensors")}: not found, nor model.safetensors.index.json beside it; expected a Hugging Face model folder: "
            + "config.json, tokenizer.json and weights in safetensors; fetch what is missing",
            Fault(folder));

        static string Fault(string folder) => Assert.Throws<InputException>(() => Transformer.Load(folder)).Message;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static TransformerConfig Config => TinyModels.Grouped with { VocabularySize = 258 };

    private string At(string name) => Path.Combine(folder, name);

    private Transformer Saved(TransformerConfig config)
    {
        var model = TinyModels.Lively(config);
        model.Save(folder, tokenizer);
        return model;
    }
}
