using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class ScheduleTests
{
    private readonly TimeEstimate estimate = new();
    private readonly Schedule schedule;

    public ScheduleTests() => schedule = new Schedule(estimate);

    [Fact]
    public void The_cell_with_the_longest_work_behind_it_comes_first()
    {
        // 1 + 15 + 3 seconds from the small data set on, 15 + 1 from the edit, 3 from the score.
        var data = Cell("data", CellKind.Dataset);
        var edit = Cell("edit", CellKind.Edit, data);
        var after = Cell("after", CellKind.Score, edit);
        PlannedCell[] alone = [Cell("score", CellKind.Score), Cell("alone", CellKind.Edit)];
        schedule.Add([.. alone, data, edit, after]);
        Assert.Equal(["data", "alone", "score"], StartAll());
    }

    [Fact]
    public void Of_equally_long_ways_the_first_one_given_starts_and_only_once()
    {
        schedule.Add([Cell("a"), Cell("b"), Cell("a")]);
        Assert.Equal(2, schedule.Total);
        Assert.Equal(["a", "b"], StartAll());
    }

    [Fact]
    public void A_cell_waits_until_its_last_input_is_complete_and_what_is_not_missing_is()
    {
        var (first, second) = (Cell("first"), Cell("second"));
        var both = Cell("both", CellKind.Score, first, second, Cell("stored"));
        schedule.Add([first, second, both]);
        Assert.Equal(["first", "second"], StartAll());
        schedule.Finish(second);
        Assert.Empty(StartAll());
        schedule.Finish(first);
        Assert.Equal(["both"], StartAll());
        Assert.Equal((2, 3), (schedule.Finished, schedule.Total));
        Assert.Equal([both], schedule.Unfinished);
    }

    [Fact]
    public void Cells_of_another_stage_wait_but_their_time_counts()
    {
        var (small, large) = (Cell("small", CellKind.Score), Cell("large", CellKind.Edit));
        schedule.Add([large, small, Cell("model", CellKind.Model, small)]);
        Assert.Equal(["small", "large"], StartAll("small", "large"));
        schedule.Finish(small);
        Assert.Empty(StartAll("small", "large"));
        Assert.Equal(["model"], StartAll("model"));
    }

    [Fact]
    public void What_is_made_from_a_failed_cell_is_given_up_and_the_rest_goes_on()
    {
        var (bad, good) = (Cell("bad"), Cell("good"));
        var child = Cell("child", CellKind.Score, good, bad);
        var grandchild = Cell("grandchild", CellKind.Score, child);
        var other = Cell("other", CellKind.Score, good);
        schedule.Add([bad, good, child, grandchild, other]);
        StartAll();
        schedule.Fail(bad);
        Assert.Equal([child, grandchild], schedule.GivenUp);
        Assert.Equal([good, other], schedule.Unfinished);
        schedule.Finish(good);
        Assert.Equal(["other"], StartAll());
        Assert.Equal((1, 5), (schedule.Finished, schedule.Total));
    }

    [Fact]
    public void The_next_stage_may_try_again_what_failed()
    {
        var bad = Cell("bad");
        var child = Cell("child", CellKind.Score, bad);
        schedule.Add([bad, child]);
        StartAll();
        schedule.Fail(bad);
        schedule.Add([bad]);
        Assert.Empty(schedule.GivenUp);
        Assert.Equal(2, schedule.Total);
        Assert.Equal(["bad"], StartAll());
        schedule.Finish(bad);
        Assert.Equal(["child"], StartAll());
    }

    [Fact]
    public void What_a_run_has_learnt_about_times_counts_from_the_next_stage_on()
    {
        PlannedCell[] cells = [Cell("a"), Cell("b")];
        estimate.Add(cells[1], 100);
        estimate.Add(cells[0], 1);
        schedule.Add(cells);
        Assert.Equal(["b", "a"], StartAll());
    }

    // Names of all cells that can be started now, of all stages where none is named.
    private List<string> StartAll(params string[] stage)
    {
        var keys = schedule.Unfinished.Where(cell => stage is [] || stage.Contains(cell.Name)).Select(cell => cell.Key).ToHashSet();
        List<string> names = [];
        while (schedule.StartNext(keys) is { } cell) names.Add(cell.Name);
        return names;
    }
}
