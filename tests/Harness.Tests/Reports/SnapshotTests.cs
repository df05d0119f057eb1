using System.Text.RegularExpressions;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed partial class SnapshotTests : IDisposable
{
    private const string Name = "results/embedded/dft/table1.verified.json";
    private const string Class = "avx2-1234";
    private readonly string root = Directory.CreateTempSubdirectory("snapshot-tests").FullName;
    private readonly Report report = Examples.Report(("dft-ft.reliability > rome.reliability", "zsre"));

    public SnapshotTests() => Snapshot.Accept(report, Class, Committed);

    private string Committed => Path.Combine(root, "results", "embedded", "dft");

    private string Verified => Path.Combine(Committed, "table1.verified.json");

    private string Received => Path.Combine(Committed, "table1.received.json");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void An_accepted_report_matches_and_an_old_received_file_goes()
    {
        File.WriteAllText(Received, "old");
        var result = Compare();
        Assert.True(result is { Matches: true, Exact: true });
        Assert.False(File.Exists(Received));
    }

    [Theory]
    [InlineData("\"percent\": 50,", "\"percent\": 50.1,", "zsre/llama2-7b/rome.locality: expected 50.1, actual 50")]
    [InlineData("\"high\": 100,", "\"high\": 99,", "zsre/llama2-7b/dft-ft.reliability.high: expected 99, actual 100")]
    [InlineData("\"fraction\": 0.5,", "\"fraction\": 0.51,", "zsre/llama2-7b/rome.locality.fraction: expected 0.51, actual 0.5")]
    [InlineData("\"published\": 43.67", "\"published\": 43.68", "zsre/llama2-7b/rome.reliability.published: expected 43.68, actual 43.67")]
    [InlineData("\"n\": 10,", "\"n\": 11,", "zsre/llama2-7b/original.reliability.n: expected 11, actual 10")]
    [InlineData("\"seeds\": [\n    1", "\"seeds\": [\n    2", "seeds: element 0: expected 2, actual 1")]
    [InlineData("\"tf-token\"", "\"tf-all\"", "protocol: expected \"tf-all\", actual \"tf-token\"")]
    [InlineData("\"resamples\": 2000", "\"resamples\": 999", "interval.resamples: expected 999, actual 2000")]
    [InlineData("\"holding\": 2", "\"holding\": 1",
        "claims: 'dft-ft.reliability > rome.reliability' on zsre.measured.holding: expected 1, actual 2")]
    [InlineData("\"percent\": 50,", "\"percent\": 50.0,",
        "line 92: expected '          \"percent\": 50.0,', actual '          \"percent\": 50,'")]
    public void Names_the_number_that_changed(string now, string then, string difference)
    {
        ReplaceFirst(now, then);
        Assert.Equal([$"{Name}: {difference}"], Compare().Differences);
        Assert.Equal(ReportFile.Of(report, Class).ToText(), File.ReadAllText(Received));
    }

    [Fact]
    public void A_changed_digit_anywhere_is_caught()
    {
        var text = File.ReadAllText(Verified);
        var numericsClass = text.IndexOf(Class, StringComparison.Ordinal);
        foreach (var digit in Digit().Matches(text).Where((_, i) => i % 2 == 0)) // every second one, for speed
        {
            var other = digit.Value == "9" ? "8" : "9";
            File.WriteAllText(Verified, text[..digit.Index] + other + text[(digit.Index + 1)..]);
            var result = Compare();

            // A digit of the numerics class makes it another class, with which nothing is wrong.
            var isOfClass = digit.Index >= numericsClass && digit.Index < numericsClass + Class.Length;
            Assert.True(isOfClass != result.Exact, $"exact: {result.Exact} at {digit.Index}");
            Assert.True(isOfClass || result.Differences is not [], $"unnoticed: {text[(digit.Index - 20)..(digit.Index + 1)]}");
            Assert.All(result.Differences, line => Assert.StartsWith($"{Name}: ", line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_missing_row_and_a_row_too_many_are_one_line_each()
    {
        var rows = Examples.Rows(0, 5, 5, 10).Where(row => row.Editor != "original" || row.Model != "llama-7b");
        var without = Report.Build(report.Experiment, [.. rows]);
        Assert.Equal(
            [$"{Name}: zsre/llama-7b/original: expected a row, actual nothing",
                $"{Name}: counterfact/llama-7b/original: expected a row, actual nothing"],
            Snapshot.Compare(without, Class, Committed, null, root).Differences);

        Snapshot.Accept(without, Class, Committed);
        Assert.Contains($"{Name}: zsre/llama-7b/original: expected nothing, actual a row", Compare().Differences);
    }

    [Fact]
    public void Numbers_of_a_machines_own_kernels_are_never_accepted_or_compared()
    {
        var file = Path.Combine(Committed, "table1.verified.json");
        var before = File.ReadAllText(file);
        var message = $"{file}: found the numerics class fast-0123456789ab, " +
            "expected one of pinned kernels: a snapshot is never made of --numerics=fast, or compared with it; "
            + "start the program through build.sh without it";
        Assert.Equal(message, Assert.Throws<InputException>(() => Snapshot.Accept(report, "fast-0123456789ab", Committed)).Message);
        Assert.Equal(message,
            Assert.Throws<InputException>(() => Snapshot.Compare(report, "fast-0123456789ab", Committed, null, root)).Message);
        Assert.Equal(before, File.ReadAllText(file));
    }

    [Fact]
    public void Another_numerics_class_may_differ_by_two_points_and_no_more()
    {
        ReplaceFirst(Class, "sse-99");
        ReplaceFirst("\"percent\": 50,", "\"percent\": 51.9,");
        Assert.True(Compare() is { Matches: true, Exact: false });

        ReplaceFirst("\"percent\": 51.9,", "\"percent\": 52.1,");
        Assert.Equal([$"{Name}: zsre/llama2-7b/rome.locality: expected 52.1, actual 50"], Compare().Differences);
    }

    [Fact]
    public void Files_that_a_machine_of_another_class_wrote_over_the_committed_ones_are_not_held_against_the_snapshot()
    {
        var regenerated = Path.Combine(root, "new");
        var other = ReportWriterTests.Somewhere with { NumericsClass = "sse-99" };
        foreach (var folder in new[] { Committed, regenerated }) ReportWriter.Write(report, other, folder);
        ReplaceFirst("\"percent\": 50,", "\"percent\": 51.9,");
        Assert.True(Snapshot.Compare(report, "sse-99", Committed, regenerated, root) is { Matches: true, Exact: false });
    }

    [Fact]
    public void Files_of_the_snapshots_class_must_agree_with_it_on_every_machine_and_all_be_there()
    {
        var regenerated = Path.Combine(root, "new");
        ReportWriter.Write(report, ReportWriterTests.Somewhere, Committed);
        ReportWriter.Write(report, ReportWriterTests.Somewhere with { NumericsClass = "sse-99" }, regenerated);
        SnapshotResult Elsewhere() => Snapshot.Compare(report, "sse-99", Committed, regenerated, root);
        Assert.True(Elsewhere() is { Matches: true, Exact: false });

        var (json, csv) = (Path.Combine(Committed, "table1.json"), Path.Combine(Committed, "table1.csv"));
        File.WriteAllText(json, File.ReadAllText(json).Replace("\"seeds\": [\n    1", "\"seeds\": [\n    2"));
        File.WriteAllText(csv, File.ReadAllText(csv).Replace("30.8497107819,,43.67", "30.8497107819,,43.66"));
        File.Delete(Path.Combine(Committed, "table1.tex"));
        File.Delete(Path.Combine(Committed, "table1.provenance.json"));
        Assert.Equal(
            ["results/embedded/dft/table1.tex: expected a committed file, actual none",
                "results/embedded/dft/table1.provenance.json: expected a committed file, actual none",
                "results/embedded/dft/table1.json: line 7: expected '    2', actual '    1'",
                "results/embedded/dft/table1.csv: line 4: expected '…,30.8497107819,,43.67,\"world-zsre, for zsRE\",\"tiny-llama2, 0…', "
                    + "actual '…,30.8497107819,,43.66,\"world-zsre, for zsRE\",\"tiny-llama2, 0…'"],
            Elsewhere().Differences);
    }

    [Fact]
    public void Nothing_committed_and_nothing_readable_are_differences()
    {
        File.WriteAllText(Verified, "[");
        Assert.StartsWith($"{Name}: expected a JSON object, actual ", Assert.Single(Compare().Differences));
        File.Delete(Verified);
        Assert.Equal(
            [$"{Name}: expected a committed snapshot, actual none; run with --accept to make it"],
            Compare().Differences);
    }

    [Fact]
    public void Other_committed_files_are_compared_byte_for_byte()
    {
        var regenerated = Path.Combine(root, "new");
        foreach (var folder in new[] { Committed, regenerated }) ReportWriter.Write(report, ReportWriterTests.Somewhere, folder);
        Assert.True(Snapshot.Compare(report, Class, Committed, regenerated, root).Matches);

        var csv = Path.Combine(Committed, "table1.csv");
        File.WriteAllText(csv, File.ReadAllText(csv).Replace("30.8497107819,,43.67", "30.8497107819,,43.66"));
        File.WriteAllBytes(Path.Combine(Committed, "table1.png"), [1, 2, 3]);
        File.WriteAllBytes(Path.Combine(regenerated, "table1.png"), [1, 2, 4, 5]);
        File.Delete(Path.Combine(Committed, "table1.tex"));
        File.Delete(Path.Combine(Committed, "table1.provenance.json"));
        Assert.Equal(
            ["results/embedded/dft/table1.csv: line 4: expected '…,30.8497107819,,43.66,\"world-zsre, for zsRE\",\"tiny-llama2, 0…', "
                + "actual '…,30.8497107819,,43.67,\"world-zsre, for zsRE\",\"tiny-llama2, 0…'",
                "results/embedded/dft/table1.tex: expected a committed file, actual none",
                "results/embedded/dft/table1.png: byte 2 differs (3 bytes expected, 4 actual)",
                "results/embedded/dft/table1.provenance.json: expected a committed file, actual none"],
            Snapshot.Compare(report, Class, Committed, regenerated, root).Differences);
    }

    [Theory]
    [InlineData("", "expected a JSON object, actual ")]
    [InlineData("{}", "'experiment': expected what is declared now, actual something else; run with --accept to renew it")]
    [InlineData("\"protocol\": \"tf-token\"→\"protocol\": \"tf-all\"", "'protocol': expected what is declared now, actual something else")]
    [InlineData("\"machine\": →\"machine\": 1, \"x\": ", "'machine': expected what is declared now, actual something else")]
    [InlineData("\"machine\": \"→\"machine\": \"Another ", null)]
    public void Provenance_may_tell_of_another_machine_and_of_nothing_else_declared(string change, string? told)
    {
        var regenerated = Path.Combine(root, "new");
        foreach (var folder in new[] { Committed, regenerated }) ReportWriter.Write(report, ReportWriterTests.Somewhere, folder);
        var file = Path.Combine(Committed, "table1.provenance.json");
        var text = File.ReadAllText(file);
        File.WriteAllText(file, change.Split('→') is [var now, var then] ? text.Replace(now, then) : change);
        Assert.True(told is null || File.ReadAllText(file) != text);
        var differences = Snapshot.Compare(report, Class, Committed, regenerated, root).Differences;
        if (told is null) Assert.Empty(differences);
        else Assert.StartsWith(
            $"results/embedded/dft/table1.provenance.json: {told}", Assert.Single(differences), StringComparison.Ordinal);
    }

    private SnapshotResult Compare() => Snapshot.Compare(report, Class, Committed, null, root);

    private void ReplaceFirst(string now, string then)
    {
        var text = File.ReadAllText(Verified);
        var at = text.IndexOf(now, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the snapshot has no {now}");
        File.WriteAllText(Verified, text[..at] + then + text[(at + now.Length)..]);
    }

    [GeneratedRegex("[0-9]")]
    private static partial Regex Digit();
}
