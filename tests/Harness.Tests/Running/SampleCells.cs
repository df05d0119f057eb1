using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;

namespace Harness.Tests.Running;

/// <summary>Hand-made cells: the key is the name with dashes, so that tests can be read.</summary>
internal static class SampleCells
{
    public static PlannedCell Cell(string name, CellKind kind = CellKind.Edit, params PlannedCell[] inputs) =>
        CellWith([], name, kind, inputs);

    public static PlannedCell CellWith(JsonObject options, string name, CellKind kind, params PlannedCell[] inputs) =>
        CellOf(name.Replace('/', '-'), options, name, kind, inputs);

    /// <summary>With a key as real ones have it: only such cells are listed.</summary>
    public static PlannedCell HashedCell(JsonObject options, string name, CellKind kind) =>
        CellOf(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name + options.ToJsonString()))), options, name, kind);

    private static PlannedCell CellOf(string key, JsonObject options, string name, CellKind kind, params PlannedCell[] inputs) => new()
    {
        Key = key,
        Name = name,
        Kind = kind,
        Options = options,
        KeyParts = new JsonObject
        {
            ["code"] = new JsonObject(),
            ["inputs"] = new JsonObject(inputs.Select(input => KeyValuePair.Create(input.Name, (JsonNode?)input.Key))),
            ["kind"] = kind.ToString().ToLowerInvariant(),
            ["options"] = options.DeepClone(),
            ["seed"] = 1,
        },
        Seed = 1,
        Inputs = inputs.ToDictionary(input => input.Name),
    };

    public static string Store(CellStore store, PlannedCell cell, string content = "content", double seconds = 1)
    {
        using var draft = store.Create(cell.Key);
        File.WriteAllText(Path.Combine(draft.Output, "data.txt"), content);
        draft.Commit(cell.Name, cell.KeyParts, new CellTiming(DateTimeOffset.UnixEpoch, seconds));
        return Path.Combine(store.Folder, cell.Key);
    }
}
