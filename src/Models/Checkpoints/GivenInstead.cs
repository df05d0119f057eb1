using System.Text;
using Harness.Models.Json;

namespace Harness.Models.Checkpoints;

/// <summary>
/// What was given in the place of a Hugging Face model folder, and what to do. Asked only once something is missing or unreadable.
/// </summary>
public static class GivenInstead
{
    private const string Wanted = "expected a Hugging Face model folder: config.json, tokenizer.json and weights in safetensors";
    internal const string ConfigName = "config.json", AdapterConfig = "adapter_config.json";
    private const string Snapshots = "snapshots", CachePrefix = "models--";
    private const int MostNamed = 3;

    // How files begin that were fetched or named wrongly.
    private static readonly (string Start, string Is)[] Contents =
    [
        ("version https://git-lfs",
            "a git-lfs pointer, not the file itself; run 'git lfs pull' in its folder, or fetch the file from the hub"),
        ("<!doctype html", "a web page, as servers send it in a file's place (a log-in or error page); fetch the file again"),
        ("<html", "a web page, as servers send it in a file's place (a log-in or error page); fetch the file again"),
        ("<?xml", "an XML document, as servers send it in a file's place (an error); fetch the file again"),
        ("GGUF", "a GGUF file, which is llama.cpp's; take the safetensors checkpoint that it was made from"),
        ("PK\u0003\u0004", "a pickled PyTorch file or another zip archive; " + ToSafetensors),
        ("\u0080\u0002", "a pickled PyTorch file; " + ToSafetensors),
        ("\u001f\u008b", "a gzip archive; unpack it"),
    ];

    private const string ToSafetensors =
        "write it as safetensors: load the folder in transformers, then save_pretrained(…, safe_serialization=True)";

    /// <summary>Refuses a path that is there and is no folder.</summary>
    /// <param name="path">What was given as a model.</param>
    /// <exception cref="InputException">It is a file, and the message says of what kind, or a link that leads nowhere.</exception>
    public static void CheckFolder(string path)
    {
        if (!File.Exists(path)) return;
        if (RealPath.Resolve(path) is var real && !Path.Exists(real))
            throw new InputException(
                $"{path}: found a link to {real}, where nothing is, {Wanted}; correct the link or give the folder itself");
        var what = OfFile(Start(path)) is { } kind ? $", {kind}"
            : $"; give the folder that it lies in: {Path.GetDirectoryName(Path.GetFullPath(path))}";
        throw new InputException($"{path}: found a file, {Wanted}{(what[0] == ';' ? what : $"; it is {what[2..]}")}");
    }

    /// <summary>The error about a folder that lacks one of a model's files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="missing">The file's path, with what else would have done.</param>
    internal static InputException Without(string folder, string missing)
    {
        if (!Directory.Exists(folder))
        {
            CheckFolder(folder);
            return new InputException($"{folder}: no such folder; expected a Hugging Face model folder");
        }

        return new InputException(
            Of(folder) is { } found ? $"{folder}: {found.ReplaceLineEndings(" ")}" : $"{missing}; {Wanted}; fetch what is missing");
    }

    /// <summary>What a file that was not understood begins like, and what to do; or null.</summary>
    internal static string? OfFile(ReadOnlySpan<byte> content)
    {
        var start = Encoding.Latin1.GetString(content[..Math.Min(content.Length, 64)])
            .TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\n', '\r', '\t');
        foreach (var (known, what) in Contents)
            if (start.StartsWith(known, StringComparison.OrdinalIgnoreCase)) return what;
        return null;
    }

