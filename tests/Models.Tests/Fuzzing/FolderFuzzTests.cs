using System.Text.Json.Nodes;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Families;
using Harness.Models.Tokenizers;
using Harness.Tests.Tokenizers;
using Oracle = Tokenizers.DotNet.Tokenizer;

namespace Harness.Tests.Fuzzing;

/// <summary>
/// Four thousand damaged files of a model folder. None ends the program, hangs, or is accepted in silence: it is refused by name, or what
/// is read from it is the sound folder's but for what the file says now.
/// </summary>
public sealed class FolderFuzzTests : IDisposable
{
    private const int Each = 1000;

    private const string Fields =
        """
        {"_name_or_path": "x", "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 0,
         "eos_token_id": [1, 5], "hidden_act": "silu", "is_llama_config": true, "mlp_bias": false, "partial_rotary_factor": 1.0, "pretraining_tp": 1,
         "rope_interleaved": false, "tie_word_embeddings": false, "torch_dtype": "float32", "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}},
         "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}}
        """;

    // What the reader takes into account; everything else that it lets pass is in CommonFields.
    private static readonly string[] Read =
    [
        "attention_bias", "head_dim", "hidden_act", "hidden_size", "intermediate_size", "layer_types", "max_position_embeddings",
            "mlp_bias", "model_type",
        "num_attention_heads", "num_hidden_layers", "num_key_value_heads", "partial_rotary_factor", "qkv_bias", "quantization",
            "quantization_config",
        "compression_config", "rms_norm_eps", "rope_parameters", "rope_scaling", "rope_theta", "sliding_window", "tie_word_embeddings",
            "use_sliding_window", "vocab_size",
    ];

    private static readonly Lazy<IReadOnlyList<string>> Texts = new(() => TextMaker.Make(seed: 3, count: 370).Skip(320).ToList());
    private readonly ScratchFolder scratch = new();

    private string Folder => Path.GetDirectoryName(scratch.File("x"))!;

