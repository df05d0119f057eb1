using System.Text.Json.Nodes;
using Harness.Claims;
using Harness.Declarations;
using Harness.Reports;
using Harness.Tests.Reports;

namespace Harness.Tests.Claims;

public sealed class ClaimsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("claims-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Claims_of_all_experiments_stand_on_one_page_with_counts_on_top()
    {
        var first = Written(Examples.Report(
            ("dft-ft.reliability > rome.reliability", "zsre and llama2-7b"), ("rome.reliability > 45", "zsre and llama-7b"),
                ("rome.locality > 90", "zsre")));
        var swept = VariedReportTests.Sweep("memit@4.perplexity-ratio < 1.5");
        var second = Written(
            swept with
            {
                Experiment = swept.Experiment with
                {
                    Paper = "emmet",
                    Name = "figure",
                    Target = "EMMET-Figure",
                    Title = "A | figure"
                }
            });
        var unmeasured = first with { Name = "table2" };

        var files = ClaimsFile.Write([second, unmeasured, first], folder);

        Assert.Equal(["claims.json", "claims.md"], files.Select(Path.GetFileName));
        Assert.Equal("""
            # What the papers claim, at the embedded scale

            4 claims of 2 tables and figures. Verdicts are corrected for the number of claims of their paper (Holm; at most one paper in twenty has a wrong one), p is the claim's own. A place (data set and model) is said to hold where the interval of its difference lies on the claimed side. At the ceiling both sides are as good as can be. A claim that does not hold at this scale is a finding about this scale.

            | | holds | does not hold | undecided | at the ceiling | not judged |
            |---|---:|---:|---:|---:|---:|
            | measured here | 1 | 2 | 1 | 0 | 0 |
            | the papers' own numbers | 2 | 0 | 0 | 0 | 2 |

            ## A \| figure

            [EMMET-Figure](emmet/figure.md), A Paper, Table 1.
            `zsre` is world-zsre, for zsRE; `llama2-7b` is tiny-llama2, 0.8 M, for LLaMA-2-7B.

            | claim | on | here | the paper's own numbers |
            |---|---|---|---|
            | `memit@4.perplexity-ratio < 1.5`<br>section 4 | every dataset and model | **does not hold**: holds in 0 of 1, p \< 0.001; not in zsre/llama2-7b against 1.5 (+0.500×, +0.500× to +0.500×) | **not judged**: no numbers |

            ## Two editors on two models

            [Table1](dft/table1.md), A Paper, Table 1.
            `zsre` is world-zsre, for zsRE; `counterfact` is CounterFact; `llama2-7b` is tiny-llama2, 0.8 M, for LLaMA-2-7B; `llama-7b` is tiny-llama, 1.3 M, for LLaMA-7B.

            | claim | on | here | the paper's own numbers |
            |---|---|---|---|
            | `dft-ft.reliability > rome.reliability`<br>section 4 | zsre and llama2-7b | **holds** in 1 of 1, p = 0.002; closest in zsre/llama2-7b against rome.reliability (+100.0, +38.3 to +100.0) | **holds** in 1 of 1; closest in zsre/llama2-7b against rome.reliability (+44.7) |
            | `rome.reliability > 45`<br>section 4 | zsre and llama-7b | **undecided**: holds in 0 of 1, p = 0.991; undecided in zsre/llama-7b against 45 (+5.0, -26.3 to +36.3) | **holds** in 1 of 1; closest in zsre/llama-7b against 45 (+45.5) |
            | `rome.locality > 90`<br>section 4 | zsre | **does not hold**: holds in 0 of 2, p = 0.002; not in zsre/llama2-7b against 90 (-40.0, -55.4 to -24.6), zsre/llama-7b against 90 (-40.0, -55.4 to -24.6) | **not judged**: no numbers |

            """, File.ReadAllText(files[1]));
        var tree = JsonNode.Parse(File.ReadAllText(files[0]))!;
        Assert.Equal("""{"holds":1,"does not hold":2,"undecided":1,"at the ceiling":0,"not judged":0}""", tree["measured"]!.ToJsonString());
        Assert.Equal(["emmet/figure", "dft/table1"], tree["experiments"]!.AsArray().Select(one => one!["experiment"]!.GetValue<string>()));
    }

    [Fact]
    public void Nothing_is_written_where_nothing_was_measured_and_foreign_files_are_refused()
    {
        var experiment = Examples.Experiment().Origin;
        Assert.Empty(ClaimsFile.Write([experiment], folder));
        Written(Examples.Report());
        Assert.Empty(ClaimsFile.Write([experiment], folder)); // measured, but it claims nothing
        foreach (var text in new[] { "[", "{}", "[]", """{ "claims": [ { "that": "x" } ] }""" })
        {
            File.WriteAllText(Path.Combine(folder, "dft", "table1.json"), text);
            var message = Assert.Throws<InputException>(() => ClaimsFile.Write([experiment], folder)).Message;
            Assert.StartsWith($"{Path.Combine(folder, "dft", "table1.json")}: expected a report of dft/table1 with its claims, found ",
                message);
            Assert.EndsWith("Regenerate it with --target=Table1.", message);
        }
    }

    [Fact]
    public void A_page_that_is_not_what_the_reports_give_is_one_line_a_file()
    {
        var experiment = Written(Examples.Report(("dft-ft.reliability > rome.reliability", "zsre and llama2-7b")));
        var (page, data) = (Path.Combine(folder, "claims.md"), Path.Combine(folder, "claims.json"));
        Assert.Equal([data, page], ClaimsFile.Write([experiment], folder));
        Assert.Empty(ClaimsFile.Compare([experiment], folder));
        File.AppendAllText(page, "\n");
        Assert.Equal(
            [$"{page}: found other claims or verdicts, expected what the reports beside it give; run with --accept to renew it"],
            ClaimsFile.Compare([experiment], folder));
        File.Delete(data);
        Assert.StartsWith($"{data}: found none, expected what the reports beside it give", ClaimsFile.Compare([experiment], folder)[0],
            StringComparison.Ordinal);

        var silent = Written(Examples.Report());
        Assert.Equal(
            [$"{page}: found one, expected none: no report beside it has claims; run with --accept to renew it"],
                ClaimsFile.Compare([silent], folder));
        Assert.Empty(ClaimsFile.Write([silent], folder));
        Assert.False(File.Exists(page));
        Assert.Empty(ClaimsFile.Compare([silent], folder));
    }

    private ExperimentSource Written(Report report)
    {
        ReportWriter.Write(report, ReportWriterTests.Somewhere, Path.Combine(folder, report.Experiment.Paper));
        return report.Experiment.Origin;
    }
}
