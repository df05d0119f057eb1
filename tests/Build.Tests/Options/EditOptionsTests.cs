using Harness.CheckpointEdits;
using Harness.Declarations;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.Memit;
using Harness.Models;
using TorchSharp;

namespace Harness.Tests.Options;

public sealed class EditOptionsTests
{
    private static readonly string[] Whole = ["target=Edit", "model=m", "facts=f.jsonl", "editor=locft-bf", "out=o"];

    [Fact]
    public void An_edit_has_defaults_and_the_experiments_are_left_alone()
    {
        var options = HarnessOptionsTests.Read([.. Whole, "seed=7", "set=locft-bf.layer=3"]);
        var edit = options.Edit!;
        Assert.Equal(("m", "f.jsonl", "locft-bf", "o"), (edit.Model, edit.Request.Facts, edit.Request.Editor.Name, edit.Request.Out));
        Assert.Equal((7, 2L << 30, null, false, null),
            (edit.Request.Seed, edit.Request.CacheBytes, edit.Request.AnswerTokens, edit.Request.DeltaOnly, edit.Request.Texts));
        Assert.Equal((torch.CPU, TargetSpace.Auto, null), (edit.Request.Device, edit.Request.Space, edit.Threads));
        Assert.Equal(["locft-bf.layer=3"], edit.Request.Assignments);
        Assert.Equal(ExperimentOverrides.None, options.Run.Overrides);
        Assert.False(options.Run.IsCustom);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var edit = HarnessOptionsTests.Read(
            [.. Whole, "delta=", "texts=t.txt", "examples=e.jsonl", "cache=0.5", "answer-tokens=9", "space=never", "jobs=3", "scale=small",
            "store=s"]).Edit!;
        Assert.Equal((true, "t.txt", "e.jsonl", 1L << 29, 9, TargetSpace.Never, 3), (edit.Request.DeltaOnly, edit.Request.Texts,
            edit.Request.Examples, edit.Request.CacheBytes, edit.Request.AnswerTokens, edit.Request.Space, edit.Threads));
    }

    [Fact]
    public void Other_targets_have_no_edit_and_views_need_none()
    {
        Assert.Null(HarnessOptionsTests.Read("target=Table1").Edit);
        Assert.Null(HarnessOptionsTests.Read("target=Edit", "dryrun=").Edit);
    }

    [Theory]
    [InlineData("--model: missing; write --model=FOLDER\n       --facts: missing; write --facts=FILE\n       --editor: missing; " +
        "write --editor=NAME\n       --out: missing; write --out=FOLDER", "target=edit")]
    [InlineData("--target=Edit runs alone; leave the other targets out", "target=Table1", "target=Edit", "model=m", "facts=f",
        "editor=rome", "out=o")]
    public void What_is_missing_or_out_of_place_is_told_together(string message, params string[] arguments) => Fails(message, arguments);

    [Theory]
    [InlineData("--edits: found with --target=Edit, expected with experiments, Figures only; leave it out", "edits=5")]
    [InlineData("--accept: found with --target=Edit, expected with tables, Verify only; leave it out", "accept=")]
    [InlineData("--out: found 'o' and 'p', expected one value; leave the others out", "out=p")]
    [InlineData("--cache: found '-1', expected GiB of unedited weights to keep in memory, a number from 0 to 1048576", "cache=-1")]
    [InlineData("--cache: found 'NaN', expected GiB of unedited weights to keep in memory, a number from 0 to 1048576", "cache=NaN")]
    [InlineData("--answer-tokens: found '0', expected a whole number of at least 1 and at most 4096", "answer-tokens=0")]
    [InlineData("--space: found 'Never', expected auto, always, never; did you mean 'never'?", "space=Never")]
    [InlineData("--delta: found 'yes', expected nothing, true or false", "delta=yes")]
    [InlineData("--texts: has no value; write --texts=FILE", "texts=")]
    [InlineData("--examples: has no value; write --examples=FILE", "examples=")]
    [InlineData("--device: found 'gpu', expected cpu, cuda; did you mean 'cpu'?", "device=gpu")]
    [InlineData("unknown option '--fact'; did you mean '--facts'? (--help lists them all)", "fact=x")]
    public void A_wrong_option_says_what_was_expected(string message, string argument) => Fails(message, [.. Whole, argument]);

    [Fact]
    public void What_chooses_a_model_of_the_study_has_no_meaning_for_a_folder()
    {
        var folder = Directory.CreateTempSubdirectory("model-").FullName;
        try
        {
            string[] given = [Whole[0], $"model={folder}", .. Whole[2..]];
            Assert.Equal(folder, HarnessOptionsTests.Read(given).Edit!.Model);
            Fails(
                $"--scale: has no meaning for the folder {folder}, only for a model of the study; leave it out\n       "
                    + $"--store: has no meaning for the folder {folder}, only for a model of the study; leave it out",
                [.. given, "scale=small", "store=s"]);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public void An_unknown_editor_gets_the_nearest_name() => Fails(
        "--editor: unknown editor 'locftbf'; did you mean 'locft-bf'? Known editors: "
            + $"{string.Join(", ", Harness.Editing.EditorRegistry.All.Select(editor => editor.Name))}.",
        [.. Whole[..3], "editor=locftbf", "out=o"]);

    [Fact]
    public void Values_of_the_user_win_over_those_in_proportion_to_the_depth()
    {
        var request = HarnessOptionsTests.Read([.. Whole, "set=locft-bf.tuning.learning-rate=1e-2"]).Edit!.Request;
        var options = (LocFtBfOptions)request.Bind(request.Editor, ["locft-bf.layer=21", .. request.Assignments]);
        Assert.Equal((21, 1e-2), (options.Layer, options.Tuning.LearningRate));
        var memit = Harness.Editing.EditorRegistry.Find("memit");
        Assert.Equal([2, 3], ((MemitOptions)EditorAssignments.Bind(memit, ["memit.layers=[1]", "memit.layers=[2,3]"])).Layers);
    }

    [Fact]
    public void Every_editor_can_be_bound_with_the_layers_chosen_for_the_depth() =>
        Assert.All(Harness.Editing.EditorRegistry.All, editor => Assert.All([4, 32], layers =>
        Assert.NotNull(editor.Create(EditorAssignments.Bind(
            editor, editor.Open is { } open ? [$"{editor.Name}.{open.Name}={open.Value(layers)}"] : [])))));

    [Theory]
    [InlineData("--set=locft-bf.layr=2: unknown key 'layr' in editor 'locft-bf'; did you mean 'layer'? Known keys: layer, module, tuning.",
        "locft-bf.layr=2")]
    [InlineData("--set=rome.layer=2: found editor 'rome', expected locft-bf, which --editor names; correct it or leave it out.",
        "rome.layer=2")]
    [InlineData("--set=locft-bf.layer=two: 'layer' of editor 'locft-bf': found 'two', expected a whole number.", "locft-bf.layer=two")]
    [InlineData("--set: missing key 'layer' in editor 'locft-bf'; expected a whole number.", "locft-bf.module=up")]
    public void A_wrong_assignment_is_named(string message, string assignment)
    {
        var error = Assert.Throws<InputException>(
            () => EditorAssignments.Bind(Harness.Editing.EditorRegistry.Find("locft-bf"), [assignment]));
        Assert.Contains(message, error.Message.Split('\n'));
    }

    private static void Fails(string message, string[] arguments) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => HarnessOptionsTests.Read(arguments)).Message);
}
