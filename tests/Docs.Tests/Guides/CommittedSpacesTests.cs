using Harness.Declarations;
using Harness.Editing;
using Harness.Tuning;

namespace Harness.Tests.Docs.Guides;

/// <summary>The committed tables and spaces belong together.</summary>
public sealed class CommittedSpacesTests
{
    [Fact]
    public void Every_row_of_the_embedded_tables_has_a_space_and_every_space_a_row()
    {
        var (plan, targets) = TuningTargets.Read(Clone.At("experiments"), "embedded", EditorRegistry.All);
        var edited = ExperimentCatalog.Load(Clone.At("experiments"), "embedded", ExperimentOverrides.None)
            .Where(experiment => !experiment.IsSweepOfOptions)
            .SelectMany(experiment => experiment.Editors.Select(row => row.Editor)).Distinct()
            .Except([EditorEntry.Original, "trace"]);
        Assert.Equal(edited.Order(StringComparer.Ordinal),
            targets.Select(target => target.Space.Editor.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.All(targets, target =>
        {
            var search = new SettingSearch(target.Space, plan, (_, _) => true);
            Assert.Equal(24, search.Next!.Settings.Count);
        });
    }

    [Fact]
    public void The_small_scale_is_searched_on_records_that_no_table_shows()
    {
        var (plan, targets) = TuningTargets.Read(Clone.At("experiments"), "small", EditorRegistry.All);
        Assert.NotEmpty(targets);
        Assert.All(targets.SelectMany(target => target.Datasets), dataset =>
        {
            Assert.EndsWith("-search", dataset.StandIn);
            Assert.Equal(plan.Edits, dataset.Options.Edits);
        });
    }
}
