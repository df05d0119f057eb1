using System.Text.Json;
using Harness.Models.Checkpoints;
using Harness.Models.Families;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>A model as a Hugging Face folder.</summary>
internal static class TransformerFolder
{
    private const string ConfigName = "config.json";
    private const string TokenizerName = "tokenizer.json";
    private const string WeightsName = "model.safetensors";
    private const int MostNamesShown = 5;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n" };

    public static Transformer Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new InputException($"{folder}: no such folder; expected a Hugging Face model folder");
        var file = ConfigFile.Open(Path.Combine(folder, ConfigName));
        var family = ModelFamily.Find(file.Text("model_type"), file.Path);
        var config = family.Read(file);
        using var checkpoint = Checkpoint.Open(folder, WeightsName);
        var layout = ParameterLayout.Of(config);
        CheckNames(checkpoint, family, config, [.. layout.Select(parameter => family.CheckpointName(parameter.Name))]);
        foreach (var (name, shape) in layout) CheckShape(checkpoint, family.CheckpointName(name), shape);
        return new Transformer(config, layout.Select(site => (site.Name, Weight(checkpoint, family.CheckpointName(site.Name)))));
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
        var tensors = model.ParameterNames.Select(name => (family.CheckpointName(name), model.Parameter(name))).ToArray();
        SafetensorsFile.Write(Path.Combine(folder, WeightsName), tensors, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void CheckNames(Checkpoint checkpoint, ModelFamily family, TransformerConfig config, IReadOnlyList<string> expected)
    {
        var missing = expected.Except(checkpoint.Names).ToArray();
        if (missing.Length > 0) throw new InputException($"{checkpoint.Path}: {List("lacks", missing)}, which {ConfigName} asks for");
        var surplus = checkpoint.Names.Except(expected).Where(name => !family.IsIgnored(name, config)).ToArray();
        if (surplus.Length > 0) throw new InputException($"{checkpoint.Path}: {List("has", surplus)}, which {ConfigName} has no place for");
    }

    private static void CheckShape(Checkpoint checkpoint, string name, long[] expected)
    {
        var found = checkpoint.FileOf(name).ShapeOf(name);
        if (!found.SequenceEqual(expected))
        {
            throw new InputException(
                $"{checkpoint.Path}: tensor '{name}' is [{string.Join(", ", found)}]; " +
                $"{ConfigName} asks for [{string.Join(", ", expected)}]");
        }
    }

    private static Tensor Weight(Checkpoint checkpoint, string name)
    {
        using var stored = checkpoint.FileOf(name).Read(name);
        if (!stored.is_floating_point())
            throw new InputException($"{checkpoint.Path}: tensor '{name}' is {stored.dtype}; expected floating point");
        return stored.to(ScalarType.Float32, copy: true);
    }

    private static string List(string verb, string[] names) =>
        $"{verb} {names.Length} tensor{(names.Length == 1 ? "" : "s")}: {string.Join(", ", names.Take(MostNamesShown))}" +
        (names.Length > MostNamesShown ? " …" : "");
}
