using System.Text.Json.Nodes;

namespace Harness.Models.Families;

/// <summary>A model family: a reader and writer of its Hugging Face config.json, and the map of its checkpoint's tensor names.</summary>
internal abstract class ModelFamily
{
    /// <summary>Every family: a new one is a folder beside Llama and one line here.</summary>
    private static readonly ModelFamily[] All = [new Llama.LlamaFamily()];

    /// <summary>Hugging Face <c>model_type</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>The family of a model type.</summary>
    /// <exception cref="InputException">No family has it.</exception>
    public static ModelFamily Find(string modelType, string where) => All.FirstOrDefault(family => family.ModelType == modelType)
        ?? throw new InputException(
            $"{where}: model_type is \"{modelType}\"{Nearest.Suggestion(modelType, All.Select(family => family.ModelType))}; " +
            $"expected one of: {string.Join(", ", All.Select(family => family.ModelType))}");

    /// <summary>Reads all fields that change the computation and refuses what is not supported.</summary>
    public abstract TransformerConfig Read(ConfigFile file);

    /// <summary>The config.json of a model with these special tokens.</summary>
    public abstract JsonObject Write(TransformerConfig config, int bosId, int eosId);

    /// <summary>Name of a parameter (see <see cref="Sites"/>) in the family's checkpoints.</summary>
    public abstract string CheckpointName(string parameter);

    /// <summary>Whether a checkpoint may hold a tensor that is no parameter, for example a table that is computed here.</summary>
    public abstract bool IsIgnored(string checkpointName, TransformerConfig config);
}
