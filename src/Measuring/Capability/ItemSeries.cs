using System.Text.Json.Serialization;
using Harness.Measuring.Data;

namespace Harness.Measuring.Capability;

/// <summary>One value of a series.</summary>
/// <param name="Id">Number of the question, text or document, from 0, in the list that was asked: equal ids of two models' series are a
/// pair.</param>
/// <param name="Value">Its value, finite; the series says the unit.</param>
public sealed record SeriesItem(int Id, double Value)
{
    /// <summary>
    /// What it shares with other items, the subject of a question for instance: together they are one piece of evidence. Null for nothing.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>What the model said, where it was asked; null else.</summary>
    public string? Said { get; init; }
}

/// <summary>
/// Raw series of items, by name, as a file of lines <c>{"id", "series", "value"}</c>, with <c>"group"</c> where there is one, in canonical
/// JSON.
/// </summary>
public static class ItemSeries
{
    /// <summary>Usual name of the file.</summary>
    public const string FileName = "items.jsonl";

    /// <summary>Writes series, names in ordinal order and items in the order given: the same bytes for the same series.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static void Write(string file, IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> series)
    {
        StoredLines.Write(file, series.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(pair => pair.Value.Select(item => double.IsFinite(item.Value)
                ? new Line(item.Id, pair.Key, item.Value) { Group = item.Group }
                : throw new ArgumentException($"item {item.Id} of series '{pair.Key}' is {item.Value}", nameof(series)))));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">The file cannot be read, or a line is not such an item.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Read(string file)
    {
        var lines = StoredLines.Read<Line>(file, """{"id": …, "series": "…", "value": …}""");
        var series = lines.GroupBy(line => line.Series).ToDictionary(
            group => group.Key,
            IReadOnlyList<SeriesItem> (group) => [.. group.Select(line => new SeriesItem(line.Id, line.Value) { Group = line.Group })]);
        return new SortedDictionary<string, IReadOnlyList<SeriesItem>>(series, StringComparer.Ordinal);
    }

    private sealed record Line(int Id, string Series, double Value)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Group { get; init; }
    }
}
