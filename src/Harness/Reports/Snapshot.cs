using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models.Checkpoints;
using Harness.Planning;

namespace Harness.Reports;

/// <summary>What a comparison with the committed files found.</summary>
/// <param name="Exact">Whether every digit was compared; across numerics classes numbers may differ by <see
/// cref="Snapshot.Tolerance"/>.</param>
/// <param name="Differences">One line each, ready to print; empty where all is as committed.</param>
public sealed record SnapshotResult(bool Exact, IReadOnlyList<string> Differences)
{
    /// <summary>Whether nothing differs.</summary>
    public bool Matches => Differences.Count == 0;
}

/// <summary>
/// Committed results in Verify's convention: <c>table1.verified.json</c> is what a run must give, <c>table1.received.json</c> what one gave
/// instead.
/// </summary>
public static class Snapshot
{
    /// <summary>
    /// Percentage points by which means and interval ends may differ on machines of another numerics class; twice that for differences of
    /// two means, and as many hundredths of the value where it has another unit (of one, where it is less).
    /// Within a class nothing may differ. Default 2: at the embedded scale a case is half a point or more, and training amplifies the last
    /// bit.
    /// </summary>
    public const double Tolerance = 2;

    /// <summary>What a snapshot's file name has behind the experiment's name.</summary>
    public const string Extension = ".verified.json";

    /// <summary>The snapshot of an experiment among the committed files of a folder.</summary>
    public static string FileOf(string experiment, string committed) => Path.Combine(committed, experiment + Extension);

    /// <summary>
    /// Compares a report with the committed snapshot, and with the other committed result files where the numerics class is theirs. Across
    /// classes those files must be there, and where they are of the snapshot's class their numbers must be the snapshot's.
    /// </summary>
    /// <param name="report">What was computed now.</param>
    /// <param name="numericsClass">This machine's numerics class.</param>
    /// <param name="committed">Folder of the committed files.</param>
    /// <param name="regenerated">Folder where <see cref="ReportWriter"/> wrote this report's files, or null to compare the snapshot
    /// only.</param>
    /// <param name="root">Repository root: files are named relative to it.</param>
    /// <exception cref="InputException">The class is one of <c>--numerics=fast</c>.</exception>
    /// <remarks>Where the snapshot differs, <c>name.received.json</c> is written beside it; where it matches, an old one is
    /// removed.</remarks>
    public static SnapshotResult Compare(Report report, string numericsClass, string committed, string? regenerated, string root)
    {
        RefuseFast(report, numericsClass, committed);
        var name = report.Experiment.Name;
        var verified = FileOf(report.Experiment.Name, committed);
        var received = Path.Combine(committed, $"{name}.received.json");
        var actual = ReportFile.Of(report, numericsClass).ToText();
        var (exact, differences) = File.Exists(verified)
            ? CompareTexts(File.ReadAllText(verified), actual)
            : (true, ["expected a committed snapshot, actual none; run with --accept to make it"]);
        var label = Label(root, verified);
        string[] lines = [.. differences.Select(line => $"{label}: {line}")];
        if (lines is [])
        {
            File.Delete(received);
        }
        else
        {
            Directory.CreateDirectory(committed);
            DurableFile.WriteText(received, actual);
        }

        return new(exact, regenerated is null ? lines : [.. lines, .. Others().OfType<string>()]);

        IEnumerable<string?> Others()
        {
            foreach (var extension in ReportWriter.Extensions)
            {
                var (old, now) = (Path.Combine(committed, name + extension), Path.Combine(regenerated, name + extension));
                yield return exact ? CompareFiles(old, now, root) : Presence(old, now, root);
            }

            var provenance = name + ReportWriter.ProvenanceExtension;
            yield return CompareProvenance(Path.Combine(committed, provenance), Path.Combine(regenerated, provenance), root);
            if (!exact)
                foreach (var line in AgainstSnapshot(Path.Combine(committed, name), verified, root)) yield return line;
        }
    }

    /// <summary>Makes a report the committed snapshot and removes a received one.</summary>
    /// <exception cref="InputException">The class is one of <c>--numerics=fast</c>: other machines could not compare.</exception>
    public static void Accept(Report report, string numericsClass, string committed)
    {
        RefuseFast(report, numericsClass, committed);
        Directory.CreateDirectory(committed);
        DurableFile.WriteText(FileOf(report.Experiment.Name, committed), ReportFile.Of(report, numericsClass).ToText());
        File.Delete(Path.Combine(committed, $"{report.Experiment.Name}.received.json"));
    }

    private static void RefuseFast(Report report, string numericsClass, string committed)
    {
        if (!NumericsClass.IsFast(numericsClass)) return;
        throw new InputException(
            $"{FileOf(report.Experiment.Name, committed)}: found the numerics class {numericsClass}, expected one of pinned kernels: "
            + "a snapshot is never made of --numerics=fast, or compared with it; start the program through build.sh without it");
    }

    private static (bool Exact, IReadOnlyList<string> Differences) CompareTexts(string expected, string actual)
    {
        var (verified, mistake) = Parse(expected);
        if (verified is null) return (true, [$"expected a JSON object, actual {mistake}"]);
        var received = JsonNode.Parse(actual)!.AsObject();
        var exact = JsonNode.DeepEquals(verified["numerics-class"], received["numerics-class"]);
        var differences = new SnapshotDifferences(exact ? 0 : Tolerance).Between(verified, received);
        return differences.Count == 0 && exact && expected != actual ? (true, [FirstLine(expected, actual)]) : (exact, differences);
    }

