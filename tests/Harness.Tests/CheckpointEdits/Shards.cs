using System.Text.Json.Nodes;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

/// <summary>Makes two shards and their index of a safetensors file.</summary>
internal static class Shards
{
    public static readonly string[] Names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

    public static void Split(string file)
    {
        using var scope = NewDisposeScope();
        var folder = Path.GetDirectoryName(file)!;
        var map = new JsonObject();
        using (var stored = SafetensorsFile.Open(file))
        {
            foreach (var (names, shard) in stored.Names.Chunk((stored.Names.Count + 1) / 2).Zip(Names))
            {
                SafetensorsFile.Write(Path.Combine(folder, shard), [.. names.Select(name => (name, stored.Read(name)))]);
                foreach (var name in names) map[name] = shard;
            }
        }

        File.Delete(file);
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"),
            new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
    }
}
