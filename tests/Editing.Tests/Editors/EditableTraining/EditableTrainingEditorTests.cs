// O, I = shape of a weight, T = positions, V = vocabulary, L = answer tokens of kept prompts.
using Harness.Editing;
using Harness.Editing.Editors.EditableTraining;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.EditableTraining;

public sealed class EditableTrainingEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static EditableTrainingOptions Small => new() { Training = Training with { Steps = 2, Kept = 2, EditSteps = 3 }, BatchSize = 2 };

    private static readonly EditablePhaseOptions Training = new()
    {
        Layer = 1,
        Module = TunedModule.Down,
        Rule = EditRule.Sgd,
        EditRate = 0.05,
        EditSteps = 10,
        EditWeight = 1,
        LocalityWeight = 1,
        Kept = 2,
        Steps = 40,
        LearningRate = 1e-3,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(2.5)]
    public void The_constraint_is_the_lead_of_the_likeliest_other_token(double margin)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var function = new EditFunction(tiny.Session, Training with { Margin = margin });
        var edits = New(tiny, TinySession.Ada, TinySession.Grace);
        var wanted = edits.Average(edit =>
        {
            var logits_TV = tiny.Model.Logits(tensor(Array.ConvertAll(edit.Ids, id => (long)id)).unsqueeze(0))[0].log_softmax(-1);
            return Enumerable.Range(edit.TargetStart, edit.TargetLength).Average(place =>
            {
                var row = Numbers.Of(logits_TV[place - 1]);
                var others = row.Where((_, id) => id != edit.Ids[place]).Max();
                return Math.Max(0, margin + others - row[edit.Ids[place]]);
            });
        });
        Assert.True(wanted > 0);
        Assert.Equal(wanted, function.Constraint(edits).AsDouble(), 1e-4);
    }

    [Theory]
    [InlineData(EditRule.Sgd)]
    [InlineData(EditRule.Rprop)]
    public void A_step_goes_down_the_constraint_s_gradient_by_its_rule(EditRule rule)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var function = new EditFunction(tiny.Session, Training with { Rule = rule, EditSteps = 1, Module = TunedModule.Mlp });
        var edits = New(tiny, TinySession.Ada);
        using var original = new WeightSnapshot(tiny.Model, function.Names);
        using var trained = new TrainedWeights(tiny.Model, function.Names);
        function.Constraint(edits).backward();
        var wanted = trained.Parameters.Select(weight =>
            (rule == EditRule.Sgd ? weight.grad!.clone() : weight.grad!.sign()) * Held(-Training.EditRate)).ToList();
        Assert.Equal(1, function.Run(edits).Steps);
        foreach (var (change, expected) in original.Changes().Zip(wanted))
            Assert.InRange(Numbers.Distance(change, expected), 0, 1e-3);
    }

    [Fact]
    public void It_steps_until_the_wanted_answer_is_the_argmax_and_no_further()
    {
        using var tiny = new TinySession();
        var function = new EditFunction(tiny.Session, Training with { EditSteps = 200, AppendEos = false });
        var edits = TrainingSamples.New(tiny.Session, [TinySession.Ada], appendEos: false);
        using var original = new WeightSnapshot(tiny.Model, function.Names);
        using var trained = new TrainedWeights(tiny.Model, function.Names);
        Assert.False(tiny.Answers(TinySession.Ada));
        var (steps, constraint) = function.Run(edits);
        Assert.InRange(steps, 1, 199);
        Assert.Equal(0, constraint);
        Assert.True(tiny.Answers(TinySession.Ada));

        // One step fewer is not enough.
        original.Restore();
        var fewer = new EditFunction(tiny.Session, Training with { EditSteps = steps - 1, AppendEos = false });
        Assert.NotEqual(0, fewer.Run(edits).Constraint);
        Assert.False(tiny.Answers(TinySession.Ada));

        // Nothing is left to do: no step, and no weight moves.
        function.Run(edits);
        var hash = tiny.WeightHash();
        Assert.Equal((0, 0.0), function.Run(edits));
        Assert.Equal(hash, tiny.WeightHash());
    }

    // By a difference of the whole objective along a direction: weights that are edited, and weights that are not.
    [Theory]
    [InlineData(1, "down_proj")]
    [InlineData(0, "down_proj")]
    [InlineData(2, "v_proj")]
    public void Training_follows_the_gradient_through_the_steps_of_the_edit(int layer, string name)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var phase = new EditablePhase(
            Training with { EditSteps = 3, EditRate = 0.02, Margin = 20, EditWeight = 2, LocalityWeight = 3 }, tiny.Session);
        var (edits, kept) = (New(tiny, TinySession.Ada), TrainingSamples.Old(tiny.Session, [TinySession.Alan, TinySession.Grace], true));
        using var trained = new TrainedWeights(tiny.Model, phase.Names);
        var weight = tiny.Model.Parameter(phase.Names.Single(one => one.Contains($"layers.{layer}.") && one.Contains(name)));
        using var random = new Generator(5);
        var direction_OI = randn(weight.shape, generator: random);
        direction_OI = direction_OI / direction_OI.norm(2f);
        var before_LV = phase.Before(kept);
        Assert.Equal(3, phase.Objective(edits, kept, before_LV).Steps);
        var slope = (weight.grad! * direction_OI).sum().AsDouble();

        const double Length = 1e-3;
        var difference = (At(Length) - At(-Length)) / (2 * Length);
        Assert.Equal(1, slope / difference, 0.05);

        double At(double length)
        {
            using var inner = NewDisposeScope();
            using (no_grad())
                weight.add_(direction_OI, Held(length));
            var there = phase.Objective(edits, kept, before_LV);
            using (no_grad())
                weight.add_(direction_OI, Held(-length));
            return there.Base + 2 * there.Edit + 3 * there.Locality;
        }
    }

    [Fact]
    public void Training_makes_a_few_steps_enough_and_leaves_the_model_as_it_was()
    {
        using var tiny = new TinySession();
        var (before, all) = (tiny.WeightHash(), new List<EditableLosses>());
        using var trained = new EditablePhase(Training with { EditSteps = 1, Steps = 60 }, tiny.Session).Train(all.Add);
        Assert.Equal(60, all.Count);
        Assert.All(all[..5], losses => Assert.True(losses.Edit > 0));
        Assert.True(Constraint(all[^5..]) < 0.1 * Constraint(all[..5]), string.Join(" ", all));
        Assert.True(Objective(all[^5..]) < 0.3 * Objective(all[..5]), string.Join(" ", all));
        Assert.Equal(before, tiny.WeightHash());
        Assert.Equal(tiny.Model.ParameterNames, trained.Deltas.Select(delta => delta.Parameter));

        static double Constraint(IEnumerable<EditableLosses> all) => all.Average(losses => losses.Edit);
        static double Objective(IEnumerable<EditableLosses> all) => all.Average(losses => losses.Base + losses.Edit + losses.Locality);
    }

    [Fact]
    public void The_same_seed_trains_the_same_bytes_and_another_others()
    {
        using var tiny = new TinySession();
        Assert.Equal(File(1), File(1));
        Assert.NotEqual(File(1), File(2));

        byte[] File(long seed)
        {
            using var file = new TemporaryFile();
            new EditablePhase(Training with { Steps = 3 }, tiny.Session with { Seed = seed }).Run(file.Path);
            return System.IO.File.ReadAllBytes(file.Path);
        }
    }

    [Fact]
    public void Options_out_of_range_are_named_together()
    {
        var options = new EditableTrainingOptions
        {
            Training = Training with { Layer = -1, TrainedLayers = [0, 0], EditRate = 0, EditSteps = 0, Kept = 0 },
            BatchSize = -1,
        };
        Assert.Equal(
            [
                "training.layer: found -1, expected at least 0",
                "training.trained-layers: found [0, 0], expected at least one layer, from 0, none twice",
                "training.edit-rate: found 0, expected a finite number above 0",
                "training.edit-steps: found 0, expected at least 1",
                "training.kept: found 0, expected at least 1",
                "batch-size: found -1, expected at least 0",
            ],
            options.Validate());
    }

    [Fact]
    public void What_the_training_changes_is_part_of_the_edit()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        new EditablePhase(Training with { TrainedLayers = [0] }, tiny.Session).Run(file.Path);
        using var trained = Harness.Editing.Edit.Load(file.Path);
        using var edit = Edit(tiny, Training with { TrainedLayers = [0], EditSteps = 100 }, file.Path, TinySession.Ada);
        Assert.Equal(1, edit.Figures["known"]);
        Assert.Equal(trained.Deltas.Select(delta => delta.Parameter), edit.Deltas.Select(delta => delta.Parameter));
        using var scope = NewDisposeScope();
        foreach (var (one, other) in trained.Deltas.Zip(edit.Deltas).Where(pair => pair.First.Parameter != Sites.DownProjection(1)))
            Assert.Equal(Numbers.Of(one.ToDense()), Numbers.Of(other.ToDense()));
        using (edit.ApplyTo(tiny.Model))
            Assert.True(tiny.Answers(TinySession.Ada));
    }

    [Fact]
    public void Asks_for_its_training_for_this_model_and_for_prompts_to_be_kept()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        var error = Assert.Throws<InputException>(() => Edit(tiny, Training, null, TinySession.Ada));
        Assert.Equal("Editor 'editable-training': found no trained file, expected that of its training; "
            + "run the editor's training for this model first.", error.Message);

        new EditablePhase(Training with { Steps = 1 }, tiny.Session).Run(file.Path);
        using (no_grad())
            tiny.Model.Parameter(Sites.DownProjection(0)).mul_(Held(2));
        error = Assert.Throws<InputException>(() => Edit(tiny, Training, file.Path, TinySession.Ada));
        Assert.StartsWith("The edit was made on other values of 'model.layers.0.mlp.down_proj.weight' than the model has. ", error.Message,
            StringComparison.Ordinal);

        var session = tiny.Session with { Examples = [.. TinySession.Examples.Select(example => example with { Locality = [] })] };
        error = Assert.Throws<InputException>(() => new EditablePhase(Training, session).Train());
        Assert.StartsWith("Training of editor 'editable-training': found no locality prompts among 2 examples, ", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_that_goes_astray_says_so_and_restores_the_model()
    {
        using var tiny = new TinySession();
        var before = tiny.WeightHash();
        var error = Assert.Throws<InputException>(() => new EditablePhase(Training with { LearningRate = 1e30 }, tiny.Session).Train());
        Assert.Contains("is not finite, expected a finite one; lower its ", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, tiny.WeightHash());
    }

    private static IReadOnlyList<Sequence> New(TinySession tiny, params EditRequest[] requests) =>
        TrainingSamples.New(tiny.Session, requests, appendEos: true);

    private static Edit Edit(TinySession tiny, EditablePhaseOptions training, string? file, EditRequest request) =>
        EditorRegistry.Find("editable-training").Create(new EditableTrainingOptions { Training = training })
            .Edit(tiny.Session with { TrainedFile = file }, [request]);
}