    private static string? Of(string folder)
    {
        var files = Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ToList();
        var folders = Directory.EnumerateDirectories(folder).Select(inner => Path.GetFileName(inner)).Order(StringComparer.Ordinal)
            .ToList();
        if (files.Count + folders.Count == 0) return $"the folder is empty; {Wanted}";
        if (OfCache(folder, folders) is { } cache) return cache;
        if (IsUnfinished(folder, files)) return "a download was interrupted here (*.incomplete); fetch the model again";
        var complete = files.Contains(ConfigName)
            && files.Any(file => file.EndsWith(".safetensors", StringComparison.Ordinal) && !IsAdapter(file));
        if (complete) return WithoutTokenizer(files);
        if (files.Contains(AdapterConfig)) return OfAdapter(Path.Combine(folder, AdapterConfig));
        if (files.Contains("edit.safetensors") && files.Contains("edit.json"))
            return "the changes of an edit alone, as --delta writes them, not a whole model; " +
                "give the model that they were made on, or one written without --delta";
        if (files.Contains("model_index.json")) return "a diffusers pipeline, which makes images; facts are edited in language models";
        if (Named(".gguf") is { } gguf)
            return $"GGUF files ({gguf}), which are llama.cpp's; give the safetensors checkpoint that they were made from";
        if (files.Contains("params.json") || files.Any(file => file.StartsWith("consolidated.", StringComparison.Ordinal)))
            return "a checkpoint in its author's own form (params.json, consolidated.*); " +
                "give the one in transformers' form, which hubs call -hf";
        if (Named(".bin", ".pt", ".pth", ".ckpt") is { } pickled)
            return $"weights as pickled PyTorch files only ({pickled}), which can run code and are not read; {ToSafetensors}";
        if (Named(".h5", ".msgpack", ".ot", ".tflite") is { } other)
            return $"weights of another framework only ({other}); give the safetensors checkpoint";
        if (Named(".onnx", ".onnx_data") is { } || folders.Contains("onnx"))
            return "an ONNX model; give the safetensors checkpoint that it was exported from";
        if (Named(".safetensors") is { } weights && !files.Contains(ConfigName))
            return $"weights ({weights}) without config.json; fetch config.json of the same model into the folder";
        var inner = folders.Where(name => File.Exists(Path.Combine(folder, name, ConfigName))).ToList();
        if (inner.Count > 0 && !files.Contains(ConfigName)) return $"no model, but folders that hold one: {List(inner)}; give one of them";
        return files.Any(file => file is ConfigName) || WithoutTokenizer(files) is null ? null : $"a tokenizer without a model; {Wanted}";

        string? Named(params string[] endings) =>
            files.Where(file => endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                .ToList() is { Count: > 0 } found ? List(found) : null;
    }

    // The hub's cache: models--org--name/snapshots/<commit>; refs/main says which commit is the newest.
    private static string? OfCache(string folder, List<string> folders)
    {
        if (folders.Contains(Snapshots))
        {
            var places = Directory.GetDirectories(Path.Combine(folder, Snapshots));
            if (places.Length == 0) return "a model's folder in the hub's cache without a snapshot; fetch the model again";
            var main = Path.Combine(folder, "refs", "main");
            var newest = File.Exists(main) ? Path.Combine(folder, Snapshots, File.ReadAllText(main).Trim()) : "";
            return "a model's folder in the hub's cache; give the snapshot in it: " +
                $"{(places.Contains(newest) ? newest : places.Order(StringComparer.Ordinal).First())}";
        }

        var root = folders.Contains("hub") && !folders.Any(IsModel) ? Path.Combine(folder, "hub") : folder;
        var models = Directory.EnumerateDirectories(root).Select(inner => Path.GetFileName(inner)).Where(IsModel)
            .Order(StringComparer.Ordinal).ToList();
        return models.Count == 0 ? null
            : $"the hub's cache of {models.Count} models, not one of them; " +
                $"give a snapshot: {Path.Combine(root, models[0], Snapshots)}/<commit>";

        static bool IsModel(string name) => name.StartsWith(CachePrefix, StringComparison.Ordinal);
    }

    private static string OfAdapter(string file)
    {
        string? model = null;
        try
        {
            model = JsonPlace.Read(file, new(""))["base_model_name_or_path"].Text();
        }
        catch (InputException)
        {
            // Only the name is lost.
        }

        return $"an adapter{(model is null ? "" : $" for {model}")}, not a whole model; " +
            "merge it into its base model first (peft: merge_and_unload, then save_pretrained) and give that folder";
    }

    private static string? WithoutTokenizer(List<string> files)
    {
        if (files.Contains("tokenizer.json")) return null;
        string[] others = [.. files.Where(
            file => file is "tokenizer.model" or "spiece.model" or "vocab.json" or "merges.txt" or "tekken.json" or "tiktoken.model")];
        return others.Length == 0 ? null
            : $"a tokenizer in another form only ({string.Join(", ", others)}), expected tokenizer.json; write it: "
                + "AutoTokenizer.from_pretrained(folder).save_pretrained(folder) in transformers";
    }

    private static bool IsUnfinished(string folder, List<string> files) =>
        files.Any(IsPart) || (Path.Combine(folder, ".cache", "huggingface", "download") is var cache && Directory.Exists(cache)
            && Directory.EnumerateFiles(cache).Any(IsPart));

    private static bool IsPart(string file) =>
        file.EndsWith(".incomplete", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".part", StringComparison.OrdinalIgnoreCase);

    private static bool IsAdapter(string file) => file.StartsWith("adapter", StringComparison.Ordinal);

    private static string List(List<string> names) => string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? " …" : "");

    private static byte[] Start(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var start = new byte[64];
            return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (FileCause.Explains(error))
        {
            return [];
        }
    }
}
