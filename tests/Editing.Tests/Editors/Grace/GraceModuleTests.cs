using Harness.Editing.Editors.Grace;

namespace Harness.Tests.Editors.Grace;

public sealed class GraceModuleTests
{
    private static readonly GraceOptions Options = new() { Layer = 0, Radius = 1 };
    private static readonly int[] Paris = [1, 2];
    private static readonly int[] Oslo = [2, 1];

    [Fact]
    public void A_key_far_from_all_balls_gets_one_of_its_own()
    {
        var codebook = With((0, 0, Paris));
        Assert.Equal((1, false), codebook.Add([3, 0], [7], Oslo, Options));
        Assert.Equal([1, 1], codebook.Entries.Select(entry => entry.Radius));
        Assert.Equal((2, false), codebook.Add([0, 2.5f], [7], Paris, Options));
    }

    [Fact]
    public void Between_two_targets_the_balls_split_the_way()
    {
        var codebook = With((0, 0, Paris));
        Assert.Equal((1, false), codebook.Add([1.5f, 0], [7], Oslo, Options));
        Assert.Equal([0.75 - 1e-5, 0.75], codebook.Entries.Select(entry => entry.Radius));
        Assert.Equal(0, codebook.Find([0.7f, 0]));
        Assert.Equal(1, codebook.Find([0.8f, 0]));
        Assert.Null(codebook.Find([-0.8f, 0]));
    }

    [Fact]
    public void Near_the_same_target_the_ball_grows_as_far_as_it_has_to()
    {
        var codebook = With((0, 0, Paris));
        Assert.Equal((0, true), codebook.Add([0, 0.5f], [7], Paris, Options));
        Assert.Equal(1, codebook.Entries[0].Radius);
        Assert.Equal((0, true), codebook.Add([0, 1.75f], [7], Paris, Options));
        Assert.Equal(1.75 + 1e-5, Assert.Single(codebook.Entries).Radius);
        Assert.Equal([5], codebook.Entries[0].Value);
        Assert.Equal(0, codebook.Find([0, 1.75f]));
    }

    [Fact]
    public void A_moving_average_takes_the_centre_half_of_the_way()
    {
        var codebook = With((0, 0, Paris));
        codebook.Add([0, 1.5f], [7], Paris, Options with { Growth = GraceGrowth.MovingAverage });
        Assert.Equal([0, 0.75f], codebook.Entries[0].Key);
        Assert.Equal(1.5 + 1e-5, codebook.Entries[0].Radius);
    }

    [Fact]
    public void A_key_that_is_there_already_is_given_the_new_target()
    {
        var codebook = With((0, 0, Paris));
        Assert.Equal((0, false), codebook.Add([0, 0], [7], Oslo, Options));
        var entry = Assert.Single(codebook.Entries);
        Assert.Equal((1.0, 7f, Oslo), (entry.Radius, entry.Value[0], entry.Target));
    }

    [Fact]
    public void The_nearest_entry_answers_or_none()
    {
        var codebook = With((0, 0, Paris), (4, 0, Oslo));
        Assert.Equal(0, codebook.Find([0.6f, 0.7f]));
        Assert.Equal(1, codebook.Find([3, 0]));
        Assert.Null(codebook.Find([2, 0]));
        Assert.Null(new Codebook().Find([0, 0]));
    }

    private static Codebook With(params (float X, float Y, int[] Target)[] entries)
    {
        var codebook = new Codebook();
        foreach (var (x, y, target) in entries)
            codebook.Add([x, y], [5], target, Options);
        return codebook;
    }
}
