using Cake.Frosting;
using Harness.Running;

namespace Harness.Tests.Frosting;

public sealed class CakeHostTests
{
    [Fact]
    public void Runs_what_a_target_depends_on_first_and_once()
    {
        var run = SampleProgram.Run("--target=Serve-Warm");
        Assert.Equal(["setup for Weigh Mix Bake Serve-Warm", "Weigh", "Mix", "Bake", "Serve", "teardown"], run.Journal);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
    }

    [Fact]
    public void Several_targets_share_what_they_depend_on()
    {
        var run = SampleProgram.Run("--target=Bake", "-t", "Mix");
        Assert.Equal(["Weigh", "Mix", "Bake"], run.Journal.Where(line => !line.Contains(' ') && line != "teardown"));
    }

    [Fact]
    public void An_exclusive_target_runs_alone() =>
        Assert.Equal("Bake",
            SampleProgram.Run("--target=Bake", "--exclusive").Journal.Single(line => line is not "teardown" && !line.StartsWith("setup")));

    [Fact]
    public void A_dry_run_names_the_tasks_and_runs_none()
    {
        var run = SampleProgram.Run("--target=Bake", "--dryrun");
        Assert.Equal(["setup for Weigh Mix Bake", "teardown"], run.Journal);
        Assert.Matches(@"1\. Weigh\s+2\. Mix\s+3\. Bake", run.Output);
    }

    [Fact]
    public void The_tree_shows_tasks_under_those_that_need_them()
    {
        var run = SampleProgram.Run("--tree");
        Assert.Empty(run.Journal);
        Assert.Matches(@"Serve-Warm\s+├─Bake\s+│ └─Mix\s", run.Output);
    }

    [Fact]
    public void Abstract_and_internal_classes_are_no_tasks() =>
        Assert.DoesNotMatch("Hidden|SampleTask", SampleProgram.Run("--tree").Output);

    [Fact]
    public void A_task_registered_on_the_engine_joins_the_graph() =>
        Assert.Equal(
            ["setup for Weigh Mix Bake Declared", "Weigh", "Mix", "Bake", "declared", "teardown"],
            SampleProgram.Run<DeclaringContext>("--target=Declared").Journal);

    [Fact]
    public void Two_tasks_of_one_name_are_refused()
    {
        var run = SampleProgram.Run<DuplicatingContext>("--target=Mix");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("Error: Another task with the name 'Bake' has already been added.", run.Errors.Trim());
    }

    [Fact]
    public void An_unknown_target_is_refused_with_the_nearest()
    {
        var run = SampleProgram.Run("--target=Mixx");
        Assert.Equal((1, "Error: --target: unknown target 'Mixx'; did you mean 'Mix'? (--description lists them all)"),
            (run.ExitCode, run.Errors.Trim()));
        Assert.Empty(run.Journal);
    }

    [Fact]
    public void A_mistake_of_the_users_is_told_once_and_without_a_stack_trace()
    {
        var run = SampleProgram.Run("--target=Burn");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(["An error occurred when executing task 'Burn'.", "Error: cake.yaml(3,1): found 900, expected at most 250"],
            Lines(run.Errors));
        Assert.Contains("teardown after failure", run.Journal);
    }

    [Fact]
    public void Cells_that_failed_stand_for_themselves()
    {
        var console = new SampleConsole();
        Assert.Equal(1, new ErrorReport(console).Write(new RunFailedException("1 of 2 cells failed")));
        Assert.Equal("Error: 1 of 2 cells failed", console.Errors.TrimEnd());
    }

    [Fact]
    public void Any_other_failure_says_how_to_get_the_stack_trace()
    {
        var run = SampleProgram.Run("--target=Crash");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("Error: the oven fell over (FormatException; run again with --verbosity=diagnostic for the stack trace)",
            Lines(run.Errors)[^1]);
        Assert.Contains("teardown after failure", run.Journal);
        Assert.Contains($"at {typeof(Crash).FullName}.Run", SampleProgram.Run("--target=Crash", "--verbosity=diagnostic").Errors);
    }

    [Fact]
    public void An_interruption_is_no_error()
    {
        var run = SampleProgram.Run("--target=Cancel");
        Assert.Equal((1, "Interrupted: the dough is kept."), (run.ExitCode, Lines(run.Errors)[^1]));
    }

    [Theory]
    [InlineData("Error: command line: found 'Mix', expected an option such as --target=NAME", "Mix")]
    [InlineData("Error: command line: --target has no value; write --target=VALUE", "--target")]
    [InlineData("Error: --verbosity: found 'lowd', expected one of quiet, minimal, normal, verbose, diagnostic", "--verbosity=lowd")]
    public void A_wrong_command_line_says_what_was_expected(string message, params string[] args)
    {
        var run = SampleProgram.Run(args);
        Assert.Equal((1, message), (run.ExitCode, run.Errors.Trim()));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