    private static (JsonObject? Tree, string Mistake) Parse(string text)
    {
        try
        {
            var tree = JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false })?.AsObject();
            return (tree, tree is null ? "null" : "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return (null, error.Message);
        }
    }

    /// <summary>
    /// The committed data files against the snapshot, unless a run on a machine of another class than the snapshot's wrote them.
    /// </summary>
    private static IEnumerable<string> AgainstSnapshot(string stem, string verified, string root)
    {
        var (json, csv) = ($"{stem}.json", $"{stem}.csv");
        if (!File.Exists(json) || Parse(File.ReadAllText(verified)).Tree is not { } snapshot) yield break;
        var committed = Parse(File.ReadAllText(json)).Tree;
        if (committed is not null && !JsonNode.DeepEquals(committed["numerics-class"], snapshot["numerics-class"])) yield break;
        if (CompareFiles(json, verified, root) is { } difference) yield return difference;
        if (!File.Exists(csv) || ReportOf(snapshot) is not { } report) yield break;
        var (expected, actual) = (CsvTable.ToText(report), File.ReadAllText(csv));
        if (expected != actual) yield return $"{Label(root, csv)}: {FirstLine(expected, actual)}";
    }

    // Null where it is none, which the comparison of the trees has told already.
    private static ReportFile? ReportOf(JsonObject tree)
    {
        try
        {
            return ReportFile.Parse(tree.ToJsonString());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Presence(string committed, string regenerated, string root) =>
        (File.Exists(committed), File.Exists(regenerated)) switch
        {
            (false, true) => $"{Label(root, committed)}: expected a committed file, actual none",
            (true, false) => $"{Label(root, committed)}: committed, but this run wrote no such file",
            _ => null,
        };

    // It tells machines and codes apart; all else in it is declared.
    private static string? CompareProvenance(string committed, string regenerated, string root)
    {
        if (Presence(committed, regenerated, root) is { } missing) return missing;
        if (!File.Exists(committed)) return null;
        var (found, mistake) = Parse(File.ReadAllText(committed));
        if (found is null) return $"{Label(root, committed)}: expected a JSON object, actual {mistake}";
        var expected = JsonNode.Parse(File.ReadAllText(regenerated))!.AsObject();
        var field = expected.Select(field => field.Key).Union(found.Select(field => field.Key))
            .FirstOrDefault(field => !JsonNode.DeepEquals(Declared(field, found), Declared(field, expected)));
        return field is null ? null
            : $"{Label(root, committed)}: '{field}': expected what is declared now, actual something else; run with --accept to renew it";

        static JsonNode? Declared(string field, JsonObject of) => (field, of[field]) switch
        {
            ("machine" or "operating-system" or "versions" or "numerics-class", { } value) => $"{value.GetValueKind()}",
            ("cell-keys", JsonObject keys) => new JsonArray([.. keys.Select(key => JsonValue.Create(key.Key))]),
            (_, var value) => value,
        };
    }

    private static string? CompareFiles(string committed, string regenerated, string root)
    {
        if (Presence(committed, regenerated, root) is { } missing) return missing;
        if (!File.Exists(committed)) return null;
        var label = Label(root, committed);
        var (expected, actual) = (File.ReadAllBytes(committed), File.ReadAllBytes(regenerated));
        if (expected.AsSpan().SequenceEqual(actual)) return null;
        if (committed.EndsWith(CasesTable.Extension, StringComparison.Ordinal)) return CompareCases(label, committed, regenerated);
        var first = expected.AsSpan().CommonPrefixLength(actual);
        return Path.GetExtension(committed) == ".png"
            ? $"{label}: byte {first} differs ({expected.Length} bytes expected, {actual.Length} actual)"
            : $"{label}: {FirstLine(Encoding.UTF8.GetString(expected), Encoding.UTF8.GetString(actual))}";
    }

    // By their texts, as processors may compress differently.
    private static string? CompareCases(string label, string committed, string regenerated)
    {
        try
        {
            var (expected, actual) = (CasesTable.Read(committed), CasesTable.Read(regenerated));
            return expected == actual ? null : $"{label}: {FirstLine(expected, actual)}";
        }
        catch (InvalidDataException mistake)
        {
            return $"{label}: expected compressed values, actual none ({mistake.Message})";
        }
    }

    /// <summary>The first line in which two different texts differ.</summary>
    private static string FirstLine(string expected, string actual)
    {
        var (e, a) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(e.Length, a.Length)).First(i => i >= e.Length || i >= a.Length || e[i] != a[i]);
        return $"line {line + 1}: expected {Quote(e, line, a)}, actual {Quote(a, line, e)}";
    }

    // A line of an SVG may be as long as the file: show what surrounds the first difference.
    private static string Quote(string[] lines, int line, string[] others)
    {
        const int Before = 20, Shown = 60;
        if (line >= lines.Length) return "no more lines";
        var text = lines[line];
        var start = line < others.Length ? Math.Max(0, text.AsSpan().CommonPrefixLength(others[line]) - Before) : 0;
        if (text.Length <= Shown) return $"'{text}'";
        var end = Math.Min(text.Length, start + Shown);
        return $"'{(start > 0 ? "…" : "")}{text[start..end]}{(end < text.Length ? "…" : "")}'";
    }

    private static string Label(string root, string file) => Path.GetRelativePath(root, file).Replace('\\', '/');
}
