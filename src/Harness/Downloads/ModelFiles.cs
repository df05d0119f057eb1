using System.Text.Json;
using System.Text.RegularExpressions;
using Harness.Measuring.Cells;

namespace Harness.Downloads;

/// <summary>Which files of a Hugging Face folder make a model. Pickle files (.bin, .pt, .pth) are never among them.</summary>
internal static partial class ModelFiles
{
    private const string Weights = "model.safetensors", Index = Weights + ".index.json";

    /// <summary>The files of a folder, in ordinal order of names.</summary>
    /// <param name="folder">A Hugging Face folder.</param>
    /// <param name="hashes">Knows their SHA-256.</param>
    /// <param name="log">Told before a large file is read through.</param>
    /// <exception cref="InputException">The folder is no model's: the message names what is missing.</exception>
    public static IReadOnlyList<PublishedFile> Of(string folder, FileHashes hashes, Action<string> log)
    {
        var names = Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).ToHashSet(StringComparer.Ordinal);
        IEnumerable<string> needed = [.. Descriptions(names, folder), .. WeightsOf(names, folder, folder)];
        return [.. needed.Order(StringComparer.Ordinal).Select(name => Of(folder, name, hashes, log))];
    }

    /// <summary>The same of one file.</summary>
    public static PublishedFile Of(string folder, string name, FileHashes hashes, Action<string> log)
    {
        var (size, sha256) = hashes.Of(Path.Combine(folder, name), log);
        return new PublishedFile(name, size, sha256);
    }

    /// <summary>One SHA-256 for all files: equal models have equal ones, wherever they lie.</summary>
    public static string ContentOf(IEnumerable<PublishedFile> files) =>
        TextHash.Of(string.Concat(files.Select(file => $"{file.Path} {file.Size} {file.Sha256}\n")));

    /// <summary>The small files: configuration, tokenizer and the index of shards, where there is one.</summary>
    /// <param name="names">All files of the model.</param>
    /// <param name="where">Where they are, for messages.</param>
    /// <exception cref="InputException">One that no model can do without is missing, or there are no safetensors.</exception>
    public static IReadOnlyList<string> Descriptions(IReadOnlySet<string> names, string where)
    {
        foreach (var name in (string[])["config.json", "tokenizer.json"])
            if (!names.Contains(name))
                throw new InputException($"{where}: found no {name}, expected a Hugging Face model with it; choose another");
        if (!names.Contains(Weights) && !names.Contains(Index))
        {
            var pickles = names.Where(name => Path.GetExtension(name) is ".bin" or ".pt" or ".pth").Order(StringComparer.Ordinal).ToList();
            var found = pickles.Count == 0 ? "no weights" : $"only pickle files ({pickles[0]}{(pickles.Count > 1 ? " …" : "")})";
            throw new InputException(
                $"{where}: found {found}, expected {Weights} or {Index}: pickle files can run code and are never read; " +
                "choose a revision with safetensors or convert the model");
        }

        return [.. names.Where(name => IsDescription(name) && (name != Index || !names.Contains(Weights)))];
    }

    /// <summary>The weights: one file, or the shards that the index, which must be in the folder, names.</summary>
    /// <exception cref="InputException">The index is malformed or names a file that is not there.</exception>
    public static IReadOnlyList<string> WeightsOf(IReadOnlySet<string> names, string folder, string where)
    {
        if (names.Contains(Weights)) return [Weights];
        var shards = Shards(Path.Combine(folder, Index));
        var stray = shards.FirstOrDefault(shard => !PlainName().IsMatch(shard) || !names.Contains(shard));
        return stray is null ? shards : throw new InputException(
            $"{where}: found '{stray}' in {Index}, expected the names of files beside it; " +
                "choose another revision or fetch the model again");
    }

    /// <summary>Whether a name leads nowhere but into the folder that it is put in.</summary>
    public static bool IsPlain(string name) => PlainName().IsMatch(name);

    private static bool IsDescription(string name) =>
        name is "config.json" or "generation_config.json" or "special_tokens_map.json" or Index
        || (name.StartsWith("tokenizer", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal));

    private static List<string> Shards(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            return [.. document.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "")
                .Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"{index}: found no index of shards ({cause.Message}), expected a JSON object \"weight_map\"; " +
                "fetch the model again", cause);
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]*\z")]
    private static partial Regex PlainName();
}
