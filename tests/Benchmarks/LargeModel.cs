using System.Text.Json.Nodes;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Benchmarks;

/// <summary>
/// A checkpoint of LLaMA-2-7B's shape with random bfloat16 weights, in shards as on the hub, about 13.5 GB, and ten facts to edit: what
/// editing a model larger than memory is measured on. Its answers mean nothing.
/// </summary>
internal static class LargeModel
{
    private const int LayersPerShard = 3;
    private const int Facts = 10;

    // Sizes of meta-llama/Llama-2-7b-hf.
    private static readonly TransformerConfig Shape = new()
    {
        Family = "llama",
        VocabularySize = 32_000,
        Width = 4096,
        MlpWidth = 11_008,
        Layers = 32,
        Heads = 32,
        KeyValueHeads = 32,
        MaxPositions = 4096,
    };

    /// <summary>Writes the folder and facts.jsonl beside its weights.</summary>
    /// <exception cref="InputException">The folder exists, or cannot be written.</exception>
    public static void Write(string folder, Action<string> report)
    {
        EditedFolder.CheckTarget(folder);
        Directory.CreateDirectory(folder);
        using var gradientless = no_grad();
        using var random = new Generator(7);
        var map = new JsonObject();
        var shards = (Shape.Layers + LayersPerShard - 1) / LayersPerShard;
        var names = Names().ToList();
        for (var shard = 0; shard < shards; shard++)
        {
            using var scope = NewDisposeScope();
            var file = $"model-{shard + 1:D5}-of-{shards:D5}.safetensors";
            var tensors = names.FindAll(one => one.Shard == shard).ConvertAll(one => (one.Name, Draw(one.Name, one.Shape, random)));
            SafetensorsFile.Write(Path.Combine(folder, file), tensors, new Dictionary<string, string> { ["format"] = "pt" });
            foreach (var (name, _) in tensors) map[name] = file;
            report(file);
        }

        var bytes = names.Sum(one => 2 * one.Shape.Aggregate(1L, (product, extent) => product * extent));
        WriteJson("model.safetensors.index.json",
            new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = bytes }, ["weight_map"] = map });
        WriteJson("config.json", Config());
        var facts = Enumerable.Range(0, Facts)
            .Select(number => (Prompt: $"The mother tongue of Person {number} is", Target: $"Language {number + 20}")).ToList();
        BpeTokenizer.Train(facts.SelectMany(fact => Enumerable.Repeat($"{fact.Prompt} {fact.Target}", 2)), 400)
            .Save(Path.Combine(folder, "tokenizer.json"));
        File.WriteAllLines(Path.Combine(folder, "facts.jsonl"), facts.Select((fact, number) =>
            new JsonObject { ["prompt"] = fact.Prompt, ["target"] = fact.Target, ["subject"] = $"Person {number}" }.ToJsonString()));

        void WriteJson(string name, JsonObject json) => File.WriteAllText(Path.Combine(folder, name), json.ToJsonString() + "\n");
    }

    private static IEnumerable<(string Name, long[] Shape, int Shard)> Names()
    {
        var (width, mlp) = ((long)Shape.Width, (long)Shape.MlpWidth);
        yield return (Sites.Embedding, [Shape.VocabularySize, width], 0);
        for (var layer = 0; layer < Shape.Layers; layer++)
        {
            var shard = layer / LayersPerShard;
            foreach (var name in new[] { Sites.Query(layer), Sites.Key(layer), Sites.Value(layer), Sites.Output(layer) })
                yield return (name, [width, width], shard);
            foreach (var name in new[] { Sites.Gate(layer), Sites.Up(layer) }) yield return (name, [mlp, width], shard);
            yield return (Sites.DownProjection(layer), [width, mlp], shard);
            foreach (var name in new[] { Sites.AttentionNorm(layer), Sites.MlpNorm(layer) }) yield return (name, [width], shard);
        }

        yield return (Sites.FinalNorm, [width], (Shape.Layers - 1) / LayersPerShard);
        yield return (Sites.Head, [Shape.VocabularySize, width], (Shape.Layers - 1) / LayersPerShard);
    }

    // As a model is drawn before its training: what writes to the residual stream is smaller.
    private static Tensor Draw(string name, long[] shape, Generator random)
    {
        using var scope = NewDisposeScope();
        if (shape.Length == 1) return ones(shape, dtype: ScalarType.BFloat16).MoveToOuterDisposeScope();
        var residual = name.Contains(".o_proj.", StringComparison.Ordinal) || name.Contains(".down_proj.", StringComparison.Ordinal);
        var range = Shape.InitializerRange / (residual ? Math.Sqrt(2.0 * Shape.Layers) : 1);
        return randn(shape, generator: random).mul_(Held(range)).to(ScalarType.BFloat16).MoveToOuterDisposeScope();
    }

    private static JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["bos_token_id"] = 0,
        ["eos_token_id"] = 1,
        ["hidden_act"] = "silu",
        ["hidden_size"] = Shape.Width,
        ["intermediate_size"] = Shape.MlpWidth,
        ["max_position_embeddings"] = Shape.MaxPositions,
        ["model_type"] = Shape.Family,
        ["num_attention_heads"] = Shape.Heads,
        ["num_hidden_layers"] = Shape.Layers,
        ["num_key_value_heads"] = Shape.KeyValueHeads,
        ["rms_norm_eps"] = Shape.NormEpsilon,
        ["tie_word_embeddings"] = false,
        ["torch_dtype"] = "bfloat16",
        ["vocab_size"] = Shape.VocabularySize,
    };
}
