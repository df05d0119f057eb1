using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>A model's position tables by the length of the text, each built when it is first asked for. It owns them.</summary>
internal sealed class PositionTableCache(TransformerConfig config, Device device) : IDisposable
{
    private const int LongText = 256;
    private readonly Dictionary<long, PositionTables> tables = [];

    /// <summary>The tables of a text of that many tokens, good at least until those of another length are asked for.</summary>
    /// <exception cref="InputException">It is longer than the model's positions.</exception>
    public PositionTables Of(long positions)
    {
        if (tables.TryGetValue(positions, out var table)) return table;
        config.CheckLength(positions);

        // Their memory grows with the square of the length: those of long texts make room for each other.
        foreach (var other in positions > LongText ? tables.Keys.Where(length => length > LongText).ToArray() : [])
        {
            tables.Remove(other, out var unused);
            unused!.Dispose();
        }

        return tables[positions] = PositionTables.Build((int)positions, config, device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var table in tables.Values) table.Dispose();
        tables.Clear();
    }
}
