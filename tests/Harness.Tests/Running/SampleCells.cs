using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;

namespace Harness.Tests.Running;

/// <summary>Hand-made cells; two of one name, options and inputs are the same.</summary>
internal static class SampleCells
{
    public static PlannedCell Cell(string name, CellKind kind = CellKind.Edit, params PlannedCell[] inputs) =>
        CellWith([], name, kind, inputs);

    public static PlannedCell CellWith(JsonObject options, string name, CellKind kind, params PlannedCell[] inputs)
    {
        var parts = CanonicalJson.Sort(new JsonObject
        {
            ["code"] = new JsonObject { [name] = "0" },
            ["inputs"] = new JsonObject(inputs.Select(input => KeyValuePair.Create(input.Name, (JsonNode?)input.Key))),
            ["kind"] = kind.ToString().ToLowerInvariant(),
            ["options"] = options.DeepClone(),
            ["seed"] = 1,
        })!.AsObject();
        return new()
        {
            Key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToJsonString(CanonicalJson.Settings)))),
            Name = name,
            Kind = kind,
            Options = options,
            KeyParts = parts,
            Seed = 1,
            Inputs = inputs.ToDictionary(input => input.Name),
        };
    }

    public static string Store(CellStore store, PlannedCell cell, string content = "content", double seconds = 1)
    {
        using var draft = store.TryCreate(cell.Key)!;
        File.WriteAllText(Path.Combine(draft.Output, "data.txt"), content);
        draft.Commit(cell.Name, cell.KeyParts, new CellTiming(DateTimeOffset.UnixEpoch, seconds));
        return Path.Combine(store.Folder, cell.Key);
    }
}
