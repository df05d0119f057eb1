// D = model width.
using Harness.Editing;
using Harness.Editing.Editors.Grace;
using Harness.Editing.Memory;
using Harness.Models;
using Harness.Models.Generation;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Grace;

public sealed class GraceEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static GraceOptions Small => new() { Layer = 1, Steps = 3 };

    private static readonly GraceOptions Options = new() { Layer = 1, Radius = 1e-3, LearningRate = 0.5, Steps = 60 };

    [Theory]
    [InlineData(GraceSite.DownProjection, GraceReplacement.Last)]
    [InlineData(GraceSite.Layer, GraceReplacement.Last)]
    [InlineData(GraceSite.Layer, GraceReplacement.All)]
    public void Answers_its_edits_and_leaves_every_other_prompt_bit_for_bit(GraceSite site, GraceReplacement replacement)
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Site = site, Replacement = replacement });
        Sequence[] sequences = [.. TinySession.All.Select(request => Encode(tiny, request.Prompt, request.TargetNew)), .. Others(tiny)];
        var (before, edited) = (TeacherForcing.Run(tiny.Model, sequences), new EditedModel(tiny.Model, edit.Module));
        using var applied = edit.ApplyTo(tiny.Model);
        var after = edited.Force(sequences);
        Assert.Equal(TinySession.All.Count, edit.Figures["entries"]);
        for (var i = 0; i < sequences.Length; i++)
        {
            if (i < TinySession.All.Count)
                Assert.True(after[i].MeanNll < before[i].MeanNll - 1, $"{i}: {before[i].MeanNll} {after[i].MeanNll}");
            else
                Assert.Equal((before[i].MeanNll, string.Join(' ', before[i].Argmax)),
                    (after[i].MeanNll, string.Join(' ', after[i].Argmax)));
        }
    }

    [Fact]
    public void Decodes_what_it_says_where_it_is_forced()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Site = GraceSite.Layer });
        var edited = new EditedModel(tiny.Model, edit.Module);
        var sequences = TinySession.All.Select(request => Encode(tiny, request.Prompt, request.TargetNew)).ToList();
        var decoded = edited.Decode(
            sequences.ConvertAll(sequence => (IReadOnlyList<int>)sequence.Ids[..sequence.TargetStart]), 1, _ => true);
        Assert.Equal(edited.Force(sequences).Select(answer => answer.Argmax[0]), decoded.Select(answer => answer[0]));
    }

    [Theory]
    [InlineData(GraceReplacement.Last, new[] { false, false, true, false })]
    [InlineData(GraceReplacement.Prompt, new[] { true, true, false, false })]
    [InlineData(GraceReplacement.All, new[] { true, true, true, true })]
    public void Swaps_the_value_in_exactly(GraceReplacement replacement, bool[] swapped)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        var codebook = new Codebook();
        codebook.Append(new(new float[TinySession.Width], [.. Enumerable.Range(0, TinySession.Width).Select(i => i / 7f)], 1, []));
        using var module = GraceModule.Of(codebook, Options with { Site = GraceSite.Layer, Replacement = replacement });
        var hidden_BTD = tiny.Model.Embed(PromptStates.Tokens(tiny.Model, [[0, 5, 6, 7], [0, 9, 9, 4]]));
        var plain_BTD = tiny.Model.Run(hidden_BTD, 0, 2);
        using (module.Enter(tiny.Model, 0, promptLength: 3))
        {
            var edited_BTD = tiny.Model.Run(hidden_BTD, 0, 2);
            for (var position = 0; position < swapped.Length; position++)
            {
                var wanted = swapped[position] ? module.Tensors["values"][0] : plain_BTD[1, position];
                Assert.Equal(Numbers.Of(wanted), Numbers.Of(edited_BTD[1, position]));
            }
        }

        Assert.Equal(Numbers.Of(plain_BTD), Numbers.Of(tiny.Model.Run(hidden_BTD, 0, 2)));
    }

    [Fact]
    public void A_step_behind_the_prompt_keeps_its_own_output()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        int[] prompt = PromptStates.Ids(tiny.Session, TinySession.Ada.Prompt);
        var entry = edit.Module!.Route(tiny.Model, [prompt])[0]!.Variant;
        using var entered = edit.Module.Enter(tiny.Model, entry, prompt.Length);
        int[] whole = [.. prompt, 5, 6];
        var forced = tiny.Model.Logits(PromptStates.Tokens(tiny.Model, [whole]));
        using var cache = new KeyValueCache(tiny.Model, [0], whole.Length);
        tiny.Model.Step(PromptStates.Tokens(tiny.Model, [prompt]), cache);
        tiny.Model.Step(PromptStates.Tokens(tiny.Model, [[5]]), cache);
        var stepped = tiny.Model.Head(tiny.Model.Step(PromptStates.Tokens(tiny.Model, [[6]]), cache));
        Assert.InRange(Numbers.Distance(stepped[0, 0], forced[0, whole.Length - 1]), 0, 1e-5);
    }

    [Fact]
    public void Values_do_not_depend_on_which_edits_are_trained_together()
    {
        using var tiny = new TinySession();
        using var alone = Edit(tiny, Options);
        using var together = Edit(tiny, Options with { BatchSize = 3 });
        Assert.InRange(Numbers.Distance(together.Module!.Tensors["keys"], alone.Module!.Tensors["keys"]), 0, 1e-5);
        Assert.InRange(Numbers.Distance(together.Module.Tensors["values"], alone.Module.Tensors["values"]), 0, 0.05);
    }

    [Fact]
    public void Tells_the_codebook_after_every_batch()
    {
        using var tiny = new TinySession();
        List<(int Id, long Entries)> told = [];
        using var edit = new GraceEditor(Options with { Steps = 1 }).Edit(
            tiny.Session with { AfterBatch = (batch, module) => told.Add((batch[0].Id, module!.Tensors["radii"].shape[0])) },
                TinySession.All);
        Assert.Equal([(0, 1L), (1, 2L), (2, 3L)], told);
        Assert.Equal(2, ((GraceOptions)Options.Sequential(2)!).BatchSize);
    }

    [Fact]
    public void A_later_edit_of_the_same_prompt_takes_its_place()
    {
        using var tiny = new TinySession();
        using var edit = new GraceEditor(Options with { BatchSize = 2 })
            .Edit(tiny.Session, [TinySession.Ada, TinySession.Ada with { TargetNew = "Oslo" }]);
        var sequence = Encode(tiny, TinySession.Ada.Prompt, "Oslo");
        var (before, after) =
            (TeacherForcing.Run(tiny.Model, [sequence])[0], new EditedModel(tiny.Model, edit.Module).Force([sequence])[0]);
        Assert.Equal(1, edit.Figures["entries"]);
        Assert.True(after.MeanNll < before.MeanNll - 1);
    }

    [Fact]
    public void Names_a_place_where_nothing_would_change()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => Edit(tiny, Options with { Layer = 2, Replacement = GraceReplacement.Prompt }));
        Assert.Equal(
            "Editor 'grace': found replacement prompt at layer 2, the last one, where it changes no answer; " +
                "take a lower layer, or last or all.",
            error.Message);
    }

    private static Edit Edit(TinySession tiny, GraceOptions options) => new GraceEditor(options).Edit(tiny.Session, TinySession.All);

    private static IEnumerable<Sequence> Others(TinySession tiny) =>
        TinySession.Examples.SelectMany(example => example.Locality).Select(one => Encode(tiny, one.Prompt, one.Answer));

    private static Sequence Encode(TinySession tiny, string prompt, string target) =>
        TargetEncoding.Encode(tiny.Session.Tokenizer, prompt, target, appendEos: true);
}
