using Harness.Editing;
using Harness.Editing.Editors.FtC;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Pipelines;

namespace Harness.Tests;

public sealed class EditorRegistryTests
{
    [Fact]
    public void Names_are_in_kebab_case_and_none_stands_twice()
    {
        var names = EditorRegistry.All.Select(editor => editor.Name).ToList();
        Assert.All(names, name => Assert.Matches("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", name));
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void Names_the_nearest_editor()
    {
        var error = Assert.Throws<InputException>(() => EditorRegistry.Find("roem"));
        Assert.Equal(
            "unknown editor 'roem'; did you mean 'rome'? Known editors: "
            + $"{string.Join(", ", EditorRegistry.All.Select(editor => editor.Name))}.",
            error.Message);
    }

    [Fact]
    public void Reports_every_violation_together()
    {
        var options = new FtCOptions { Layer = -1, Epsilon = 0, Tuning = new() { BatchSize = 0, LearningRate = double.NaN } };
        var error = Assert.Throws<InputException>(() => EditorRegistry.Find("ft-c").Create(options));
        Assert.Equal(
            "Options of editor 'ft-c': layer: found -1, expected at least 0; epsilon: found 0, expected a finite number above 0; "
            + "tuning.batch-size: found 0, expected at least 1; tuning.learning-rate: found NaN, expected a finite number above 0.",
            error.Message);
    }

    [Fact]
    public void Reads_options_from_canonical_json()
    {
        var options = CanonicalJson.FromText<FullFtOptions>("""{"tuning":{"pipeline":"depth-first","optimiser":"adamw","batch-size":2}}""");
        Assert.Equal(new() { Pipeline = Pipeline.DepthFirst, Optimiser = OptimiserKind.AdamW, BatchSize = 2 }, options.Tuning);
        Assert.Equal(options, CanonicalJson.FromText<FullFtOptions>(CanonicalJson.ToText(options)));
    }

    [Fact]
    public void Refuses_an_empty_list_of_edits_and_counts_conflicts()
    {
        using var tiny = new TinySession();
        var editor = EditorRegistry.Find("full-ft").Create(new FullFtOptions { Tuning = new() { Epochs = 1 } });
        Assert.Throws<InputException>(() => editor.Edit(tiny.Session, []));
        using var edit = editor.Edit(tiny.Session, [TinySession.Ada, TinySession.Ada with { Id = 9, TargetNew = "Oslo" }]);
        Assert.Equal(1, edit.Figures["conflicts"]);
    }
}
