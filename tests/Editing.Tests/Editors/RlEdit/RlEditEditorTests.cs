// N = tokens that are read, I = MLP width, O = model width.
using Harness.Editing;
using Harness.Editing.Editors.RlEdit;
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.RlEdit;

public sealed class RlEditEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static RlEditOptions Small => new() { Training = new() { Layers = [1], Rank = 4, Sequences = 2, TurnSize = 1 }, BatchSize = 2 };

    private static readonly RlEditTrainingOptions Training = new()
    {
        Layers = [0, 1],
        Rank = 8,
        Blocks = 2,
        EditRate = 1e-2,
        TurnSize = 1,
        Sequences = 30,
        LearningRate = 3e-3,
    };

    [Fact]
    public void Untrained_solves_MALMEN_s_equations_with_normalised_pairs()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        using (var untrained = new Hypernetwork(tiny.Session, Training.Settings))
            untrained.Save(file.Path);
        using var edit = Edit(tiny, Training, file.Path);

        using var scope = NewDisposeScope();
        using var moments = new RunningMoments(96, CPU);
        var matrices = EditedMatrix.All(tiny.Session, "rledit", Training.Layers, Training.Projections);
        var reading = new GradientReader(tiny.Session, matrices, ReadTokens.Answer)
            .Read(TrainingSamples.New(tiny.Session, TinySession.All, false));
        foreach (var read in reading.Matrices)
            moments.Add(read.Pairs_NW);
        for (var matrix = 0; matrix < 2; matrix++)
        {
            var keys_NI = reading.Matrices[matrix].Keys_NI.to(ScalarType.Float64);
            var normalised_NW = moments.Normalise(reading.Matrices[matrix].Pairs_NW).to(ScalarType.Float64);
            var coefficients_N1 = (keys_NI * normalised_NW.narrow(1, 0, 64)).sum(1L, keepdim: true) * Held(-1e-2);
            var right_IO = keys_NI.t().matmul(normalised_NW.narrow(1, 64, 32) * coefficients_N1);
            var matrix_II = keys_NI.t().matmul(keys_NI).Plus(eye(64, dtype: ScalarType.Float64));
            var change_IO = edit.Deltas[matrix].Whole_OI!.to(ScalarType.Float64).t();
            Assert.InRange(Numbers.Distance(matrix_II.matmul(change_IO), right_IO), 0, 1e-3);
        }
    }

    [Fact]
    public void Training_lowers_its_loss_and_leaves_the_model_as_it_was()
    {
        using var tiny = new TinySession();
        var (before, losses) = (tiny.WeightHash(), new List<double>());
        using var network = new RlEditTraining(Training, tiny.Session).Train(losses.Add);
        Assert.Equal(30, losses.Count);
        Assert.True(losses[^5..].Average() < 0.9 * losses[..5].Average(), string.Join(" ", losses));
        Assert.Equal(before, tiny.WeightHash());
    }

    [Fact]
    public void Asks_again_for_the_edits_of_earlier_turns_at_a_discount()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();

        // Two turns whose changes are next to nothing: the loss is that of the model as it is.
        var examples = tiny.Session.Examples.Select(example => example with { Rephrases = [] }).ToList();
        var session = tiny.Session with { Examples = examples };
        var training = Training with { EditRate = 1e-12, Sequences = 1, LocalityWeight = 0, RegularisationWeight = 0, Decay = 0.5 };
        double[] nll = [.. Harness.Models.TeacherForcing.Run(
            tiny.Model, TrainingSamples.New(session, [.. examples.Select(one => one.Request)], false)).Select(one => one.MeanNll)];

        var losses = new List<double>();
        new RlEditTraining(training, session).Train(losses.Add).Dispose();
        var (first, second) = ((nll[0] + (nll[1] + (0.5 * nll[0]))) / 2, (nll[1] + (nll[0] + (0.5 * nll[1]))) / 2);
        Assert.Equal(0, Math.Min(Math.Abs(losses[0] - first), Math.Abs(losses[0] - second)), 1e-4);

        new RlEditTraining(training with { BackDepth = 1 }, session).Train(losses.Add).Dispose();
        Assert.Equal((nll[0] + nll[1]) / 2, losses[1], 1e-4);
    }

    [Fact]
    public void A_trained_file_comes_back_and_is_the_same_for_the_same_seed()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        using var again = new TemporaryFile();
        var training = Training with { Sequences = 2 };
        new RlEditTraining(training, tiny.Session).Run(file.Path);
        new RlEditTraining(training, tiny.Session).Run(again.Path);
        Assert.Equal(File.ReadAllBytes(file.Path), File.ReadAllBytes(again.Path));
        using var loaded = Hypernetwork.Load(tiny.Session with { TrainedFile = file.Path }, training.Settings);
        loaded.Save(again.Path);
        Assert.Equal(File.ReadAllBytes(file.Path), File.ReadAllBytes(again.Path));
    }

    [Fact]
    public void Asks_for_the_file_of_its_training()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => Edit(tiny, Training, null));
        Assert.Equal(
            "Editor 'rledit' needs its trained hypernetwork, and the session has none; run the editor's training for this model first.",
                error.Message);
    }

    private static Edit Edit(TinySession tiny, RlEditTrainingOptions training, string? file) => EditorRegistry.Find("rledit")
        .Create(new RlEditOptions { Training = training }).Edit(tiny.Session with { TrainedFile = file }, TinySession.All);
}
