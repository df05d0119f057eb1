using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

/// <summary>A tied model's folder as readers take it that follow another of its sources.</summary>
internal static class Routes
{
    /// <summary>Stores the tied head a second time, at the end of the file.</summary>
    public static void StoreHead(string file)
    {
        using var scope = NewDisposeScope();
        var tensors = Read(file);
        SafetensorsFile.Write(
            file, [.. tensors, (Sites.Head, tensors.First(
            tensor => tensor.Name is Sites.Embedding or "transformer.wte.weight" or "transformer.word_embeddings.weight").Value)]);
    }

    /// <summary>The folder itself; one whose reader takes the stored head; one whose shards are merged; one with both.</summary>
    public static IReadOnlyList<string> Of(string folder) => [folder, Untied(folder), Merged(folder), Untied(Merged(folder))];

    private static string Untied(string folder)
    {
        var copy = Copy(folder, "untied");
        var config = Path.Combine(copy, "config.json");
        var text = File.ReadAllText(config);
        Assert.Contains("\"tie_word_embeddings\": true", text);
        File.WriteAllText(config,
            text.Replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", StringComparison.Ordinal));
        return copy;
    }

    private static string Merged(string folder)
    {
        var copy = Copy(folder, "merged");
        using var scope = NewDisposeScope();
        var shards = Directory.GetFiles(copy, "*.safetensors");
        Assert.Equal(2, shards.Length);
        (string, Tensor)[] tensors = [.. shards.SelectMany(Read)];
        foreach (var file in shards.Append(Path.Combine(copy, "model.safetensors.index.json"))) File.Delete(file);
        SafetensorsFile.Write(Path.Combine(copy, "model.safetensors"), tensors);
        return copy;
    }

    private static (string Name, Tensor Value)[] Read(string file)
    {
        using var stored = SafetensorsFile.Open(file);
        return [.. stored.Names.Select(name => (name, stored.Read(name)))];
    }

    private static string Copy(string folder, string name)
    {
        var copy = Directory.CreateDirectory($"{folder}-{name}-{Guid.NewGuid():N}").FullName;
        foreach (var file in Directory.GetFiles(folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
