using Cake.Core.Diagnostics;
using Cake.Frosting;

namespace Harness.Tests.Frosting;

public sealed class CommandLineTests
{
    [Fact]
    public void Nothing_given_runs_the_default_and_logs_what_is_normal()
    {
        var line = CommandLine.Parse([]);
        Assert.Equal(["Default"], line.Targets);
        Assert.Equal((false, HostMode.Build, Verbosity.Normal, null), (line.Exclusive, line.Mode, line.Verbosity, line.WorkingDirectory));
        Assert.Empty(line.Arguments);
    }

    [Theory]
    [InlineData("--target=A=B")]
    [InlineData("--target", "A=B")]
    [InlineData("-t", "A=B")]
    [InlineData("-t=A=B")]
    [InlineData("--TARGET=A=B")]
    public void A_value_stands_behind_the_first_equals_sign_or_is_the_next_word(params string[] args) =>
        Assert.Equal(["A=B"], CommandLine.Parse(args).Targets);

    [Fact]
    public void Values_of_one_option_are_kept_in_order_and_a_flag_takes_no_option_for_its_value()
    {
        var line = CommandLine.Parse(["--target=B", "--exclusive", "-t", "A", "--seed", "1", "--seed=2", "--explain"]);
        Assert.Equal(["B", "A"], line.Targets);
        Assert.True(line.Exclusive);
        Assert.Equal(["1", "2"], line.Arguments["SEED"]);
        Assert.Equal([""], line.Arguments["explain"]);
        Assert.Equal(["target", "exclusive", "seed", "explain"], line.Arguments.Select(option => option.Key));
    }

    // One letter stands for a name behind one dash only.
    [Fact]
    public void Short_names_are_of_one_dash()
    {
        var line = CommandLine.Parse(["-e", "-v", "diagnostic", "-w", "folder", "--t=x"]);
        Assert.Equal((true, Verbosity.Diagnostic, "folder"), (line.Exclusive, line.Verbosity, line.WorkingDirectory));
        Assert.Equal(["Default"], line.Targets);
        Assert.Equal(["x"], line.Arguments["t"]);
    }

    [Theory]
    [InlineData("Build")]
    [InlineData("Build", "--tree=false", "--description=FALSE")]
    [InlineData("Build", "--tree", "--tree=false")]
    [InlineData("Tree", "--tree")]
    [InlineData("Tree", "--dryrun", "--description", "--tree=true")]
    [InlineData("Description", "--dryrun", "--description")]
    [InlineData("DryRun", "--dryrun")]
    public void A_view_is_on_unless_its_last_value_is_false_and_the_tree_comes_first(string mode, params string[] args) =>
        Assert.Equal(mode, CommandLine.Parse(args).Mode.ToString());

    [Theory]
    [InlineData(Verbosity.Quiet, "q")]
    [InlineData(Verbosity.Minimal, "Min")]
    [InlineData(Verbosity.Verbose, "verb")]
    [InlineData(Verbosity.Diagnostic, "quiet", "diagnostic")]
    public void A_verbosity_may_be_cut_short_and_the_last_one_counts(Verbosity expected, params string[] values) =>
        Assert.Equal(expected, CommandLine.Parse(values.Select(value => $"--verbosity={value}")).Verbosity);

    [Theory]
    [InlineData("command line: found 'Mix', expected an option such as --target=NAME", "Mix")]
    [InlineData("command line: found 'b', expected an option such as --target=NAME", "--target", "a", "b")]
    [InlineData("command line: found '--', expected an option such as --target=NAME", "--")]
    [InlineData("command line: found '', expected an option such as --target=NAME", "--target=a", "")]
    [InlineData("command line: --target has no value; write --target=VALUE", "--target")]
    [InlineData("command line: --target has no value; write --target=VALUE", "--target= ", "--target=A")]
    [InlineData("command line: --working has no value; write --working=VALUE", "-w", "--tree")]
    [InlineData("--verbosity: found 'lowd', expected one of quiet, minimal, normal, verbose, diagnostic", "--verbosity=lowd")]
    [InlineData("--verbosity: found '', expected one of quiet, minimal, normal, verbose, diagnostic", "--verbosity")]
    [InlineData("--verbosity: found 'quite', expected one of quiet, minimal, normal, verbose, diagnostic; did you mean 'quiet'?",
        "-v=quite")]
    public void A_wrong_command_line_says_what_was_expected(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => CommandLine.Parse(args)).Message);
}
