using System.Text.Json.Nodes;
using Harness.Claims;
using Harness.Reports;

namespace Harness.Tests.Reports;

/// <summary>Tables with tasks of the environment: every file takes their names, and claims may be about them.</summary>
public sealed class TaskReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("task-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_task_is_a_column_in_percent_with_an_interval_over_its_documents()
    {
        ReportWriter.Write(Table(), ReportWriterTests.Somewhere, folder);
        string[] lines = Read(".md").Split('\n');
        Assert.Contains(@"| editor | tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>capability | " +
            @"tiny-llama2<br>0.8 M, for<br>LLaMA-2-7B<br>task-arc\_easy |", lines);
        Assert.Contains("| original | 100.0 (29–100) | 50.0 (21–79) |", lines);
        Assert.Contains("| rome | **100.0** (29–100) | **100.0** (74–100) |", lines);
        Assert.Contains(@"- `task-arc_easy`: accuracy on the task arc\_easy, " +
            @"likeliest choice (acc, or acc\_norm where the task lists only that).", lines);
        Assert.Contains("- Regenerate: `HARNESS_TASKS=<folder> ./build.sh --target=Table1`", lines);
        Assert.Contains("zsre,llama2-7b,original,task-arc_easy,12,50,21.0944638239,78.9055361761,,," +
            "\"world-zsre, for zsRE\",\"tiny-llama2, 0.8 M, for LLaMA-2-7B\"", Read(".csv").Split('\n'));
        Assert.Contains(@"    editor & capability & task-arc\_easy \\", Read(".tex").Split('\n'));
        var number = JsonNode.Parse(Read(".json"))!["rows"]![0]!["metrics"]!["task-arc_easy"]!;
        Assert.Equal("""{"percent":50,"low":21.0944638239,"high":78.9055361761,"fraction":0.5,"n":12,"published":null}""", number.ToJsonString());
    }

    [Fact]
    public void Claims_compare_tasks_document_by_document() => Assert.Equal(
        ["holds", "does not hold"],
        Table("rome.task-arc_easy >= original.task-arc_easy", "rome.task-arc_easy < original.task-arc_easy")
            .Verdicts.Select(verdict => Verdict.Words(verdict.Measured.Outcome)));

    [Fact]
    public void Provenance_names_the_tasks_that_are_shown_and_their_content()
    {
        ReportWriter.Write(Table(), ReportWriterTests.Somewhere, folder);
        Assert.Equal("""{"arc_easy":{"sha256":"a1"}}""", JsonNode.Parse(Read(".provenance.json"))!["tasks"]!.ToJsonString());
        ReportWriter.Write(Examples.Report(), ReportWriterTests.Somewhere, folder);
        Assert.False(JsonNode.Parse(Read(".provenance.json"))!.AsObject().ContainsKey("tasks"));
    }

    private static Report Table(params string[] claims)
    {
        var experiment = Examples.Small(["capability", "task-arc_easy"], [new("original", null), new("rome", new object())], claims) with
        {
            Overrides = new() { Tasks = new Dictionary<string, string> { ["arc_easy"] = "a1", ["not-shown"] = "b2" } },
        };
        return Report.Build(experiment,
        [
            Examples.Row("original", ("choice", Examples.Items(1, 1, 1)), ("task-arc_easy", Examples.Items(12, i => i % 2))),
            Examples.Row("rome", ("choice", Examples.Items(1, 1, 1)), ("task-arc_easy", Examples.Items(12, _ => 1))),
        ]);
    }

    private string Read(string extension) => File.ReadAllText(Path.Combine(folder, "table1" + extension));
}
