using Harness.Models.Json;
using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>The safetensors files of one model folder: one file, or the shards that an index names.</summary>
internal sealed class Checkpoint : IDisposable
{
    private const string Extension = ".safetensors", IndexEnd = ".index.json";
    private const int LongestShown = 300;
    private readonly SortedDictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> holders = [];

    private Checkpoint(string path) => Path = path;

    /// <summary>The file, or the index of the shards, for messages.</summary>
    public string Path { get; }

    /// <summary>The name that the index of its shards has, or would have.</summary>
    public string IndexName => System.IO.Path.GetFileName(Path).Replace(IndexEnd, "", StringComparison.Ordinal) + IndexEnd;

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => holders.Keys;

    /// <summary>
    /// Opens <paramref name="name"/> in the folder, or the shards of <paramref name="name"/> + <c>.index.json</c>: where both are there the
    /// one file, as transformers does.
    /// </summary>
    public static Checkpoint Open(string folder, string name)
    {
        var single = System.IO.Path.Combine(folder, name);
        return File.Exists(single) || !File.Exists(single + IndexEnd)
            ? Open(single, checkpoint => checkpoint.AddSingle(name))
            : Open(single + IndexEnd, checkpoint => checkpoint.AddShards(folder));
    }

    /// <summary>
    /// The first tensor of which the shards that an index beside the one file names hold something else: other tools read those. Null where
    /// there is none, or no second source that can be read.
    /// </summary>
    public string? Contradiction()
    {
        if (Path.EndsWith(IndexEnd, StringComparison.Ordinal) || !File.Exists(Path + IndexEnd)) return null;
        try
        {
            using var shards = Open(Path + IndexEnd, checkpoint => checkpoint.AddShards(System.IO.Path.GetDirectoryName(Path)!));
            return Names.Union(shards.Names).Order(StringComparer.Ordinal).FirstOrDefault(name =>
                !holders.TryGetValue(name, out var one) || !shards.holders.TryGetValue(name, out var other)
                    || !one.IsSame(name, other, name));
        }
        catch (InputException)
        {
            return null;
        }
    }

    private static Checkpoint Open(string path, Action<Checkpoint> add)
    {
        var checkpoint = new Checkpoint(path);
        try
        {
            add(checkpoint);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Names of its files, shards or the one.</summary>
    public IReadOnlyCollection<string> Files => files.Keys;

    /// <summary>The name of the file that holds a tensor.</summary>
    public string FileOf(string tensor) => files.First(file => ReferenceEquals(file.Value, holders[tensor])).Key;

    /// <summary>What the header says of a tensor.</summary>
    public SafetensorsEntry this[string tensor] => holders[tensor].Find(tensor);

    /// <summary>Where a tensor's bytes begin in its file.</summary>
    public long OffsetOf(string tensor) => holders[tensor].OffsetOf(tensor);

    /// <summary>Whether two tensors are the same byte for byte.</summary>
    public bool AreSame(string tensor, string other) => holders[tensor].IsSame(tensor, holders[other], other);

    /// <summary>Reads a tensor as it is stored into a contiguous CPU tensor of as many elements and the same dtype.</summary>
    public void Read(string tensor, Tensor target) => holders[tensor].Read(tensor, target);

    /// <summary>Reads a tensor as it is stored, onto the CPU.</summary>
    public Tensor Read(string tensor) => holders[tensor].Read(tensor);

    /// <summary>Refuses weights that are no numbers: they would give answers all the same, and only later.</summary>
    /// <param name="tensor">The tensor that they come from.</param>
    /// <param name="values">float32.</param>
    /// <exception cref="InputException">A value is NaN or infinite.</exception>
    public void CheckFinite(string tensor, Tensor values)
    {
        if (NonFinite.Count(values) is not (> 0 and var wrong)) return;
        throw new InputException(
            $"{System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, FileOf(tensor))}: tensor '{tensor}': found {wrong} values " +
                "that are NaN or infinite, expected finite numbers; the checkpoint is damaged: fetch it again");
    }

    public void Dispose()
    {
        foreach (var file in files.Values) file.Dispose();
    }

    private void AddSingle(string name)
    {
        if (!File.Exists(Path))
            throw GivenInstead.Without(System.IO.Path.GetDirectoryName(Path)!, $"{Path}: not found, nor {name}.index.json beside it");
        files[name] = SafetensorsFile.Open(Path);
        foreach (var tensor in files[name].Names) holders[tensor] = files[name];
    }

    private void AddShards(string folder)
    {
        var map = ReadMap();
        foreach (var (tensor, shard) in map)
        {
            // A shard is a plain name: an index never leads out of the folder.
            if (System.IO.Path.GetFileName(shard) != shard || shard.Any(char.IsControl))
            {
                throw new InputException(
                    $"{Path}: tensor '{Shown(tensor)}' is in \"{Shown(shard)}\"; expected the name of a file in the same folder");
            }

            if (!shard.EndsWith(Extension, StringComparison.Ordinal))
                throw new InputException(
                    $"{Path}: tensor '{Shown(tensor)}' is in \"{shard}\"; expected a file *{Extension}; fetch the index again");
            if (!File.Exists(System.IO.Path.Combine(folder, shard))) throw Unfinished(folder, map);
            if (!files.TryGetValue(shard, out var file)) file = files[shard] = SafetensorsFile.Open(System.IO.Path.Combine(folder, shard));
            if (!file.Names.Contains(tensor))
                throw new InputException(
                    $"{Path}: {shard} does not hold tensor '{Shown(tensor)}' that is expected there; fetch the checkpoint again");
        }

        // What the index leaves out counts too: it would stay in the files unseen.
        foreach (var (shard, file) in files)
        {
            foreach (var tensor in file.Names)
            {
                if (holders.TryAdd(tensor, file)) continue;
                throw new InputException(
                    $"{Path}: tensor '{tensor}': found in {FileOf(tensor)} and in {shard}, expected in one file; " +
                        "fetch the checkpoint again");
            }
        }
    }

    private static string Shown(string text) => JsonPlace.Shown(text, LongestShown);

    private InputException Unfinished(string folder, SortedDictionary<string, string> map)
    {
        string[] shards = [.. map.Values.Distinct().Order(StringComparer.Ordinal)];
        string[] missing = [.. shards.Where(shard => !File.Exists(System.IO.Path.Combine(folder, shard)))];
        return new(
            $"{Path}: {missing.Length} of its {shards.Length} files {(missing.Length == 1 ? "is" : "are")} not there " +
                $"({Shown(missing[0])}{(missing.Length > 1 ? " …" : "")}): the download was not finished; fetch the model again");
    }

    private SortedDictionary<string, string> ReadMap()
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tensor, shard) in JsonPlace.Read(Path, new("fetch the index again")).Whole()["weight_map"].Fields)
            map.Add(tensor, shard.Text());
        return map;
    }
}
