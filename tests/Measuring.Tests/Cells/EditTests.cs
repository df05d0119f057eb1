using Harness.Editing;
using Harness.Editing.Editors.Mend;
using Harness.Measuring.Cells;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;

namespace Harness.Tests.Cells;

public sealed class EditTests : IDisposable
{
    private const string DepthFirst =
        """{ "layer": 1, "tuning": { "pipeline": "depth-first", "steps": 25, "learning-rate": 0.02, "stop-loss": 0.01 } }""";
    private const string Grace = """{ "layer": 0, "steps": 60, "learning-rate": 0.5, "radius": 0.001 }""";
    private const string Whole = """{ "tuning": { "epochs": 60, "learning-rate": 0.01, "batch-size": 2 } }""";
    private static readonly ScoringOptions Scoring = new(Protocol.TfToken);
    private readonly CellFolder cells = new();

    public void Dispose() => cells.Dispose();

    [Fact]
    public void Scores_right_after_each_edit_are_no_worse_than_those_after_all()
    {
        var edit = Edit("ft-m", DepthFirst, each: Scoring);
        var each = CaseLines.ReadEach(edit);
        var after = Score("edit");
        Assert.Equal([0, 1, 2, 3], each.Select(score => score.Id));
        Assert.Equal(1, each.Average(score => score.Values["reliability"]));
        Assert.True(after.Average(score => score.Values["reliability"]) <= 1);
        Assert.Equal(each[^1].Values["reliability"], after[^1].Values["reliability"]); // nothing came after the last one
        Assert.Contains(each.Zip(after), pair => pair.First.Values["reliability"] != pair.Second.Values["reliability"]
            || pair.First.Values["locality"] != pair.Second.Values["locality"]);
    }

    [Fact]
    public void To_score_each_edit_does_not_change_the_edit()
    {
        var with = File.ReadAllBytes(Path.Combine(Edit("ft-m", DepthFirst, each: Scoring, name: "with"), EditCell.FileName));
        var without = Edit("ft-m", DepthFirst, name: "without");
        Assert.Equal(with, File.ReadAllBytes(Path.Combine(without, EditCell.FileName)));
        Assert.Empty(CaseLines.ReadEach(without));
    }

    [Fact]
    public void Edits_that_came_all_at_once_are_scored_with_all_of_them_applied()
    {
        var each = CaseLines.ReadEach(Edit("full-ft", """{ "tuning": { "epochs": 3, "learning-rate": 0.001 } }""", each: Scoring));
        Assert.Equal(Lines(Score("edit")), Lines(each));
    }

    [Fact]
    public void Only_the_first_cases_are_edited_and_scored()
    {
        var edit = Edit("ft-m", DepthFirst, each: Scoring, edits: 2);
        Assert.Equal([0, 1], CaseLines.ReadEach(edit).Select(score => score.Id));
        Assert.Equal([0, 1], Score("edit", 2).Select(score => score.Id));
        Assert.Equal([0, 1, 2, 3], Score("edit").Select(score => score.Id));
    }

    [Fact]
    public void Single_edits_each_find_the_unedited_model()
    {
        var all = Single("ft-m", DepthFirst, null);
        Assert.Equal(4, all.Count);
        Assert.All(all, score => Assert.Equal(1, score.Values["reliability"]));

        // The first edit of a sequence finds that model as well.
        var each = CaseLines.ReadEach(Edit("ft-m", DepthFirst, each: Scoring, edits: 1));
        Assert.Equal(Lines(each), Lines(all.Take(1)));

        // And so would the last one if it came first.
        var data = FactDataFolder.Read(cells.Folder("dataset"));
        FactDataFolder.Write(data with { Cases = [.. data.Cases.Reverse()] }, cells.Folder("dataset"));
        Assert.Equal(Lines(all.Reverse()), Lines(Single("ft-m", DepthFirst, null).OrderByDescending(score => score.Id)));
        Assert.Equal(3, Assert.Single(Single("ft-m", DepthFirst, 1)).Id);
    }

