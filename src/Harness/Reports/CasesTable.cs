using System.IO.Compression;
using System.Text;
using Harness.Measuring.Data;
using Harness.Models.Checkpoints;

namespace Harness.Reports;

/// <summary>
/// Every score behind a table, compressed comma-separated values (RFC 4180, but line feeds): one line for each seed, row, series and item,
/// so that every mean and interval can be computed again from it alone (docs/recompute.py does). The prompt and the wanted answer stand
/// with scores of cases; <c>item</c> is then the case's number. A series is what metrics are made of: its name for most of them,
/// <c>choice</c> for capability, <c>perplexity</c> (the difference of logarithms) for its ratio.
/// </summary>
internal static class CasesTable
{
    /// <summary>What the file's name has behind the experiment's.</summary>
    public const string Extension = ".cases.csv.gz";

    // The series whose items are cases.
    private static readonly HashSet<string> OfCases =
    [
        .. Metric.Catalogue.Where(metric => metric.Source is MetricSource.Answers or MetricSource.EachAnswer or MetricSource.Texts)
            .SelectMany(metric => metric.Components),
    ];

    /// <summary>The text of a report's file.</summary>
    public static string ToText(Report report)
    {
        var text = new StringBuilder("seed,dataset,model,editor,series,item,prompt,wanted,score\n");
        foreach (var row in report.Measured)
        {
            var cases = report.Cases.GetValueOrDefault((row.Seed, row.Dataset)) ?? [];
            foreach (var (series, items) in row.Scores.OrderBy(series => series.Key, StringComparer.Ordinal))
            {
                var start = $"{row.Seed},{CsvTable.Escape(row.Dataset)},{CsvTable.Escape(row.Model)},{CsvTable.Escape(row.Editor)},"
                    + $"{CsvTable.Escape(series)},";
                foreach (var item in items)
                {
                    var asked = OfCases.Contains(series) && item.Id < cases.Count ? cases[item.Id] : null;
                    text.Append(start).Append(Digits.Full(item.Id)).Append(',').Append(CsvTable.Escape(asked?.Prompt ?? "")).Append(',')
                        .Append(CsvTable.Escape(asked?.TargetNew ?? "")).Append(',').Append(Digits.Full(item.Value)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    /// <summary>The cases of a Dataset cell's folder, in their order, without the rest of it, which is most.</summary>
    public static IReadOnlyList<EditCase> CasesOf(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "cases.jsonl")).Select(CanonicalJson.FromText<EditCase>)];

    /// <summary>Writes a text compressed.</summary>
    public static void Write(string file, string text) => DurableFile.Write(file, stream =>
    {
        using var compressed = new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
        compressed.Write(Encoding.UTF8.GetBytes(text));
    });

    /// <summary>Whether a file is there and holds a text.</summary>
    public static bool Holds(string file, string text)
    {
        try
        {
            return File.Exists(file) && Read(file) == text;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote. Processors may compress differently; the text is the same.</summary>
    /// <exception cref="InvalidDataException">The file is not compressed, or cut short.</exception>
    public static string Read(string file)
    {
        using var compressed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var reader = new StreamReader(compressed, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
