// N = tokens that are read, I = MLP width, O = model width.
using Harness.Editing;
using Harness.Editing.Editors.Mend;
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Mend;

public sealed class MendEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static MendOptions Small => new() { Training = new() { Layers = [1], Rank = 4, Steps = 2, BatchesPerStep = 1 }, BatchSize = 2 };

    private static readonly MendTrainingOptions Training = new()
    {
        Layers = [1, 2],
        Rank = 8,
        Steps = 30,
        BatchesPerStep = 2,
        EditRate = 1e-3,
        LearningRate = 1e-3,
        RateLearningRate = 1e-3,
        EditWeight = 1,
    };

    [Fact]
    public void Untrained_without_normalisation_is_one_step_of_gradient_descent()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        var training = Training with { Normalise = false };
        using (var untrained = new Hypernetwork(tiny.Session, training.Settings))
            untrained.Save(file.Path);
        using var edit = Edit(tiny, training, file.Path);

        using var scope = NewDisposeScope();
        string[] names = [Sites.DownProjection(1), Sites.Up(1), Sites.DownProjection(2), Sites.Up(2)];
        Assert.Equal(names, edit.Deltas.Select(delta => delta.Parameter));
        using var trained = new TrainedWeights(tiny.Model, names);
        foreach (var sample in TrainingSamples.New(tiny.Session, TinySession.All, appendEos: false))
        {
            using var batch = new TokenBatch([sample]);
            TokenLoss.Mean(tiny.Model, tiny.Model.Run(tiny.Model.Embed(batch.Tokens_BT), 0, 3), batch).backward();
        }

        foreach (var delta in edit.Deltas)
            Assert.InRange(Numbers.Distance(delta.Whole_OI!, tiny.Model.Parameter(delta.Parameter).grad! * Held(-1e-3)), 0, 1e-3);
    }

    [Fact]
    public void Edits_by_the_trained_network_s_factors()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        using var network = new MendTraining(Training, tiny.Session).Train();
        network.Save(file.Path);
        using var edit = Edit(tiny, Training, file.Path);

        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var reading = new GradientReader(tiny.Session, network.Matrices, ReadTokens.All)
            .Read(TrainingSamples.New(tiny.Session, TinySession.All, false));
        for (var matrix = 0; matrix < 4; matrix++)
        {
            var (keys_NI, gradients_NO) = network.Transform(matrix, reading.Matrices[matrix].NotZero());
            var wanted_OI = gradients_NO.t().matmul(keys_NI) * Held(-network.Rates_M[matrix].AsDouble());
            Assert.InRange(Numbers.Distance(edit.Deltas[matrix].Whole_OI!, wanted_OI), 0, 1e-4);
        }
    }

    [Fact]
    public void Training_lowers_its_loss_and_leaves_the_model_as_it_was()
    {
        using var tiny = new TinySession();
        var (before, losses) = (tiny.WeightHash(), new List<double>());
        using var network = new MendTraining(Training, tiny.Session).Train(losses.Add);
        Assert.Equal(30, losses.Count);
        Assert.True(losses[^5..].Average() < 0.8 * losses[..5].Average(), string.Join(" ", losses));
        Assert.Equal(before, tiny.WeightHash());
    }

    [Fact]
    public void Training_follows_the_gradient_of_the_edited_model_s_loss()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var network = new Hypernetwork(tiny.Session, Training.Settings);
        var reading = new GradientReader(tiny.Session, network.Matrices, ReadTokens.All)
            .Read(TrainingSamples.New(tiny.Session, [TinySession.Ada], false));
        network.Observe(reading.Matrices);
        var objective = new EditObjective(tiny.Session, network.Matrices);
        using var required = objective.Require();
        WeightedSequence[] wanted = [new(TrainingSamples.New(tiny.Session, [TinySession.Ada], false)[0], 0.7)];
        WeightedSequence[] kept = [new(TrainingSamples.Old(tiny.Session, [TinySession.Alan], false)[0], 0.4)];
        var before_LV = objective.Before(kept);

        // By α of the first matrix: the graph's gradient and a difference.
        var changes_OI = reading.Matrices.Select((read, matrix) => MendEditor.Change(network, matrix, read)).ToList();
        EditObjective.HandOn(At(0).Gradients_OI, changes_OI);
        var (up, down) = (At(1e-5), At(-1e-5));
        var difference = (up.Edit + up.Locality - down.Edit - down.Locality) / 2e-5;
        Assert.Equal(1, network.Rates_M.grad![0].AsDouble() / difference, 0.02);

        ObjectiveResult At(double more)
        {
            using var guard = no_grad();
            using var original = new WeightSnapshot(tiny.Model, [.. network.Matrices.Select(matrix => matrix.Parameter)]);
            for (var matrix = 0; matrix < 4; matrix++)
                tiny.Model.Parameter(network.Matrices[matrix].Parameter)
                    .PlusInPlace(changes_OI[matrix] * Held(matrix == 0 ? 1 + (more / 1e-3) : 1));
            return objective.Run(wanted, kept, before_LV);
        }
    }

    [Fact]
    public void A_trained_file_comes_back_and_is_the_same_for_the_same_seed()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        using var again = new TemporaryFile();
        new MendTraining(Training, tiny.Session).Run(file.Path);
        new MendTraining(Training, tiny.Session).Run(again.Path);
        Assert.Equal(File.ReadAllBytes(file.Path), File.ReadAllBytes(again.Path));
        using var loaded = Hypernetwork.Load(tiny.Session with { TrainedFile = file.Path }, Training.Settings);
        loaded.Save(again.Path);
        Assert.Equal(File.ReadAllBytes(file.Path), File.ReadAllBytes(again.Path));
    }

    [Fact]
    public void Asks_for_the_file_of_its_training_and_for_the_right_one()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        var error = Assert.Throws<InputException>(() => Edit(tiny, Training, null));
        Assert.Equal(
            "Editor 'mend' needs its trained hypernetwork, and the session has none; run the editor's training for this model first.",
                error.Message);

        new MendTraining(Training with { Steps = 1 }, tiny.Session).Run(file.Path);
        error = Assert.Throws<InputException>(() => Edit(tiny, Training with { Layers = [0, 1] }, file.Path));
        Assert.Equal($"{file.Path}: found layers '1,2', expected '0,1'; train the hypernetwork under the options that it is used with.",
            error.Message);
        error = Assert.Throws<InputException>(() => Edit(tiny, Training with { Rank = 4 }, file.Path));
        Assert.Equal($"{file.Path}: tensor 'shape.0.block.0.a': found [8, 96], expected [4, 96]; train the hypernetwork for this model.",
            error.Message);
    }

    [Fact]
    public void Asks_for_examples_and_for_prompts_to_be_kept()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => new MendTraining(Training, tiny.Session with { Examples = [] }).Train());
        Assert.StartsWith("Training of editor 'mend': found no examples, ", error.Message, StringComparison.Ordinal);
        var session = tiny.Session with { Examples = [.. TinySession.Examples.Select(example => example with { Locality = [] })] };
        error = Assert.Throws<InputException>(() => new MendTraining(Training, session).Train());
        Assert.StartsWith("Training of editor 'mend': found no locality prompts among 2 examples, ", error.Message,
            StringComparison.Ordinal);
        new MendTraining(Training with { Steps = 1, LocalityWeight = 0 }, session).Train().Dispose();
    }

    [Fact]
    public void Training_that_goes_astray_says_so_and_restores_the_model()
    {
        using var tiny = new TinySession();
        var before = tiny.WeightHash();
        var error = Assert.Throws<InputException>(() => new MendTraining(Training with { LearningRate = 1e30 }, tiny.Session).Train());
        Assert.Equal("Training of editor 'mend': the loss became NaN, expected a finite number; lower its learning rates.", error.Message);
        Assert.Equal(before, tiny.WeightHash());
    }

    private static Edit Edit(TinySession tiny, MendTrainingOptions training, string? file) => EditorRegistry.Find("mend")
        .Create(new MendOptions { Training = training }).Edit(tiny.Session with { TrainedFile = file }, TinySession.All);
}