    [Fact]
    public void The_single_edits_of_one_record_are_made_together_and_tests_are_of_what_the_unedited_model_knows()
    {
        // The last case asks for the edits of both, of which it knows its own alone when it is edited alone.
        var data = FactDataFolder.Read(cells.Folder("dataset"));
        var both = new CriterionTest("instance-wise", [.. data.Cases.Take(2).Select(edit => new Question(edit.Prompt, edit.TargetNew))])
        {
            IsWhole = true,
        };
        EditCase[] edits =
        [
            data.Cases[0] with { Group = "1" },
            data.Cases[1] with
            {
                Group = "1", Tests = [both, both with { Criterion = "multi-hop", Conditions = [new("Cid eats", "stone")] }],
            },
            .. data.Cases.Skip(2),
        ];
        FactDataFolder.Write(data with { Cases = edits }, cells.Folder("dataset"));
        var scores = Single("full-ft", Whole, null);
        Assert.Equal([0, 1, 2, 3], scores.Select(score => score.Id));
        Assert.Equal((1.0, null), (scores[1].Of("instance-wise"), scores[1].Of("multi-hop")));
        Assert.Null(scores[0].Of("instance-wise"));
        FactDataFolder.Write(data with { Cases = [.. edits.Select(edit => edit with { Group = null })] }, cells.Folder("dataset"));
        Assert.True(Single("full-ft", Whole, null)[1].Of("instance-wise") < 1);
        Edit("full-ft", Whole, each: Scoring, edits: 2);
        Assert.Equal((1.0, null), (Score("edit", 2)[1].Of("instance-wise"), Score("edit", 2)[1].Of("multi-hop")));
    }

    [Fact]
    public void A_single_edit_that_keeps_something_beside_the_weights_is_scored_with_it()
    {
        var single = Single("grace", Grace, null);
        Assert.All(single, score => Assert.Equal(1, score.Values["reliability"]));
        Edit("grace", Grace, edits: 1);
        Assert.Equal(Lines(Score("edit", 1)), Lines(single.Take(1)));
    }

    [Fact]
    public void An_edit_beside_the_weights_is_scored_and_asked_with_what_it_keeps()
    {
        var folder = Edit("grace", Grace, each: Scoring);
        using var edit = Harness.Editing.Edit.Load(Path.Combine(folder, EditCell.FileName));
        Assert.Empty(edit.Deltas);
        Assert.NotNull(edit.Module);
        var scores = Score("edit");
        Assert.Equal(1, scores.Average(score => score.Values["reliability"]));
        Assert.True(Score(null).Average(score => score.Values["reliability"]) < 1);
        Assert.Equal(Lines(scores), Lines(CaseLines.ReadEach(folder)));
    }

    [Fact]
    public void What_an_editor_has_learnt_reaches_its_edit()
    {
        var options = new MendOptions { Training = new() { Layers = [1], Rank = 4, Steps = 2, BatchesPerStep = 1 }, BatchSize = 2 };
        var json = CanonicalJson.ToNode(options)!.AsObject();
        var training = EditorRegistry.Find("mend").Training!;
        var learnt = new EditorTrainingOptions { Editor = "mend", Options = CanonicalJson.ToNode(training.OptionsOf(options))!.AsObject() };
        var folder = cells.Run(CellKind.Training, "training", learnt);
        Assert.Equal([TrainingCell.FileName], Directory.GetFiles(folder).Select(Path.GetFileName));
        var request = new EditOptions { Editor = "mend", Options = json };
        cells.Run(CellKind.Edit, "edit", request, "training");
        Assert.Equal(4, Score("edit").Count);
        Assert.Throws<InputException>(() => cells.Run(CellKind.Edit, "untrained", request));
    }

    [Fact]
    public void An_editor_that_learns_nothing_has_no_training_cell() => Assert.Equal(
        "editor 'ft-m': found a cell that trains it, expected none: it learns nothing before it edits",
        Assert.Throws<InputException>(() => cells.Run(
            CellKind.Training, "training", new EditorTrainingOptions { Editor = "ft-m", Options = [] })).Message);

    private string Edit(string editor, string options, ScoringOptions? each = null, int? edits = null, string name = "edit") => cells.Run(
        CellKind.Edit, name, new EditOptions { Editor = editor, Options = CellFolder.Json(options), Each = each, Edits = edits });

    private IReadOnlyList<CaseScore> Single(string editor, string options, int? edits) => CaseLines.ReadCases(cells.Run(
        CellKind.SingleEdits, "single",
            new SingleEditsOptions { Editor = editor, Options = CellFolder.Json(options), Edits = edits, Scoring = Scoring }));

    private IReadOnlyList<CaseScore> Score(string? edit, int? edits = null) => CaseLines.ReadCases(
        cells.Run(CellKind.Score, "score", new ScoreOptions { Scoring = Scoring, Edits = edits }, edit is null ? [] : [$"edit={edit}"]));

    private static IEnumerable<string> Lines(IEnumerable<CaseScore> scores) => scores.Select(score => CanonicalJson.ToText(score));
}
