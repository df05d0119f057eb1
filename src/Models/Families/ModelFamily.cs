using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>A model family: a reader and writer of its Hugging Face config.json, and the map of its checkpoint's tensors.</summary>
internal abstract class ModelFamily
{
    /// <summary>Every family: a new one is a file beside these and one line here.</summary>
    private static readonly ModelFamily[] All =
    [
        new LlamaFamily(),
        new MistralFamily(),
        new Qwen2Family(),
        new Qwen3Family(),
        new QwenMoeFamily(),
        new Gpt2Family(),
        new GptJFamily(),
        new BloomFamily(),
    ];

    /// <summary>Hugging Face <c>model_type</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>What the names of all tensors but the head's may begin with: some checkpoints have it, some do not.</summary>
    public virtual string Prefix => "";

    /// <summary>The family of a model type.</summary>
    /// <exception cref="InputException">No family has it.</exception>
    public static ModelFamily Find(string modelType, string where)
    {
        if (All.FirstOrDefault(family => family.ModelType == modelType) is { } found) return found;
        var (shown, known) = (JsonPlace.Shown(modelType, 80), All.Select(family => family.ModelType));
        throw new InputException(
            $"{where}: model_type: found \"{shown}\"{Nearest.Suggestion(shown, known)}, expected {string.Join(", ", known)}; "
            + "models of other kinds cannot be edited here");
    }

    /// <summary>Reads all fields that change the computation and refuses what is not supported.</summary>
    public TransformerConfig Read(JsonPlace file)
    {
        file.RefuseQuantised();
        var config = ReadFields(file);
        config.Validate(file.Where);
        file.Ignore("model_type");
        file.Ignore(CommonFields.WithoutEffect);
        foreach (var (key, json) in CommonFields.Fixed) file.Expect(key, json);
        file.Finish();
        return config;
    }

    /// <summary>The config.json of a model with these special tokens.</summary>
    public JsonObject Write(TransformerConfig config, int? bosId, int eosId)
    {
        var json = WriteFields(config);
        json["bos_token_id"] = bosId;
        json["eos_token_id"] = eosId;
        json["initializer_range"] = config.InitializerRange;
        json["model_type"] = ModelType;
        json["tie_word_embeddings"] = config.TiedHead;
        json["torch_dtype"] = "float32";
        json["use_cache"] = true;
        json["vocab_size"] = config.VocabularySize;
        var sorted = new JsonObject();
        foreach (var (key, value) in json.OrderBy(field => field.Key, StringComparer.Ordinal)) sorted[key] = value?.DeepClone();
        return sorted;
    }

    /// <summary>The tensors of the family's checkpoints, with <see cref="Prefix"/>, in the order in which they are written.</summary>
    public abstract IReadOnlyList<CheckpointTensor> Tensors(TransformerConfig config);

    /// <summary>Tensors that some checkpoints hold besides and that repeat parameters: a tied head. Other tools may read these.</summary>
    public static IReadOnlyList<CheckpointTensor> Copies(TransformerConfig config) =>
        config.TiedHead ? [new(Sites.Head, TensorForm.Plain, [(Sites.Embedding, [config.VocabularySize, config.Width])])] : [];

    /// <summary>Whether a checkpoint may hold a tensor that is no parameter: a table that is computed here.</summary>
    public abstract bool IsIgnored(string checkpointName);

    /// <summary>Reads the fields of this family; those that no family cares for are dealt with already.</summary>
    protected abstract TransformerConfig ReadFields(JsonPlace file);

    /// <summary>The fields of this family alone.</summary>
    protected abstract JsonObject WriteFields(TransformerConfig config);
}
