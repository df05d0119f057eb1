using System.Text.Json.Nodes;
using Harness.Claims;
using Harness.Declarations;
using Harness.Reports;
using Spectre.Console;

namespace Harness.Tests.Reports;

/// <summary>Rows along an axis, and metrics in other units than percent.</summary>
public sealed class VariedReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("varied-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>MEMIT at two numbers of edits and the unedited model; perplexity falls from 8 to 2 times, all items alike.</summary>
    internal static Report Sweep(params string[] claims)
    {
        var experiment = Examples.Small(
            ["reliability", "perplexity-ratio"], [new("original", null), At("memit", "2", 2), At("memit", "4", 4)], claims) with
        {
            Axes = [new("edits", ["2", "4"]) { IsLogarithmic = true }],
            Figure = FigureKind.Sweep,
        };
        return Report.Build(experiment,
        [
            Examples.Row("original", ("reliability", Examples.Items(0, 0, 0, 0))),
            Examples.Row("memit@2", ("reliability", Examples.Items(1, 1)), ("perplexity", Examples.Items(3, _ => Math.Log(8)))),
            Examples.Row("memit@4", ("reliability", Examples.Items(1, 1, 1, 1)), ("perplexity", Examples.Items(3, _ => Math.Log(2)))),
        ]);
    }

    internal static EditorEntry At(string series, string place, int? edits = null) => new($"{series}@{place}", new object())
    {
        Editor = series,
        Series = series,
        At = [new("edits", place)],
        Edits = edits,
    };

    [Fact]
    public void Rows_of_other_numbers_of_edits_may_have_other_cases()
    {
        var report = Sweep();
        Assert.Equal([4, 2, 4], report.Rows.Select(row => row.Cases));
        Assert.Equal("2–4 of world-zsre, for zsRE", ReportText.Cases(report));
        Assert.Equal(4, report.CasesOf("zsre"));
        Assert.Equal(8, report.Find("zsre", "llama2-7b", "memit@2")!.Cells[1].Shown!.Value, 1e-9);

        var alike = report.Experiment with { Editors = [.. report.Experiment.Editors.Select(editor => editor with { Edits = null })] };
        Assert.Throws<ArgumentException>(() => Report.Build(alike, report.Measured));
    }

    [Fact]
    public void Markdown_has_a_column_for_the_axis_and_units_where_they_are_not_percent()
    {
        ReportWriter.Write(Sweep(), ReportWriterTests.Somewhere, folder);
        string[] lines = Read(".md").Split('\n');
        Assert.Contains("Regenerates A Paper, Table 1 at the embedded scale. Percent where a column names no unit; " +
            "higher is better, but lower for "
            + "perplexity-ratio: measured mean (95 % interval). Bold: best measured in its column, among as many edits.", lines);
        Assert.Contains("| editor | edits | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>reliability | tiny-llama2<br>0.8 M, " +
            "for<br>LLaMA-2-7B<br>perplexity-ratio (×) |", lines);
        Assert.Contains("| original |  | 0.0 (0–60) | – |", lines);
        Assert.Contains("| memit | 2 | **100.0** (16–100) | **8.00×** (8.00–8.00) |", lines);
        Assert.Contains("- `perplexity-ratio`: perplexity of held-out texts over the unedited model's.", lines);
    }

    [Fact]
    public void What_only_describes_an_edit_has_no_best()
    {
        var experiment = Examples.Small(
            ["reliability", "changed-numbers", "rounds"], [new("rome", new object()), new("grace", new object())]);
        ReportWriter.Write(Report.Build(experiment,
        [
            Examples.Row("rome", ("reliability", Examples.Items(1, 1)), ("changed-numbers", Examples.Items(8.0)),
                ("edit/rounds", Examples.Items(2.0))),
            Examples.Row("grace", ("reliability", Examples.Items(0, 0)), ("changed-numbers", Examples.Items(4.0)),
                ("edit/rounds", Examples.Items(1.0))),
        ]), ReportWriterTests.Somewhere, folder);
        var text = Read(".md");
        Assert.Contains("higher is better, but lower for changed-numbers, neither for rounds: measured mean", text);
        Assert.Contains("| rome | **100.0** (16–100) | 8.00 | 2.00 |", text);
        Assert.Contains("| grace | 0.0 (0–84) | **4.00** | 1.00 |", text);
    }

    [Fact]
    public void Data_files_have_the_unit_and_the_places()
    {
        ReportWriter.Write(Sweep(), ReportWriterTests.Somewhere, folder);
        string[] lines = Read(".csv").Split('\n');
        Assert.Equal("dataset,model,editor,edits,metric,unit,n,value,low,high,seed-sd,published,measured-data,measured-model", lines[0]);
        Assert.Equal("zsre,llama2-7b,original,,perplexity-ratio,ratio,0,,,,,,\"world-zsre, for zsRE\",\"tiny-llama2, 0.8 M, " +
            "for LLaMA-2-7B\"", lines[2]);
        Assert.Equal("zsre,llama2-7b,memit@2,2,reliability,percent,2,100,15.8113883008,100,,,\"world-zsre, for zsRE\"," +
            "\"tiny-llama2, 0.8 M, for LLaMA-2-7B\"", lines[3]);
        Assert.Equal("zsre,llama2-7b,memit@4,4,perplexity-ratio,ratio,3,2,2,2,,,\"world-zsre, for zsRE\",\"tiny-llama2, 0.8 M, " +
            "for LLaMA-2-7B\"", lines[6]);

        var tree = JsonNode.Parse(Read(".json"))!;
        var row = tree["rows"]![1]!;
        Assert.Equal("memit", row["series"]!.GetValue<string>());
        Assert.Equal("2", row["at"]!["edits"]!.GetValue<string>());
        Assert.Equal("""{"unit":"ratio","value":8,"low":8,"high":8,"n":3,"published":null}""",
            row["metrics"]!["perplexity-ratio"]!.ToJsonString());
        Assert.Equal(["2", "4"], tree["axes"]![0]!["values"]!.AsArray().Select(value => value!.GetValue<string>()));
        Assert.Null(tree["timed"]);
    }

    [Fact]
    public void Tex_and_terminal_have_them_too()
    {
        ReportWriter.Write(Sweep(), ReportWriterTests.Somewhere, folder);
        string[] tex = Read(".tex").Split('\n');
        Assert.Contains(@"  \begin{tabular}{ll rr}", tex);
        Assert.Contains(@"    &  & \multicolumn{2}{c}{tiny-llama2, 0.8 M, for LLaMA-2-7B} \\", tex);
        Assert.Contains(@"    \cmidrule(lr){3-4}", tex);
        Assert.Contains(@"    editor & edits & reliability & perplexity-ratio ($\times$) \\", tex);
        Assert.Contains(@"    memit & 2 & \textbf{100.0} {\scriptsize (16--100)} & \textbf{8.00$\times$} {\scriptsize (8.00--8.00)} \\",
            tex);

        using var text = new StringWriter();
        ReportConsole.Write(Sweep(), AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) }));
        Assert.Contains("8.00× ±0.000", text.ToString());
        Assert.Contains("world-zsre, for zsRE (2–4 cases); tiny-llama2, 0.8 M, for LLaMA-2-7B", text.ToString());
    }

    [Fact]
    public void A_narrow_terminal_has_as_many_metrics_as_fit_in_each_table_and_names_the_rows_in_all()
    {
        string[] metrics = [
            "es", "em", "ps", "pm", "ns", "nm", "ge", "s", "reliability", "generality", "locality", "portability", "capability", "kl"];
        var items = metrics.Select(metric => (metric, Examples.Items(0.51, 0.73))).ToArray();
        var report = Report.Build(Examples.Small(metrics, [new EditorEntry("memit", new object())]), [Examples.Row("memit", items)]);
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        ReportConsole.Write(report, console);

        string[] lines = [.. text.ToString().Split('\n').Select(line => line.TrimEnd())];
        Assert.All(lines, line => Assert.True(line.Length <= console.Profile.Width, line));
        string[] heads = [.. lines.Where(line => line.StartsWith("editor", StringComparison.Ordinal))];
        Assert.True(heads.Length > 1, text.ToString());
        Assert.Equal(metrics, heads.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Intersect(metrics));
        Assert.Equal(heads.Length, lines.Count(line => line.StartsWith("memit", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_best_is_the_lowest_where_lower_is_better()
    {
        var editors = new[] { "rome", "memit" }.Select(name => new EditorEntry(name, new object())).ToArray();
        var report = Report.Build(Examples.Small(["kl", "capability"], editors),
        [
            Examples.Row("rome", ("kl", Examples.Items(0.5, 0.7)), ("choice", Examples.Items(1, 1))),
            Examples.Row("memit", ("kl", Examples.Items(0.1, 0.3)), ("choice", Examples.Items(1, 0))),
        ]);
        bool Best(int row, int cell) => ReportText.IsBest(report, report.Rows[row], report.Rows[row].Cells[cell]);
        Assert.Equal([false, true, true, false], [Best(0, 0), Best(0, 1), Best(1, 0), Best(1, 1)]);
        Assert.Equal(50, report.Rows[1].Cells[1].Shown);
        Assert.Equal(0.2, report.Rows[1].Cells[0].Shown);
    }

    [Fact]
    public void Claims_compare_varied_rows_over_the_edits_that_both_had()
    {
        var report = Sweep(
            "memit@2.reliability >= memit@4.reliability", "memit@2.perplexity-ratio > memit@4.perplexity-ratio + 5.9",
                "memit@4.perplexity-ratio < 1.5");
        Assert.Equal([Outcome.AtCeiling, Outcome.Holds, Outcome.DoesNotHold], report.Verdicts.Select(verdict => verdict.Measured.Outcome));
        Assert.Equal("holds in 0 of 1, p < 0.001; not in zsre/llama2-7b against 1.5 (+0.500×, +0.500× to +0.500×)",
            report.Verdicts[2].Measured.Summary);
    }

    [Fact]
    public void Times_are_no_snapshots_matter_and_the_page_says_so()
    {
        var report = Report.Build(
            Examples.Small(["seconds", "ratio"], [new("full-ft", new object()), new("rome", new object())], "rome.ratio < full-ft.ratio"),
            [
                Examples.Row("full-ft", ("seconds", Examples.Items(10, 12, 11)), ("ratio", Examples.Items(1, 1, 1))),
                Examples.Row("rome", ("seconds", Examples.Items(5, 3, 5.5)), ("ratio", Examples.Items(0.5, 0.25, 0.5))),
            ]);
        Assert.True(report.IsTimed);
        Assert.False(Sweep().IsTimed);
        Assert.Equal(Outcome.Holds, report.Verdicts[0].Measured.Outcome);
        ReportWriter.Write(report, ReportWriterTests.Somewhere, folder);
        Assert.Contains("Times are those of the machine that `table1.provenance.json` names", Read(".md"));
        Assert.Contains("| **4.50** (3.00–5.50) | **0.417×** (0.250–0.500) |", Read(".md"));
        Assert.True(JsonNode.Parse(Read(".json"))!["timed"]!.GetValue<bool>());
    }

    [Fact]
    public void A_single_item_has_no_interval_to_show()
    {
        var report = Report.Build(
            Examples.Small(["change"], [new("rome", new object())]), [Examples.Row("rome", ("change", Examples.Items(0.0123)))]);
        ReportWriter.Write(report, ReportWriterTests.Somewhere, folder);
        Assert.Contains("| rome | **1.2** |", Read(".md"));
    }

    [Fact]
    public void Numbers_with_units_have_a_tolerance_of_their_own_across_classes()
    {
        var report = Sweep();
        Snapshot.Accept(report, "a", folder);
        var verified = Path.Combine(folder, "table1.verified.json");
        var text = File.ReadAllText(verified);
        File.WriteAllText(verified, text.Replace("\"value\": 8,", "\"value\": 8.1,"));
        Assert.True(Snapshot.Compare(report, "b", folder, null, folder).Matches);
        Assert.Equal(["table1.verified.json: zsre/llama2-7b/memit@2.perplexity-ratio: expected 8.1, actual 8"],
            Snapshot.Compare(report, "a", folder, null, folder).Differences);
        File.WriteAllText(verified, text.Replace("\"value\": 8,", "\"value\": 8.2,")); // 2 % of 8.2 is 0.164
        Assert.Single(Snapshot.Compare(report, "b", folder, null, folder).Differences);
    }

    private string Read(string extension) => File.ReadAllText(Path.Combine(folder, "table1" + extension));
}
