using System.Text.Json;
using Harness.Models.Families;
using Harness.Models.Json;
using Harness.Models.Tokenizers;
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>A model as a Hugging Face folder.</summary>
internal static class TransformerFolder
{
    private const string ConfigName = GivenInstead.ConfigName;
    private const string TokenizerName = "tokenizer.json";
    private const string WeightsName = "model.safetensors";
    private const int MostNamesShown = 5;

    // What GPTQ, AWQ, bitsandbytes and compressed-tensors checkpoints hold in a weight's place or beside it.
    private static readonly string[] QuantisedParts = [
        ".qweight", ".qzeros", ".absmax", ".quant_state", ".weight_scale", ".weight_packed", ".SCB"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n" };

    /// <summary>The configuration with everything that its family fixes.</summary>
    public static TransformerConfig Complete(TransformerConfig config)
    {
        const string Where = "model shape";
        config.Validate(Where);
        var family = ModelFamily.Find(config.Family, Where);
        var json = JsonSerializer.SerializeToElement(family.Write(config, bosId: null, eosId: 0));
        var whole = family.Read(JsonPlace.Of(Where, json, ConfigFields.Voice));
        if (whole.MlpWidth != config.MlpWidth)
            throw new InputException($"{Where}: mlp-width is {config.MlpWidth}; expected {whole.MlpWidth} for the family {config.Family}");
        return whole;
    }

    public static Transformer Read(string folder, LoadOptions options)
    {
        var (config, checkpoint, tensors, copies) = Open(folder);
        try
        {
            CheckCopies(checkpoint, tensors, copies);
            return new Transformer(config, new WeightTable(ParameterLayout.Of(config), checkpoint, tensors, options));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The configuration, the open checkpoint and the places of its parameters, with second ones; names and shapes checked.
    /// </summary>
    public static (TransformerConfig Config, Checkpoint Checkpoint, IReadOnlyList<CheckpointTensor> Tensors,
        IReadOnlyList<CheckpointTensor> Copies) Open(
        string folder)
    {
        var path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path)) throw GivenInstead.Without(folder, $"{path}: not found");
        var file = JsonPlace.Read(path, ConfigFields.Voice).Whole();
        var family = ModelFamily.Find(file["model_type"].Text(), file.Where);
        var config = family.Read(file);
        CheckAdapter(folder);
        var checkpoint = Checkpoint.Open(folder, WeightsName);
        try
        {
            var hasPrefix = checkpoint.Names.Any(name => name.StartsWith(family.Prefix, StringComparison.Ordinal));
            var tensors = family.Tensors(config);
            if (!hasPrefix) tensors = [.. tensors.Select(tensor => tensor with { Name = Plain(tensor.Name) })];
            CheckpointTensor[] copies = [.. ModelFamily.Copies(config).Where(copy => checkpoint.Names.Contains(copy.Name))];
            CheckNames(checkpoint, name => family.IsIgnored(name) || copies.Any(copy => copy.Name == name),
                [.. tensors.Select(tensor => tensor.Name)]);
            foreach (var tensor in tensors.Concat(copies)) Check(checkpoint, tensor);
            return (config, checkpoint, tensors, copies);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }

        string Plain(string name) => name.StartsWith(family.Prefix, StringComparison.Ordinal) ? name[family.Prefix.Length..] : name;
    }

    public static void Write(Transformer model, string folder, BpeTokenizer tokenizer)
    {
        if (tokenizer.VocabularySize > model.Config.VocabularySize)
        {
            throw new InputException(
                $"{folder}: the tokenizer has {tokenizer.VocabularySize} ids; the model has {model.Config.VocabularySize}");
        }

        var family = ModelFamily.Find(model.Config.Family, folder);
        var json = family.Write(model.Config, tokenizer.BosId, tokenizer.EosId).ToJsonString(Indented) + "\n";
        DurableFile.WriteText(Path.Combine(folder, ConfigName), json);
        tokenizer.Save(Path.Combine(folder, TokenizerName));
        using var scope = NewDisposeScope();
        var tensors = family.Tensors(model.Config)
            .Select(tensor => (tensor.Name, tensor.Join([.. tensor.Parameters.Select(part => model.Parameter(part.Name))])));
        SafetensorsFile.Write(Path.Combine(folder, WeightsName), [.. tensors], new Dictionary<string, string> { ["format"] = "pt" });
    }

    // An adapter is put on top of the weights by transformers and by others not: what would be measured and edited is not what is used.
    private static void CheckAdapter(string folder)
    {
        if (!File.Exists(Path.Combine(folder, GivenInstead.AdapterConfig))) return;
        var files = Directory.GetFiles(folder, "adapter_*").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
        throw new InputException(
            $"{folder}: found an adapter beside the weights ({string.Join(", ", files)}), which other tools put on top of them, " +
                "expected weights alone; "
            + "merge it into them (PEFT: merge_and_unload, then save_pretrained), or take these files away to edit the weights without it");
    }

    // Transformers ties the head once it has read the file, other readers take what the file holds.
    private static void CheckCopies(Checkpoint checkpoint, IReadOnlyList<CheckpointTensor> tensors, IReadOnlyList<CheckpointTensor> copies)
    {
        foreach (var copy in copies)
        {
            var original = tensors.First(tensor => tensor.Parameters[0].Name == copy.Parameters[0].Name).Name;
            if (checkpoint.AreSame(original, copy.Name)) continue;
            throw new InputException(
                $"{checkpoint.Path}: tensor '{copy.Name}': found other values, or another dtype, than in '{original}', " +
                    $"expected the same: {ConfigName} ties "
                + "the two (tie_word_embeddings), and some tools take one and some the other; " +
                    $"set tie_word_embeddings to false, or remove '{copy.Name}'");
        }
    }

    private static void CheckNames(Checkpoint checkpoint, Func<string, bool> isIgnored, IReadOnlyList<string> expected)
    {
        if (checkpoint.Names.FirstOrDefault(
            name => QuantisedParts.Any(part => name.Contains(part, StringComparison.Ordinal))) is { } packed)
        {
            throw ConfigFields.Quantised($"{checkpoint.Path}: tensor '{packed}'", "a part of quantised weights");
        }

        var missing = expected.Except(checkpoint.Names).ToArray();
        if (missing.Length > 0) throw new InputException($"{checkpoint.Path}: {List("lacks", missing)}, which {ConfigName} asks for");
        var surplus = checkpoint.Names.Except(expected).Where(name => !isIgnored(name)).ToArray();
        if (surplus.Length > 0) throw new InputException($"{checkpoint.Path}: {List("has", surplus)}, which {ConfigName} has no place for");
    }

    private static void Check(Checkpoint checkpoint, CheckpointTensor tensor)
    {
        var (found, expected) = (checkpoint[tensor.Name].Shape, tensor.Shape);
        if (!found.SequenceEqual(expected))
        {
            throw new InputException(
                $"{checkpoint.Path}: tensor '{tensor.Name}' is [{string.Join(", ", found)}]; " +
                $"{ConfigName} asks for [{string.Join(", ", expected)}]");
        }

        var dtype = checkpoint[tensor.Name].Dtype.Type;
        if (dtype is not (ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64))
            throw new InputException($"{checkpoint.Path}: tensor '{tensor.Name}' is {dtype}; expected floating point");
    }

    private static string List(string verb, string[] names) =>
        $"{verb} {names.Length} tensor{(names.Length == 1 ? "" : "s")}: {string.Join(", ", names.Take(MostNamesShown))}" +
        (names.Length > MostNamesShown ? " …" : "");
}
