using System.Text.Json.Nodes;
using Harness.CheckpointEdits;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

/// <summary>What a model has been through is told by its newest report.</summary>
public sealed class EditHistoryTests : IDisposable
{
    private static readonly string[] Fast = ["locft-bf.tuning.learning-rate=5e-2", "locft-bf.tuning.epochs=2"];

    private readonly TinyCheckpoint checkpoint = new();

    [Fact]
    public void A_second_round_keeps_the_report_of_the_first_and_a_third_both()
    {
        var first = Round(checkpoint.Model, "1");
        Assert.Equal((null, 0), (first.Unbroken, first.History.Count));
        Assert.Equal(EditedFolder.HashesOf(checkpoint.Model), first.Edited);
        Assert.Equal(EditedFolder.HashesOf(At("1")), first.Written);

        var second = Round(At("1"), "2");
        Assert.Equal(first.Written, second.Edited);
        Assert.True(second.Unbroken);
        Assert.True(JsonNode.DeepEquals(WithoutHistory("1"), Assert.Single(second.History)));

        var third = Round(At("2"), "3", deltaOnly: true);
        Assert.Null(third.Written);
        Assert.Equal((true, 2), (third.Unbroken, third.History.Count));
        var stored = JsonNode.Parse(File.ReadAllText(Path.Combine(At("3"), FactOutput.DeltaReportFile)))!;
        Assert.Equal(2, (int)stored["schema"]!);
        Assert.True(JsonNode.DeepEquals(WithoutHistory("1"), stored["history"]![0]));
        Assert.True(JsonNode.DeepEquals(WithoutHistory("2"), stored["history"]![1]));
    }

    [Fact]
    public void Weights_that_were_changed_since_break_the_history()
    {
        Round(checkpoint.Model, "1");
        using (var weights = new FileStream(Path.Combine(At("1"), "model.safetensors"), FileMode.Open))
        {
            weights.Position = weights.Length - 1;
            weights.WriteByte(0);
        }

        var second = Round(At("1"), "2");
        Assert.False(second.Unbroken);
        Assert.NotEqual((string)second.History[0]["written"]!["model.safetensors"]!, second.Edited["model.safetensors"]);
        Assert.True(Round(At("2"), "3").Unbroken);
    }

    [Fact]
    public void A_report_of_the_first_form_is_kept_as_it_is()
    {
        Round(checkpoint.Model, "1");
        var report = WithoutHistory("1");
        foreach (var added in (string[])["schema", "edited", "written", "unbroken"]) report.Remove(added);
        File.WriteAllText(Path.Combine(At("1"), FactOutput.ReportFile), report.ToJsonString());
        var second = Round(At("1"), "2");
        Assert.Null(second.Unbroken);
        Assert.True(JsonNode.DeepEquals(report, Assert.Single(second.History)));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "it lacks \"harness\", \"editor\" or \"facts\"")]
    [InlineData("null", "it lacks")]
    [InlineData("""{"harness": "1", "editor": "rome"}""", "it lacks")]
    [InlineData("""{"harness": "1", "editor": "rome", "facts": [], "facts": []}""", "")]
    [InlineData("""{"harness": "1", "editor": "rome", "facts": ["\ud800"]}""", "")]
    [InlineData("""{"harness": "1", "editor": "rome", "facts": [], "history": {}}""", "\"history\" is no list")]
    [InlineData("""{"harness": "1", "editor": "rome", "facts": [], "history": [{}]}""", "it lacks")]
    [InlineData("""{"harness": "1", "editor": "rome", "facts": [], "schema": 3}""", "its schema is 3, expected at most 2: it is of a " +
        "later version of the harness")]
    [InlineData("""{"harness": "1", "editor": "rome", "facts": [], "schema": "2"}""", "its schema is \"2\"")]
    public void A_file_that_is_no_report_is_named_before_anything_is_computed(string text, string what)
    {
        var file = Path.Combine(checkpoint.Model, FactOutput.ReportFile);
        File.WriteAllText(file, text);
        var error = Assert.Throws<InputException>(() => Round(checkpoint.Model, "1"));
        Assert.StartsWith($"{file}: found no report of an edit ({what}", error.Message);
        Assert.EndsWith(
            "), expected the one that belongs to the edited model, to keep it as history; " +
                "bring it back, or rename the file where it is something else", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(Directory.Exists(At("1")));
    }

    [Fact]
    public void Depth_is_bounded()
    {
        File.WriteAllText(Path.Combine(checkpoint.Model, FactOutput.ReportFile), new string('[', 100_000));
        Assert.Contains("depth", Assert.Throws<InputException>(() => Round(checkpoint.Model, "1")).Message);
    }

    [Theory]
    [InlineData("locft-bf", ScalarType.BFloat16, "locft-bf.tuning.learning-rate=5e-2", "locft-bf.tuning.epochs=2")]
    [InlineData("grace", ScalarType.Float32, "grace.steps=3")]
    public void Changes_are_put_on_nothing_but_what_they_were_made_on(string editor, ScalarType dtype, params string[] assignments)
    {
        using var other = new TinyCheckpoint(dtype: dtype);
        other.Run(other.Request(editor, assignments) with { DeltaOnly = true });
        using var edit = Edit.Load(Path.Combine(other.Out, FactOutput.DeltaFile));
        using var model = Transformer.Load(other.Model);
        edit.ApplyTo(model).Dispose();
        using (no_grad()) model.Parameter(edit.Deltas.Count > 0 ? edit.Deltas[0].Parameter : Sites.Value(0)).mul_(Held(2));
        Assert.StartsWith("The edit was made on other values of 'model.layers.",
            Assert.Throws<InputException>(() => edit.ApplyTo(model)).Message);
    }

    public void Dispose() => checkpoint.Dispose();

    private string At(string round) => checkpoint.Out + round;

    private JsonObject WithoutHistory(string round)
    {
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(At(round), FactOutput.ReportFile)))!.AsObject();
        report.Remove("history");
        return report;
    }

    private FactEditReport Round(string model, string round, bool deltaOnly = false) =>
        FactEdit.Prepare(checkpoint.Request("locft-bf", Fast) with { Out = At(round), DeltaOnly = deltaOnly })
            .Run(model, new Progress<string>(), CancellationToken.None).Report;
}