    [Fact]
    public void A_damaged_config_json()
    {
        using var model = Saved();
        var sound = JsonNode.Parse(File.ReadAllText(scratch.File("config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(Fields)!.AsObject()) sound[key] = value?.DeepClone();
        File.WriteAllText(scratch.File("config.json"), sound.ToJsonString());
        var ids = Ids(BpeTokenizer.LoadFolder(Folder));
        var accepted = new Damage(scratch.File("config.json"), 1).Try(sound.ToJsonString(), Each, Open, (found, json) =>
        {
            Assert.DoesNotContain(json.Select(field => field.Key), key =>
                !Read.Contains(key) && !CommonFields.WithoutEffect.Contains(key) && CommonFields.Fixed.All(field => field.Key != key));
            foreach (var (key, values) in CommonFields.Fixed)
                if (json.TryGetPropertyValue(key, out var value))
                    Assert.Contains(values, allowed => JsonNode.DeepEquals(JsonNode.Parse(allowed), value));
            Assert.Equal(Expected(json), found.Config);
            Assert.Equal(ids, Ids(found.Tokenizer));
            int[] ends = json["eos_token_id"] switch
            {
                null => [1],
                JsonArray list => [.. list.Select(id => id!.GetValue<int>())],
                var one => [one.GetValue<int>()],
            };
            Assert.Equal(ends.FirstOrDefault(1), found.Tokenizer.EosId);
            Assert.Superset(ends.ToHashSet(), found.Tokenizer.StopIds.ToHashSet());
        });
        Assert.InRange(accepted, Each / 20, Each * 3 / 4);
    }

    [Fact]
    public void A_damaged_index()
    {
        using var model = Saved();
        var sound = Shard(model);
        var baseline = Places();
        string[] values =
        [
            "\"../a.safetensors\"", "\"/etc/passwd\"", "\"a.safetensors\"", "\"b.safetensors\"", "\"none.safetensors\"", "\".\"", "\"..\"",
                "\"sub/a.safetensors\"",
            "\"config.json\"", "\"a.safetensors\\u0000\"", "\"A.safetensors\"",
        ];
        var accepted = new Damage(scratch.File("model.safetensors.index.json"), 2)
            .Try(sound, Each, Places, (found, _) => Assert.Equal(baseline, found), values);
        Assert.InRange(accepted, Each / 50, Each * 3 / 4);

        List<string> Places()
        {
            var (_, checkpoint, tensors, _) = TransformerFolder.Open(Folder);
            using (checkpoint)
                return [.. tensors.Select(tensor => $"{tensor.Name} {checkpoint.FileOf(tensor.Name)} {checkpoint.OffsetOf(tensor.Name)}")];
        }
    }

    /// <summary>What is read from a damaged file encodes as Hugging Face's library does from the same file.</summary>
    [OracleTheory]
    [InlineData("form-llama2", Each * 4 / 10)]
    [InlineData("harness", Each * 4 / 10)]
    [InlineData("form-llama3", Each / 10)]
    [InlineData("form-qwen", Each / 10)]
    public void A_damaged_tokenizer_json(string form, int count)
    {
        var file = scratch.File("tokenizer.json");
        var sound = Ids(BpeTokenizer.Load(TokenizerFile.Sample(form)));
        var accepted = new Damage(file, 3 + form.Length).Try(File.ReadAllText(TokenizerFile.Sample(form)), count, () =>
        {
            var tokenizer = BpeTokenizer.Load(file);
            return (Tokenizer: tokenizer, Ids: Ids(tokenizer));
        }, (found, _) =>
        {
            using var theirs = Library(file);
            if (theirs is null)
            {
                // It looks at fields that no text depends on, too.
                Assert.Equal(sound, found.Ids);
                return;
            }

            foreach (var (text, ids) in Texts.Value.Zip(found.Ids))
                Assert.Equal(theirs.Encode(text).Select(id => (int)id), [.. found.Tokenizer.Prefix, .. ids, .. found.Tokenizer.Suffix]);
        });
        Assert.InRange(accepted, 1, count * 3 / 4);
    }

    [Fact]
    public void A_damaged_tokenizer_config_json()
    {
        const string Sound =
            """
            {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": true, "add_eos_token": false, "bos_token": "<x>", "eos_token": "</s>", "pad_token": null,
             "unk_token": {"__type": "AddedToken", "content": "A", "lstrip": false}, "legacy": false, "clean_up_tokenization_spaces": false,
             "model_max_length": 1000000000000000019884624838656, "additional_special_tokens": ["<x>"], "chat_template": "{{ x }}",
             "added_tokens_decoder": {"256": {"content": "</s>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false, "special": true},
              "257": {"content": "<x>", "lstrip": true, "normalized": false, "rstrip": false, "single_word": false, "special": true},
              "258": {"content": "<new>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false, "special": false}}}
            """;
        var added = $"[{TokenizerFile.Added(256, "</s>", "special")},{TokenizerFile.Added(257, "<x>", "special")}]";
        File.WriteAllText(scratch.File("tokenizer.json"), TokenizerFile.Bytes(("added_tokens", added)).ToJsonString());
        var damage = new Damage(scratch.File("tokenizer_config.json"), 4);
        var accepted = damage.Try(Sound, Each, () => BpeTokenizer.LoadFolder(Folder), (found, json) =>
        {
            var rebuilds = json["tokenizer_class"] is JsonValue name && name.GetValue<string>() is "LlamaTokenizer" or "LlamaTokenizerFast";
            var tokens = (json["added_tokens_decoder"] as JsonObject ?? [])
                .ToDictionary(entry => (string)entry.Value!["content"]!, entry => int.Parse(entry.Key));
            tokens.Remove("");
            Assert.All(tokens, token => Assert.Equal(token.Value, found.IdOf(token.Key)));
            if (Spelling("eos_token") is { } eos) Assert.Equal(found.IdOf(eos), found.EosId);
            else Assert.Equal(256, found.EosId);
            Assert.Equal(Spelling("bos_token") is { } bos ? found.IdOf(bos) : null, found.BosId);
            int[] prefix = rebuilds && Flag("add_bos_token", absent: true) ? [found.BosId!.Value] : [];
            int[] suffix = rebuilds && Flag("add_eos_token", absent: false) ? [found.EosId] : [];
            Assert.Equal(prefix, found.Prefix);
            Assert.Equal(suffix, found.Suffix);
            var isWhole = tokens.ContainsKey("<x>") || json["added_tokens_decoder"] is null;
            if (found.IdOf(" ") is not null) return;
            Assert.Equal([97, .. Strips("256", "lstrip"), 256, .. Strips("256", "rstrip"), 98], found.EncodeToIds("a </s> b"));
            if (isWhole) Assert.Equal([97, .. Strips("257", "lstrip"), 257, .. Strips("257", "rstrip"), 98], found.EncodeToIds("a <x> b"));

            int[] Strips(string id, string flag) => json["added_tokens_decoder"]?[id]?[flag]?.GetValue<bool>() == true ? [] : [32];

            string? Spelling(string key) => json[key] is JsonObject token ? (string?)token["content"] : (string?)json[key];

            // A null is no "true" in Python.
            bool Flag(string key, bool absent) => json.ContainsKey(key) ? json[key]?.GetValue<bool>() ?? false : absent;
        });
        Assert.InRange(accepted, Each / 20, Each * 3 / 4);
    }

    public void Dispose() => scratch.Dispose();

    private static List<IReadOnlyList<int>> Ids(BpeTokenizer tokenizer) => [.. Texts.Value.Select(text => tokenizer.EncodeToIds(text))];

    private static Oracle? Library(string file)
    {
        try
        {
            return new Oracle(file);
        }
        catch (Exception error) when (error.Message.StartsWith("Failed to load", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private (TransformerConfig Config, BpeTokenizer Tokenizer) Open()
    {
        var tokenizer = BpeTokenizer.LoadFolder(Folder);
        var (config, checkpoint, _, _) = TransformerFolder.Open(Folder);
        checkpoint.Dispose();
        return (config, tokenizer);
    }

    private Transformer Saved()
    {
        var model = TinyModels.Lively(TinyModels.Grouped with { VocabularySize = 258 });
        model.Save(Folder, BpeTokenizer.Train(["one two three"], 258));
        return model;
    }

    private string Shard(Transformer model)
    {
        var map = new JsonObject();
        var half = model.ParameterNames.Count / 2;
        foreach (var (file, names) in new[] { ("a.safetensors", model.ParameterNames.Take(half)),
            ("b.safetensors", model.ParameterNames.Skip(half)) })
        {
            SafetensorsFile.Write(scratch.File(file), [.. names.Select(name => (name, model.Parameter(name)))]);
            foreach (var name in names) map[name] = file;
        }

        File.Delete(scratch.File("model.safetensors"));
        var index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 5 }, ["weight_map"] = map }.ToJsonString();
        File.WriteAllText(scratch.File("model.safetensors.index.json"), index);
        return index;
    }

    // LLaMA's fields with the defaults of transformers' LlamaConfig, read without the product's reader.
    private static TransformerConfig Expected(JsonObject json)
    {
        var heads = (int)Number("num_attention_heads", 0);
        var (width, head) = ((int)Number("hidden_size", 0), (int)Number("head_dim", 0));
        var scaling = (json["rope_scaling"] ?? json["rope_parameters"]) as JsonObject;
        var type = (string?)(scaling?["rope_type"] ?? scaling?["type"]) ?? "default";
        var bias = Flag("attention_bias");
        return new()
        {
            Family = "llama",
            VocabularySize = (int)Number("vocab_size", 0),
            Width = width,
            MlpWidth = (int)Number("intermediate_size", 0),
            Layers = (int)Number("num_hidden_layers", 0),
            Heads = heads,
            KeyValueHeads = (int)Number("num_key_value_heads", heads),
            HeadSize = head == 0 || head * heads == width ? null : head,
            MaxPositions = (int)Number("max_position_embeddings", 2048),
            RotaryBase = (double?)scaling?["rope_theta"] ?? Number("rope_theta", 10_000),
            RotaryScaling = type switch
            {
                "linear" => new((double)scaling!["factor"]!),
                "llama3" => new((double)scaling!["factor"]!, (double)scaling["low_freq_factor"]!, (double)scaling["high_freq_factor"]!,
                    (int)scaling["original_max_position_embeddings"]!),
                _ => null,
            },
            NormEpsilon = Number("rms_norm_eps", 1e-6),
            TiedHead = Flag("tie_word_embeddings"),
            InitializerRange = Number("initializer_range", 0.02),
            QueryBias = bias,
            OutputBias = bias,
            MlpBias = Flag("mlp_bias"),
        };

        double Number(string key, double absent) => json[key]?.GetValue<double>() ?? absent;

        bool Flag(string key) => json[key]?.GetValue<bool>() ?? false;
    }
}
