using System.Text.Json.Nodes;
using Harness.Declarations;
using Harness.Measuring.Cells;
using Harness.Reports;
using Spectre.Console;

namespace Harness.Tests.Reports;

public sealed class ReportWriterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("writer-tests").FullName;

    internal static Provenance Somewhere { get; } = new()
    {
        Machine = "a processor (x64)",
        OperatingSystem = "an operating system",
        DotNet = "10.0.0",
        LibTorch = "1.13.1",
        Harness = "0.1.0",
        NumericsClass = "avx2-1234",
        CellKeys = new Dictionary<string, string> { ["zsre/llama2-7b/rome"] = "abc" },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_the_edits_took_is_a_table_of_its_own_without_a_best_and_in_the_data_files()
    {
        var experiment = Examples.Small(
            ["reliability"], [new("original", null), new("rome", new object()), new("grace", new object())]) with
        {
            Budget = ["updates", "changed-numbers"],
            Published = Examples.Numbers(("zsre", "llama2-7b", "rome", "reliability", 43.67)),
        };
        ReportWriter.Write(Report.Build(experiment,
        [
            Examples.Row("original", ("reliability", Examples.Items(0, 0))),
            Examples.Row("rome", ("reliability", Examples.Items(1, 1)), ("edit/steps", Examples.Items(40.0)),
                ("changed-numbers", Examples.Items(1024.0))),
            Examples.Row("grace", ("reliability", Examples.Items(1, 1)), ("edit/steps", Examples.Items(7.0))),
        ]), Somewhere, folder);
        string[] lines = File.ReadAllText(Path.Combine(folder, "table1.md")).Split('\n');
        var start = Array.IndexOf(lines, "## What the edits took");
        Assert.Equal("| editor | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>updates | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>"
            + "changed-numbers |", lines[start + 2]);
        Assert.Equal(["| rome | 40.0 | 1024 |", "| grace | 7.00 | – |", ""], lines[(start + 4)..(start + 7)]);
        Assert.Contains("zsre,llama2-7b,rome,updates,number,1,40,40,40,,,", File.ReadAllText(Path.Combine(folder, "table1.csv")));
        var rows = ReportFile.Parse(File.ReadAllText(Path.Combine(folder, "table1.json"))).Rows;
        Assert.Null(rows[0].Budget);
        Assert.Equal([40, 1024], rows[1].Budget!.Values.Select(number => number.Value));
        Assert.Equal(["reliability"], rows[1].Metrics.Keys);
    }

    [Fact]
    public void Markdown_shows_ours_beside_the_papers_then_claims_then_notes()
    {
        ReportWriter.Write(Examples.Report(("dft-ft.reliability > rome.reliability", "zsre and llama2-7b")), Somewhere, folder);
        Assert.Equal("""
            # Two editors on two models

            Regenerates A Paper, Table 1 at the embedded scale. Percent, higher is better: measured mean (95 % interval) / published. Bold: best measured in its column.

            ## world-zsre, for zsRE

            | editor | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>reliability | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>locality | tiny-llama<br>1.3 M, for<br>LLaMA-7B<br>reliability | tiny-llama<br>1.3 M, for<br>LLaMA-7B<br>locality |
            |---|---:|---:|---:|---:|
            | original | 0.0 (0–31) / 43.8 | – | 0.0 (0–31) / – | – |
            | rome | 0.0 (0–31) / 43.7 | **50.0** (35–65) / – | 50.0 (19–81) / 90.5 | **50.0** (35–65) / – |
            | dft-ft | **100.0** (69–100) / 88.3 | **50.0** (35–65) / – | **100.0** (69–100) / 85.6 | **50.0** (35–65) / – |

            ## CounterFact

            | editor | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>reliability | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>locality | tiny-llama<br>1.3 M, for<br>LLaMA-7B<br>reliability | tiny-llama<br>1.3 M, for<br>LLaMA-7B<br>locality |
            |---|---:|---:|---:|---:|
            | original | 0.0 (0–31) / – | – | 0.0 (0–31) / – | – |
            | rome | 50.0 (19–81) / – | **50.0** (35–65) / – | **100.0** (69–100) / – | **50.0** (35–65) / – |
            | dft-ft | **100.0** (69–100) / – | **50.0** (35–65) / – | **100.0** (69–100) / – | **50.0** (35–65) / – |

            <picture><source media="(prefers-color-scheme: dark)" srcset="table1-dark.png"><img alt="Two editors on two models: measured bars with intervals, published diamonds" src="table1.png"></picture>

            ## Claims

            | claim | on | measured | the paper's own numbers |
            |---|---|---|---|
            | `dft-ft.reliability > rome.reliability`<br>section 4 | zsre and llama2-7b | **holds** in 1 of 1, p = 0.002; closest in zsre/llama2-7b against rome.reliability (+100.0, +38.3 to +100.0) | **holds** in 1 of 1; closest in zsre/llama2-7b against rome.reliability (+44.7) |

            A place (data set and model) holds where the 95 % interval of the paired difference, in points, lies on the claimed side. The page of all claims corrects for those of the paper.

            ## How it was made

            - Protocol `tf-token`: bare prompt, teacher forced, share of target tokens that are the argmax; scored after all edits.
            - Locality `same-argmax`: share of answer positions whose argmax the edit left as it was, right or wrong.
            - Seed 1; cases: 10 of world-zsre, for zsRE; 10 of CounterFact.
            - Intervals: percentile bootstrap over cases, 2000 resamples; exact where every score is 0 or 1.
            - Names in claims and options: `zsre` is world-zsre, for zsRE; `counterfact` is CounterFact; `llama2-7b` is tiny-llama2, 0.8 M, for LLaMA-2-7B; `llama-7b` is tiny-llama, 1.3 M, for LLaMA-7B. Published numbers are of the paper's own models and data.
            - All digits: `table1.json`, `table1.csv`; every score: `table1.cases.csv.gz`; machine and options: `table1.provenance.json`.
            - Regenerate: `./build.sh --target=Table1`

            """, Read(".md"));
    }

    [Fact]
    public void What_the_unedited_models_answer_of_what_they_were_not_taught_stands_below_the_rows()
    {
        var report = Examples.Report() with
        {
            Ceilings =
            [
                .. Ceiling.Of("zsre", "llama2-7b", [Taught(9, 8), Taught(10, 7)]), .. Ceiling.Of("zsre", "llama-7b", [new Recall(9, 10)]),
            ],
        };
        ReportWriter.Write(report, Somewhere, folder);
        Assert.Contains("\n| *ceiling* | 95.0 |  |  |  |\n", Read(".md"), StringComparison.Ordinal);
        Assert.Single(Read(".md").Split("| *ceiling* |").Skip(1));
        Assert.Contains("\n- *ceiling*: share of the old answers", Read(".md"), StringComparison.Ordinal);
        var stored = ReportFile.Parse(Read(".json"));
        Assert.Equal(
            [new("zsre", "llama2-7b", "reliability", 19, 20), new("zsre", "llama2-7b", "generality", 15, 40)], stored.Ceilings!);

        static Recall Taught(int recalled, int generality) => new(
            recalled, 10, new Dictionary<string, Recall> { ["generality"] = new(generality, 20) });
    }

    [Fact]
    public void Csv_has_a_line_for_each_number_with_empty_fields_where_there_is_none()
    {
        ReportWriter.Write(Examples.Report(), Somewhere, folder);
        var lines = Read(".csv").Split('\n');
        Assert.Equal("dataset,model,editor,metric,n,percent,low,high,seed-sd,published,measured-data,measured-model", lines[0]);
        Assert.Equal("zsre,llama2-7b,original,locality,0,,,,,,\"world-zsre, for zsRE\",\"tiny-llama2, 0.8 M, for LLaMA-2-7B\"", lines[2]);
        Assert.Equal(
            "zsre,llama-7b,rome,reliability,10,50,18.7086028447,81.2913971553,,90.5,\"world-zsre, for zsRE\","
                + "\"tiny-llama, 1.3 M, for LLaMA-7B\"",
            lines[9]);
        Assert.Equal(1 + 24 + 1, lines.Length);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"so\"", "\"say \"\"so\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    public void Csv_fields_are_quoted_where_they_must_be(string field, string expected) => Assert.Equal(expected, CsvTable.Escape(field));

    [Theory]
    [InlineData("95 % of a_b & c#1", @"95 \% of a\_b \& c\#1")]
    [InlineData("{x} $5 ~ ^ \\", @"\{x\} \$5 \textasciitilde{} \textasciicircum{} \textbackslash{}")]
    [InlineData("\"a\" > 20–80", @"``a'' \textgreater{} 20--80")]
    public void Tex_characters_are_escaped(string text, string expected) => Assert.Equal(expected, TexTable.Escape(text));

    [Fact]
    public void Tex_has_a_block_for_each_data_set_and_a_group_of_columns_for_each_model()
    {
        ReportWriter.Write(Examples.Report(), Somewhere, folder);
        var lines = Read(".tex").Split('\n');
        Assert.Contains(@"  \begin{tabular}{l rr rr}", lines);
        Assert.Contains(@"     & \multicolumn{2}{c}{tiny-llama2, 0.8 M, for LLaMA-2-7B} " +
            @"& \multicolumn{2}{c}{tiny-llama, 1.3 M, for LLaMA-7B} \\", lines);
        Assert.Contains(@"    \cmidrule(lr){2-3} \cmidrule(lr){4-5}", lines);
        Assert.Contains(@"    \multicolumn{5}{l}{\emph{CounterFact}} \\", lines);
        Assert.Contains("Measured on world-zsre, for zsRE; CounterFact; tiny-llama2, 0.8 M, for LLaMA-2-7B; " +
            "tiny-llama, 1.3 M, for LLaMA-7B. Published numbers are of the paper's own models and data.}", lines[4]);
        Assert.Contains(@"    original & 0.0 {\scriptsize (0--31)} / 43.8 & -- & 0.0 {\scriptsize (0--31)} / -- & -- \\", lines);
    }

    [Fact]
    public void Only_the_provenance_tells_machines_apart()
    {
        string[] here = [.. ReportWriter.Write(Examples.Report(), Somewhere, folder).Select(File.ReadAllText)];
        var elsewhere = Somewhere with { Machine = "another (arm64)", LibTorch = "2.7.0", CellKeys = new Dictionary<string, string>() };
        var files = ReportWriter.Write(Examples.Report(), elsewhere, folder);
        var differing = files.Where((file, i) => File.ReadAllText(file) != here[i]).Select(Path.GetFileName);
        Assert.Equal(["table1.provenance.json"], differing);
    }

    [Fact]
    public void Files_that_are_what_they_should_be_are_not_touched()
    {
        var csv = ReportWriter.Write(Examples.Report(), Somewhere, folder).Single(file => file.EndsWith(".csv", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(csv, DateTime.UnixEpoch);
        ReportWriter.Write(Examples.Report(), Somewhere, folder);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(csv));
        File.AppendAllText(csv, "\n");
        ReportWriter.Write(Examples.Report(), Somewhere, folder);
        Assert.NotEqual("\n\n", File.ReadAllText(csv)[^2..]);
    }

    [Fact]
    public void The_command_says_what_is_not_so_anyway()
    {
        var overrides = new ExperimentOverrides
        {
            Seed = 7,
            Editors = ["rome", "dft-ft"],
            Set = ["rome.layer=2", "rome.value={ steps: 9 }"]
        };
        var report = Examples.Report();
        Assert.Equal(
            "./build.sh --target=Table1 --scale=small --seed=7 --editors=rome,dft-ft --set=rome.layer=2 '--set=rome.value={ steps: 9 }'",
            ReportText.Command(report with { Experiment = report.Experiment with { Scale = "small", Overrides = overrides } }));
        Assert.Equal(
            "./build.sh --target=Table1 --device=cuda --numerics=fast --edits=10",
            ReportText.Command(report with
            {
                Experiment = report.Experiment with
                {
                    Overrides = new()
                    {
                        Device = "cuda",
                        Edits = 10,
                        IsFast = true
                    }
                }
            }));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_one_line_and_nothing_is_tried_in_it()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        var inside = Path.Combine(file, "dft");
        foreach (var action in (Action[])[
            () => ResultsFolder.Check(inside), () => ReportWriter.Write(Examples.Report(), Somewhere, inside)])
        {
            var message = Assert.Throws<InputException>(action).Message;
            Assert.StartsWith($"results folder {inside}: cannot be written (", message, StringComparison.Ordinal);
            Assert.EndsWith("make it writable or choose another with --results", message, StringComparison.Ordinal);
        }

        ResultsFolder.Check(Path.Combine(folder, "new", "dft"));
        Assert.Equal([file], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void An_interrupted_report_is_not_written()
    {
        Assert.Throws<OperationCanceledException>(() =>
            ReportWriter.Write(Examples.Report(), Somewhere, folder, cancellation: new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Provenance_holds_versions_options_counts_and_keys()
    {
        var report = Examples.Report();
        var specific = new SpecificOptions("zsre", "llama-7b", "rome", new Dictionary<string, int> { ["layer"] = 2 });
        var experiment = report.Experiment with
        {
            Specific = [specific],
            Editors = [.. report.Experiment.Editors.Select(row => row.Name == "rome" ? row with { ChosenBy = "tuning/rome" } : row)],
        };
        ReportWriter.Write(report with { Experiment = experiment }, Somewhere, folder);
        var provenance = JsonNode.Parse(Read(".provenance.json"))!;
        Assert.Equal("1.13.1", provenance["versions"]!["libtorch"]!.GetValue<string>());
        Assert.Equal(10, provenance["cases"]!["counterfact"]!.GetValue<int>());
        Assert.Equal("""{"rome":"tuning/rome"}""", provenance["chosen-by"]!.ToJsonString());
        Assert.Equal("abc", provenance["cell-keys"]!["zsre/llama2-7b/rome"]!.GetValue<string>());
        Assert.Equal(2, provenance["specific-options"]![0]!["options"]!["layer"]!.GetValue<int>());
        Assert.Equal(["rome", "dft-ft"], provenance["editors"]!.AsObject().Select(pair => pair.Key));
    }

    [Fact]
    public void The_terminal_gets_plain_tables_and_verdicts_within_120_columns_when_it_is_none()
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        ReportConsole.Write(Examples.Report(("dft-ft.reliability > rome.reliability", "every dataset and model")), console);
        string[] lines = [.. text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())];
        Assert.All(lines, line => Assert.True(line.Length <= 120, line));
        Assert.DoesNotContain(lines, line => line.Contains('│') || line.Contains('\u001b'));
        Assert.Contains("world-zsre, for zsRE (10 cases)", lines);
        string[] heads = [.. lines.SkipWhile(line => !line.StartsWith("world-zsre", StringComparison.Ordinal)).Skip(1).Take(4)
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(
            ["editor tiny-llama2 tiny-llama2 tiny-llama tiny-llama", "0.8 M, for 0.8 M, for 1.3 M, for 1.3 M, for",
                "LLaMA-2-7B LLaMA-2-7B LLaMA-7B LLaMA-7B", "reliability locality reliability locality"],
            heads);
        Assert.Contains(lines, line => line.StartsWith("rome ", StringComparison.Ordinal) && line.Contains("50.0 ±31 / 90.5"));
        Assert.Contains("holds          dft-ft.reliability > rome.reliability on every dataset and model", lines);
        Assert.Contains(lines, line => line.StartsWith("               measured:  holds in 3 of 4, p = ", StringComparison.Ordinal));
    }

    private string Read(string extension) => File.ReadAllText(Path.Combine(folder, "table1" + extension));
}
