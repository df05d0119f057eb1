using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class ReportFileTests
{
    [Fact]
    public void What_is_read_is_written_back_in_the_same_bytes()
    {
        foreach (var report in new[] { Examples.Report(("rome.reliability > 45", "zsre and llama-7b")), RetentionTests.Report() })
        {
            var text = ReportFile.Of(report, "a").ToText();
            Assert.Equal(text, ReportFile.Parse(text).ToText());
        }
    }

    [Fact]
    public void A_file_of_an_older_version_says_what_it_says()
    {
        var tree = JsonNode.Parse(ReportFile.Of(Examples.Report(), "a").ToText())!;
        tree.AsObject().Remove("figure");
        foreach (var subject in tree["datasets"]!.AsArray().Concat(tree["models"]!.AsArray()))
            foreach (var key in new[] { "title", "real", "parameters" }) subject!.AsObject().Remove(key);
        var older = ReportFile.Parse(tree.ToJsonString());
        Assert.Empty(older.Shown);
        Assert.Equal(12, older.Rows.Count);
        tree.AsObject().Remove("rows");
        Assert.Contains("'rows'", Assert.Throws<JsonException>(() => ReportFile.Parse(tree.ToJsonString())).Message);
    }
}
