using System.Text.Json.Nodes;
using Harness.CheckpointEdits;

namespace Harness.Tests.CheckpointEdits;

public sealed class FactEditTextTests
{
    [Fact]
    public void A_table_of_answers_and_the_scores_with_their_counts()
    {
        var before = new FactScores(new AnswerScore(0, 0.5, 0.25, 2), new AnswerScore(0, 0, 0.125, 3), null);
        var after = new FactScores(new AnswerScore(0.5, 1, 1, 2), new AnswerScore(0.25, 0.5, 0.75, 3), new LocalityScore(0.9876, 3, 4));
        Assert.Equal(
            [
                "prompt      before           after  wanted  ok",
                "Ada lives   (nothing)        Oslo   Oslo    yes",
                "Bob\u00a0speaks  Da<U+0009>nish…  ↵Thai  Dutch   no",
                "",
                "reliability  0.0 % -> 50.0 % answered (tf-exact), 50.0 % -> 100.0 % begun so (tf-all), " +
                    "25.0 % -> 100.0 % of target tokens (tf-token), over 2 facts",
                "generality   0.0 % -> 25.0 % answered (tf-exact), 0.0 % -> 50.0 % begun so (tf-all), " +
                    "12.5 % -> 75.0 % of target tokens (tf-token), over 3 rephrasings",
                "locality     98.8 % of answer tokens as before (same-argmax), over 4 prompts; 3 wholly unchanged",
            ],
            FactEditText.Lines(Report(
                before, after, new FactOutcome("Ada lives", "", "Oslo", "Oslo", true),
                    new FactOutcome("Bob\u00a0speaks", "Da\tnish…", "\nThai", "Dutch", false))));
    }

    [Fact]
    public void Long_cells_are_cut_and_of_many_facts_the_first_are_shown()
    {
        var scores = new FactScores(new AnswerScore(0, 0, 0, 60), null, null);
        var facts = Enumerable.Range(0, 60).Select(i => new FactOutcome(new string('x', 80), "a", "b", "c", false)).ToArray();
        var lines = FactEditText.Lines(Report(scores, scores, facts)).ToList();
        Assert.StartsWith(new string('x', 55) + "…  a", lines[1]);
        Assert.Equal("… and 10 more, all in the report", lines[51]);
        Assert.Equal(54, lines.Count);
    }

    [Theory]
    [InlineData(true, "history: edit 2 of this model; the reports of those before are in the new one")]
    [InlineData(false, "history: the model's harness-edit.json is of other weights, which were changed after that edit; " +
        "it is kept, and \"unbroken\" is false")]
    [InlineData(null, "history: the model's harness-edit.json does not say which weights it is of; it is kept")]
    public void What_was_left_out_is_named_by_reason_and_the_history_judged(bool? unbroken, string history)
    {
        var scores = new FactScores(new AnswerScore(0, 0, 0, 1), null, null);
        var report = Report(scores, scores);
        var result = new FactEditResult(
            report, [], [new("a.bin", "they are old"), new(".git/", "they are hidden"), new("onnx/", "they are old")]);
        string[] left = ["left out, because they are old: a.bin, onnx/", "left out, because they are hidden: .git/"];
        Assert.Equal(left, FactEditText.Remarks(result));
        Assert.Equal([.. left, history],
            FactEditText.Remarks(result with { Report = report with { Unbroken = unbroken, History = [new JsonObject()] } }));
    }

    private static FactEditReport Report(FactScores before, FactScores after, params FactOutcome[] facts) => new()
    {
        Harness = "0",
        Libtorch = "0",
        Model = "m",
        Editor = "e",
        Options = [],
        Seed = 1,
        StatisticsTokens = 0,
        Changed = [],
        Figures = new Dictionary<string, double>(),
        Before = before,
        After = after,
        Facts = facts,
    };
}
