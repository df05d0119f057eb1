using Harness.Editing;
using Harness.Editing.Editors.AdaLora;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.AdaLora;

public sealed class AdaLoraEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static AdaLoraOptions Small => new() { InitialRank = 3, TargetRank = 2, Tuning = TinyOptions.Depth };

    private static readonly FineTuningOptions Tuning = new() { Epochs = 6, BatchSize = 2, LearningRate = 5e-3, StopLoss = 0 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keeps_the_budget_even_where_training_stops_early(bool early)
    {
        using var tiny = new TinySession();
        var tuning = early ? Tuning with { Pipeline = Pipeline.DepthFirst, BatchSize = 3, Steps = 150, LearningRate = 2e-2, StopLoss = 3 }
            : Tuning;
        using var edit = Edit(tiny, new() { InitialRank = 4, TargetRank = 2, Tuning = tuning });
        Assert.Equal(early, edit.Figures["steps"] < tuning.MostUpdates(3));
        Assert.Equal(2 * 6, edit.Figures["ranks"]);
        Assert.All(edit.Deltas, delta => Assert.True(delta.IsLowRank));
        Assert.Equal(2 * 6, edit.Deltas.Sum(delta => delta.Left_OR!.shape[1]));
        Assert.All(edit.Deltas, delta => Assert.InRange(delta.Left_OR!.shape[1], 1, 4));
    }

    [Fact]
    public void Prunes_nothing_where_the_target_is_the_initial_rank()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, new() { InitialRank = 3, TargetRank = 3, Tuning = Tuning });
        Assert.All(edit.Deltas, delta => Assert.Equal(3, delta.Left_OR!.shape[1]));
        Assert.Equal(6, edit.Deltas.Count);
    }

    [Fact]
    public void Budget_falls_with_a_cubic_between_the_first_and_the_last_steps()
    {
        using var tiny = new TinySession();
        var options = new AdaLoraOptions
        {
            InitialRank = 12,
            TargetRank = 4,
            InitialSteps = 10,
            FinalSteps = 10,
            Layers = [0],
            Projections = [AdaptedProjection.Query]
        };
        using var adapters = new DiagonalAdapters(tiny.Session, options);
        using var allocator = new RankAllocator(adapters.Triplets, options, updates: 40);
        Assert.Equal([12, 12, 4 + (8 * 27 / 64), 4 + (8 / 8), 4, 4], new[] { 1, 10, 15, 20, 30, 40 }.Select(allocator.Budget));
    }

    [Fact]
    public void Keeps_the_most_important_ranks()
    {
        using var tiny = new TinySession();
        var options = new AdaLoraOptions { InitialRank = 3, TargetRank = 1, Layers = [1], Projections = [AdaptedProjection.Value] };
        using var adapters = new DiagonalAdapters(tiny.Session, options);
        using var allocator = new RankAllocator(adapters.Triplets, options, updates: 1);
        using var trained = new TrainedWeights(adapters.Parameters, 1);
        using (NewDisposeScope())
        {
            using (no_grad())
                adapters.Triplets[0].Lambda_R.fill_(Held(1));
            adapters.Triplets[0].Lambda_R.mul(tensor([1f, 5f, 3f])).sum().backward();
            allocator.AfterStep();
        }

        // With sensitivities 1, 5, 3 all running means are in proportion, and their product is largest for the second.
        Assert.Equal([0, 1, 0], Numbers.Of(adapters.Triplets[0].Lambda_R));
    }

    [Fact]
    public void Penalty_is_the_mean_distance_of_P_and_Q_from_orthogonality()
    {
        using var tiny = new TinySession();
        var options = new AdaLoraOptions { InitialRank = 3, OrthogonalityWeight = 0.25, StartDeviation = 0.2 };
        using var adapters = new DiagonalAdapters(tiny.Session, options);
        var distances = adapters.Triplets.SelectMany(
            triplet => new[] { Distance(triplet.P_OR, columns: true), Distance(triplet.Q_RI, columns: false) }).ToList();
        Assert.Equal(12, distances.Count);
        using var penalty = adapters.Penalty();
        Assert.Equal(0.25 * distances.Average(), penalty.AsDouble(), 1e-5);

        // ‖Gram matrix − I‖ of the columns or rows.
        static double Distance(Tensor factor, bool columns)
        {
            var (numbers, width) = (Numbers.Of(factor), (int)factor.shape[1]);
            var (ranks, length) = columns ? (width, numbers.Length / width) : (numbers.Length / width, width);
            double At(int rank, int place) => columns ? numbers[(place * width) + rank] : numbers[(rank * width) + place];
            return Math.Sqrt((from a in Enumerable.Range(0, ranks)
                              from b in Enumerable.Range(0, ranks)
                              let product = Enumerable.Range(0, length).Sum(place => At(a, place) * At(b, place)) - (a == b ? 1 : 0)
                              select product * product).Sum());
        }
    }

    [Fact]
    public void Penalty_brings_P_and_Q_nearer_to_orthogonality()
    {
        double After(double weight)
        {
            using var tiny = new TinySession();
            var options = new AdaLoraOptions { InitialRank = 3, TargetRank = 3, OrthogonalityWeight = weight, Dropout = 0 };
            using var adapters = new DiagonalAdapters(tiny.Session, options with { OrthogonalityWeight = 1 });
            using var trained = new TrainedWeights(adapters.Parameters, 0);
            new FineTuner(tiny.Session, Tuning, penalty: weight > 0 ? adapters.Penalty : null)
                .Run(TrainingSamples.New(tiny.Session, TinySession.All, true), trained);
            using var penalty = adapters.Penalty();
            return penalty.AsDouble();
        }

        Assert.True(After(1) < After(0) - 0.01);
    }

    [Fact]
    public void The_stored_change_repeats_the_adapters()
    {
        using var tiny = new TinySession();
        using var adapters = new DiagonalAdapters(tiny.Session, new() { InitialRank = 3, Dropout = 0, StartDeviation = 1 });
        using (no_grad())
        {
            foreach (var triplet in adapters.Triplets)
                triplet.Lambda_R.copy_(tensor([0.5f, 0f, -0.25f]));
        }

        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: true);
        var attached = TeacherForcing.Run(tiny.Model, samples).Select(forced => forced.MeanNll).ToList();
        using var edit = new Edit(adapters.Deltas(), new Dictionary<string, double>());
        adapters.Dispose();
        Assert.All(edit.Deltas, delta => Assert.Equal(2, delta.Left_OR!.shape[1]));
        var before = TeacherForcing.Run(tiny.Model, samples).Select(forced => forced.MeanNll).ToList();
        using var applied = edit.ApplyTo(tiny.Model);
        var merged = TeacherForcing.Run(tiny.Model, samples).Select(forced => forced.MeanNll).ToList();
        Assert.All(attached.Zip(merged), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.All(attached.Zip(before), pair => Assert.NotEqual(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void Names_steps_that_leave_none_for_pruning()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => Edit(tiny, new() { InitialSteps = 8, FinalSteps = 4, Tuning = Tuning }));
        Assert.Equal(
            "adalora: found initial-steps 8 and final-steps 4, expected together fewer than the 12 updates of the run; " +
                "lower them or train longer", error.Message);
    }

    private static Edit Edit(TinySession tiny, AdaLoraOptions options) =>
        EditorRegistry.Find("adalora").Create(options).Edit(tiny.Session, TinySession.All);
}
