using Harness.Measuring.Data;
using Harness.Models.Checkpoints;

namespace Harness.Measuring.Capability;

/// <summary>One value of a series.</summary>
/// <param name="Id">Number of the question, text or document, from 0, in the list that was asked: equal ids of two models' series are a
/// pair.</param>
/// <param name="Value">Its value, finite; the series says the unit.</param>
public sealed record SeriesItem(int Id, double Value);

/// <summary>Raw series of items, by name, as a file of lines <c>{"id", "series", "value"}</c> in canonical JSON.</summary>
public static class ItemSeries
{
    /// <summary>Usual name of the file.</summary>
    public const string FileName = "items.jsonl";

    /// <summary>Writes series, names in ordinal order and items in the order given: the same bytes for the same series.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static void Write(string file, IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> series)
    {
        var lines = series.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(pair => pair.Value.Select(item => double.IsFinite(item.Value)
                ? CanonicalJson.ToText(new Line(item.Id, pair.Key, item.Value)) + "\n"
                : throw new ArgumentException($"item {item.Id} of series '{pair.Key}' is {item.Value}", nameof(series))));
        DurableFile.WriteText(file, string.Concat(lines));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">The file cannot be read, or a line is not such an item.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Read(string file)
    {
        var series = new SortedDictionary<string, IReadOnlyList<SeriesItem>>(StringComparer.Ordinal);
        foreach (var (number, text) in TextLines.Read(file, "items, one JSON object a line"))
        {
            var line = ReadLine($"{file}({number})", text);
            if (!series.TryGetValue(line.Series, out var items)) series[line.Series] = items = new List<SeriesItem>();
            ((List<SeriesItem>)items).Add(new SeriesItem(line.Id, line.Value));
        }

        return series;
    }

    private static Line ReadLine(string where, string text)
    {
        try
        {
            return CanonicalJson.FromText<Line>(text);
        }
        catch (Exception cause) when (cause is System.Text.Json.JsonException or InvalidOperationException)
        {
            var found = text.Length > 60 ? text[..60] + "…" : text;
            throw new InputException(
                $$"""{{where}}: found '{{found}}', expected {"id": …, "series": "…", "value": …}; make the cell again""", cause);
        }
    }

    private sealed record Line(int Id, string Series, double Value);
}
