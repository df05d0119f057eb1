using System.Text.RegularExpressions;
using Harness.Build.Options;
using Harness.Models;
using Harness.Stages;

namespace Harness.Tests.Options;

public sealed partial class OptionListTests
{
    [Fact]
    public void Options_have_names_of_their_own_and_stand_in_the_README()
    {
        Assert.Equal(OptionList.Every.Count, OptionList.Every.DistinctBy(option => option.Name).Count());
        var readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Committed", "README.md"));
        var told = OptionInText().Matches(readme).Select(match => match.Groups["name"].Value).Distinct().ToList();
        Assert.Empty(told.Except(OptionList.Every.Select(option => option.Name)).Except(["local-dir"])); // an option of hf download
        Assert.Empty(OptionList.Every.Except([OptionList.Executor]).Select(option => option.Name).Except(told));
    }

    [Fact]
    public void What_is_not_given_has_its_default()
    {
        Assert.Equal(RunOptions.Scales[0], Read(OptionList.Scale));
        Assert.Equal(("cpu", "portable", "local"), (Read(OptionList.Device), Read(OptionList.Numerics), Read(OptionList.Executor)));
        Assert.Equal((null, null, null), (Read(OptionList.Jobs), Read(OptionList.Store), Read(OptionList.AnswerTokens)));
        Assert.Equal((2L << 30, TargetSpace.Auto), (Read(OptionList.Cache), Read(OptionList.Space)));
        Assert.Empty(Read(OptionList.Editors));
        Assert.False(Read(OptionList.Explain));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.5", 1L << 29)]
    [InlineData("1048576", 1L << 50)]
    public void A_cache_is_in_GiB(string given, long bytes) => Assert.Equal(bytes, Read(OptionList.Cache, given));

    [Theory]
    [InlineData("-1")]
    [InlineData("1048577")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("2 GiB")]
    public void A_cache_that_is_no_size_is_refused(string given) => Assert.Equal(
        $"found '{given}', expected GiB of unedited weights to keep in memory, a number from 0 to 1048576",
        Mistake(OptionList.Cache, given));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("4096", 4096)]
    public void A_whole_number_has_bounds(string given, int number) => Assert.Equal(number, Read(OptionList.AnswerTokens, given));

    [Theory]
    [InlineData("0")]
    [InlineData("4097")]
    [InlineData("1.0")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("99999999999")]
    public void A_number_out_of_them_or_none_is_refused(string given) => Assert.Equal(
        $"found '{given}', expected a whole number of at least 1 and at most 4096", Mistake(OptionList.AnswerTokens, given));

    [Fact]
    public void Names_are_told_with_the_nearest()
    {
        Assert.Equal(TargetSpace.Never, Read(OptionList.Space, "never"));
        Assert.Equal("found 'nevr', expected auto, always, never; did you mean 'never'?", Mistake(OptionList.Space, "nevr"));
        Assert.Equal("found 'Never', expected auto, always, never; did you mean 'never'?", Mistake(OptionList.Space, "Never"));
    }

    [Fact]
    public void The_last_value_counts_and_lists_have_all()
    {
        Assert.Equal(3, Read(OptionList.Jobs, "2", "3"));
        Assert.Equal(
            (true, true, false),
            (Read(OptionList.Delta, ""), Read(OptionList.Delta, "true"), Read(OptionList.Delta, "true", "false")));
        Assert.Equal(["a", "b", "c"], Read(OptionList.Editors, "a, b,", "c"));
    }

    [Fact]
    public void A_path_may_begin_at_home() => Assert.Equal(
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "m"), Read(OptionList.Model, "~/m"));

    private static T Read<T>(CommandOption<T> option, params string[] values) => option.Read(values, Assert.Fail);

    private static string Mistake<T>(CommandOption<T> option, string value)
    {
        List<string> mistakes = [];
        option.Read([value], mistakes.Add);
        return Assert.Single(mistakes);
    }

    [GeneratedRegex("--(?<name>[a-z][a-z-]+)")]
    private static partial Regex OptionInText();
}
