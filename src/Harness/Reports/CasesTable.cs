using System.IO.Compression;
using System.Text;
using Harness.Measuring.Data;
using Harness.Models.Checkpoints;

namespace Harness.Reports;

/// <summary>
/// Every score behind a table, compressed comma-separated values (RFC 4180, but line feeds): one line for each seed, row, series and item,
/// so that every mean and interval can be computed again from it alone (docs/recompute.py does). The prompt, the wanted answer and what the
/// unedited model and the edited one said stand with scores of cases, several answers with | between them; <c>item</c> is then the case's
/// number. Items of one <c>group</c>, questions about one subject, are resampled together. A series is what metrics are made of: its name
/// for most of them, <c>choice</c> for capability, <c>perplexity</c> (the difference of logarithms) for its ratio.
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
        var text = new StringBuilder("seed,dataset,model,editor,series,item,group,prompt,wanted,before,after,score\n");
        var unedited = report.Measured.Where(row => report.Experiment.IsOriginal(row.Editor))
            .ToDictionary(row => (row.Seed, row.Dataset, row.Model));
        foreach (var row in report.Measured)
        {
            var original = unedited.GetValueOrDefault((row.Seed, row.Dataset, row.Model))?.Scores;
            var cases = report.Cases.GetValueOrDefault((row.Seed, row.Dataset)) ?? [];
            foreach (var (series, items) in row.Scores.OrderBy(series => series.Key, StringComparer.Ordinal))
            {
                var start = $"{row.Seed},{CsvTable.Escape(row.Dataset)},{CsvTable.Escape(row.Model)},{CsvTable.Escape(row.Editor)},"
                    + $"{CsvTable.Escape(series)},";
                var before = (original?.GetValueOrDefault(series) ?? []).ToDictionary(item => item.Id, item => item.Said);
                foreach (var item in items)
                {
                    var asked = OfCases.Contains(series) && item.Id < cases.Count ? cases[item.Id] : null;
                    string[] texts =
                    [
                        item.Group ?? "", asked?.Prompt ?? "", asked?.TargetNew ?? "", before.GetValueOrDefault(item.Id) ?? "",
                        item.Said ?? "",
                    ];
                    text.Append(start).Append(Digits.Full(item.Id)).Append(',')
                        .AppendJoin(',', texts.Select(CsvTable.Escape)).Append(',').Append(Digits.Full(item.Value)).Append('\n');
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
