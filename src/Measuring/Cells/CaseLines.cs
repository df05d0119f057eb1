using Harness.Measuring.Capability;
using Harness.Measuring.Metrics;
using Harness.Models.Checkpoints;

namespace Harness.Measuring.Cells;

/// <summary>Files of scores, one line each: of a case, a question, or a round.</summary>
public static class CaseLines
{
    internal const string Cases = "cases.jsonl", Each = "each.jsonl", Change = "change.jsonl";
    internal const string Times = "times.jsonl", Memory = "memory.jsonl";

    /// <summary>The scores of a finished Score or SingleEdits cell, in case order.</summary>
    public static IReadOnlyList<CaseScore> ReadCases(string folder) => Read(folder, Cases);

    /// <summary>The scores right after each edit of a finished Edit cell, in case order; none where they were not taken.</summary>
    public static IReadOnlyList<CaseScore> ReadEach(string folder) => File.Exists(Path.Combine(folder, Each)) ? Read(folder, Each) : [];

    /// <summary>
    /// How far an Edit cell's edit moved the weights, the answers to a Capability cell's probes, and what a Trace cell found, by series.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> ReadSeries(CellKind kind, string folder) =>
        ItemSeries.Read(Path.Combine(folder, kind switch
        {
            CellKind.Capability => ItemSeries.FileName,
            CellKind.Trace => TraceCell.FileName,
            _ => Change,
        }));

    /// <summary>The seconds of a Timing cell: one line a round, by row.</summary>
    public static IReadOnlyList<CaseScore> ReadTimes(string folder) => Read(folder, Times);

    /// <summary>The mebibytes of a Timing cell: one line a round, by row.</summary>
    public static IReadOnlyList<CaseScore> ReadMemory(string folder) => Read(folder, Memory);

    internal static void Write(string file, IEnumerable<CaseScore> lines) =>
        DurableFile.WriteText(file, string.Concat(lines.Select(line => CanonicalJson.ToText(line) + "\n")));

    private static IReadOnlyList<CaseScore> Read(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Select(CanonicalJson.FromText<CaseScore>)];
}
