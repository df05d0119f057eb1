using System.Text.Json;
using Harness.Models.Checkpoints;

namespace Harness.Models;

/// <summary>The safetensors files of one model folder: one file, or the shards that an index names.</summary>
internal sealed class Checkpoint : IDisposable
{
    private readonly SortedDictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> holders = [];

    private Checkpoint(string path) => Path = path;

    /// <summary>The file, or the index of the shards, for messages.</summary>
    public string Path { get; }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => holders.Keys;

    /// <summary>Opens <paramref name="name"/> in the folder, or the shards of <paramref name="name"/> + <c>.index.json</c>.</summary>
    public static Checkpoint Open(string folder, string name)
    {
        var single = System.IO.Path.Combine(folder, name);
        var index = single + ".index.json";
        var checkpoint = new Checkpoint(File.Exists(single) || !File.Exists(index) ? single : index);
        try
        {
            if (checkpoint.Path == single) checkpoint.AddSingle(name);
            else checkpoint.AddShards(folder);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>The open file that holds a tensor.</summary>
    public SafetensorsFile FileOf(string tensor) => holders[tensor];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files.Values) file.Dispose();
    }

    private void AddSingle(string name)
    {
        if (!File.Exists(Path))
            throw new InputException($"{Path}: not found, nor {name}.index.json beside it; expected the model's weights");
        files[name] = SafetensorsFile.Open(Path);
        foreach (var tensor in files[name].Names) holders[tensor] = files[name];
    }

    private void AddShards(string folder)
    {
        foreach (var (tensor, shard) in ReadMap())
        {
            // A shard is a plain name: an index never leads out of the folder.
            if (System.IO.Path.GetFileName(shard) != shard)
                throw new InputException($"{Path}: tensor '{tensor}' is in \"{shard}\"; expected the name of a file in the same folder");
            if (!files.TryGetValue(shard, out var file)) file = files[shard] = SafetensorsFile.Open(System.IO.Path.Combine(folder, shard));
            if (!file.Names.Contains(tensor))
                throw new InputException($"{Path}: {shard} does not hold tensor '{tensor}' that is expected there; fetch the checkpoint again");
            holders[tensor] = file;
        }
    }

    private SortedDictionary<string, string> ReadMap()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in document.RootElement.GetProperty("weight_map").EnumerateObject())
                map.Add(entry.Name, entry.Value.GetString() ?? throw new InvalidOperationException($"the file of {entry.Name} is null"));
            return map;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException(
                $"{Path}: not an index of shards; expected a JSON object \"weight_map\" from tensor to file name: {error.Message}", error);
        }
    }
}
