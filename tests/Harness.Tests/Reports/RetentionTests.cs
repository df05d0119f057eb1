using System.Text.Json.Nodes;
using Harness.Declarations;
using Harness.Inference;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class RetentionTests : IDisposable
{
    private const string Measured = "\"world-zsre, for zsRE\",\"tiny-llama2, 0.8 M, for LLaMA-2-7B\"";
    private readonly string folder = Directory.CreateTempSubdirectory("retention-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Runs_of_edits_in_their_order_are_as_even_as_can_be()
    {
        var bootstrap = new Bootstrap(1, new());
        var shuffled = Examples.Row("rome",
            ("reliability", [.. Examples.Items(50, i => i < 25 ? 0 : 1).Reverse()]), ("reliability-each", Examples.Items(50, _ => 0.5)));
        var bins = Retention.Of([shuffled], "reliability", bootstrap);
        Assert.Equal(20, bins.Count); // 2, 3, 2, 3 … edits
        Assert.Equal(new RetentionBin(1.5, 2, 0, 0, 84.1886116992, 50), bins[0]);
        Assert.Equal(new RetentionBin(4, 3, 0, 0, 70.7598226181, 50), bins[1]);
        Assert.Equal(new RetentionBin(49, 3, 100, 29.2401773819, 100, 50), bins[^1]);

        var few = Retention.Of([Examples.Row("rome", ("reliability", Examples.Items(1, 0, 1)))], "reliability", bootstrap);
        Assert.Equal([new(1, 1, 100, null, null, null), new(2, 1, 0, null, null, null), new(3, 1, 100, null, null, null)], few);
        Assert.Empty(Retention.Of([shuffled], "es", bootstrap));
    }

    [Fact]
    public void Data_files_have_the_runs_with_their_bands_and_the_original_has_none()
    {
        ReportWriter.Write(Report(), ReportWriterTests.Somewhere, folder, withFigure: false);
        var tree = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "table1.json")))!;
        Assert.Equal("""{"kind":"retention","metric":"reliability"}""", tree["figure"]!.ToJsonString());
        Assert.Null(tree["rows"]![0]!["retention"]);
        Assert.Equal(
            """[{"edit":1,"n":1,"percent":100,"low":null,"high":null,"each":100},{"edit":2,"n":1,"percent":0,"low":null,"high":null,"each":100}]""",
            tree["rows"]![1]!["retention"]!.ToJsonString());

        string[] lines = File.ReadAllLines(Path.Combine(folder, "table1.csv"));
        Assert.Equal("dataset,model,editor,edit,metric,n,percent,low,high,seed-sd,published,measured-data,measured-model", lines[0]);
        Assert.Equal($"zsre,llama2-7b,rome,,reliability,2,50,0,100,,,{Measured}", lines[2]);
        Assert.Equal(
            [
                $"zsre,llama2-7b,rome,1,reliability,1,100,,,,,{Measured}", $"zsre,llama2-7b,rome,1,reliability-each,1,100,,,,,{Measured}",
                $"zsre,llama2-7b,rome,2,reliability,1,0,,,,,{Measured}",
            ],
            lines[3..6]);
    }

    [Fact]
    public void Snapshots_name_a_run_that_differs_and_allow_it_as_many_cases_across_classes_as_the_row()
    {
        var report = Report();
        Snapshot.Accept(report, "a", folder);
        var verified = Path.Combine(folder, "table1.verified.json");
        var text = File.ReadAllText(verified);
        string Difference(string percent, string numericsClass)
        {
            // The first run's mean follows its number of edits.
            File.WriteAllText(verified,
                text.Replace("\"n\": 1,\n          \"percent\": 100,", $"\"n\": 1,\n          \"percent\": {percent},"));
            return string.Join('\n', Snapshot.Compare(report, numericsClass, folder, null, folder).Differences);
        }

        Assert.Equal("table1.verified.json: zsre/llama2-7b/rome.retention: edit 1.percent: expected 61, actual 100".Replace(
            ".percent", ""), Difference("61", "a"));
        Assert.Equal("", Difference("61", "b")); // 2 points of 20 runs are 40 of one
        Assert.Contains("edit 1: expected 59, actual 100", Difference("59", "b"));
    }

    [Fact]
    public void Changes_stand_by_layer_in_numeric_order_and_module()
    {
        var row = Examples.Row("rome",
            ("change", Examples.Items(0.01)), ("change/10/down", Examples.Items(0.0001)), ("change/2/up", Examples.Items(0.02)),
            ("change/2/down", Examples.Items(0.03)), ("change/model/norms", Examples.Items(0.001)));
        Assert.Equal([new("2", "down", 3), new("2", "up", 2), new("10", "down", 0.01), new("model", "norms", 0.1)], LayerChange.Of([row]));

        var experiment = Examples.Small(["change"], [new("rome", new object())]) with { Figure = FigureKind.Change };
        ReportWriter.Write(Harness.Reports.Report.Build(experiment, [row]), ReportWriterTests.Somewhere, folder, withFigure: false);
        var tree = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "table1.json")))!;
        Assert.Equal("""{"layer":"2","module":"down","percent":3}""", tree["rows"]![0]!["changes"]![0]!.ToJsonString());
        string[] lines = File.ReadAllLines(Path.Combine(folder, "table1.csv"));
        Assert.Equal(
            "dataset,model,editor,layer,module,metric,n,percent,low,high,seed-sd,published,measured-data,measured-model", lines[0]);
        Assert.Equal($"zsre,llama2-7b,rome,2,down,change,,3,,,,,{Measured}", lines[2]);
    }

    /// <summary>Two edits by ROME: both were made, the second is lost.</summary>
    internal static Report Report()
    {
        var experiment = Examples.Small(
            ["reliability"], [new("original", null), new("rome", new object())]) with
        { Figure = FigureKind.Retention };
        return Harness.Reports.Report.Build(experiment,
        [
            Examples.Row("original", ("reliability", Examples.Items(0, 0))),
            Examples.Row("rome", ("reliability", Examples.Items(1, 0)), ("reliability-each", Examples.Items(1, 1))),
        ]);
    }
}
