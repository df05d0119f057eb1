using System.Text.Json.Nodes;
using Harness.Measuring.Cells;

namespace Harness.Planning;

/// <summary>Makes cells and their keys; a cell whose key is there already is that cell.</summary>
internal sealed class CellGraph(KeyContext context, long seed)
{
    private readonly OrderedDictionary<string, PlannedCell> cells = new(StringComparer.Ordinal);

    /// <summary>The cells so far, inputs before what needs them.</summary>
    public IReadOnlyList<PlannedCell> InOrder => [.. cells.Values];

    /// <summary>Adds a cell, or finds it. Options and inputs are those of one kind.</summary>
    public PlannedCell Add<TCell>(
        string at, ICellOptions<TCell> options, ICellInputs<TCell, PlannedCell> made, string dataset = "", string model = "",
        string editor = "")
        where TCell : Cell, new()
    {
        var (kind, inputs) = (new TCell(), CellInputs.ByRole(made));
        var resolved = CanonicalJson.ToNode(options)!.AsObject();
        var parts = Parts(kind, resolved, inputs);
        var key = TextHash.Of(parts.ToJsonString(CanonicalJson.Settings));
        if (cells.TryGetValue(key, out var known))
            return known;
        var cell = new PlannedCell
        {
            Key = key,
            KeyParts = parts,
            Kind = kind.Kind,
            Name = $"{NameOf(kind.Kind)} {at}",
            Options = resolved,
            Seed = seed,
            Device = kind.UsesLibtorch ? context.Device : KeyContext.Cpu,
            Inputs = inputs,
            Dataset = dataset,
            Model = model,
            Editor = editor,
        };
        cells.Add(key, cell);
        return cell;
    }

    /// <summary>A kind in names: <c>edit</c>.</summary>
    public static string NameOf(CellKind kind) => kind.ToString().ToLowerInvariant();

    private JsonObject Parts(Cell kind, JsonObject options, OrderedDictionary<string, PlannedCell> inputs)
    {
        var parts = new JsonObject
        {
            ["code"] = new JsonObject(context.CodeOf(kind, options).Select(code => KeyValuePair.Create(code.Key, (JsonNode?)code.Value))),
            ["inputs"] = new JsonObject(inputs.Select(input => KeyValuePair.Create(input.Key, (JsonNode?)input.Value.Key))),
            ["kind"] = NameOf(kind.Kind),
            ["options"] = options.DeepClone(),
            ["seed"] = seed,
        };
        if (kind.UsesLibtorch)
        {
            parts["libtorch"] = context.Libtorch;
            parts["numerics"] = context.Numerics;
        }

        return CanonicalJson.Sort(parts)!.AsObject();
    }
}
