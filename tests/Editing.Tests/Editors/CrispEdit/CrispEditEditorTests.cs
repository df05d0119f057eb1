// I = MLP width, O = model width, P = their product.
using Harness.Editing;
using Harness.Editing.Editors.CrispEdit;
using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.CrispEdit;

public sealed class CrispEditEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static CrispEditOptions Small => new() { Layers = [1], Energy = 0.5, BatchSize = 2, Tuning = TinyOptions.Tuning };

    private static readonly CrispEditOptions Options = new()
    {
        Layers = [1, 2],
        Energy = 0.8,
        Tuning = new()
        {
            Optimiser = OptimiserKind.Sgd,
            LearningRate = 1e-2,
            Epochs = 1,
            LossAverage = LossAverage.Token,
            AppendEos = false,
        },
    };

    [Fact]
    public void One_step_is_the_projected_gradient_s()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options);
        string[] names = [Sites.DownProjection(1), Sites.DownProjection(2)];
        Assert.Equal(names, edit.Deltas.Select(delta => delta.Parameter));
        var projections = Capabilities(tiny).Projections(0.8);
        using var trained = new TrainedWeights(tiny.Model, names);
        using var batch = new TokenBatch([.. TrainingSamples.New(tiny.Session, TinySession.All, appendEos: false)]);
        TokenLoss.Mean(tiny.Model, tiny.Model.Run(tiny.Model.Embed(batch.Tokens_BT), 0, 3), batch).backward();
        for (var matrix = 0; matrix < 2; matrix++)
        {
            var gradient_OI = tiny.Model.Parameter(names[matrix]).grad!;
            var wanted_OI = projections[matrix].Of(gradient_OI) * Held(-1e-2);
            Assert.InRange(Numbers.Distance(edit.Deltas[matrix].Whole_OI!, wanted_OI), 0, 1e-3);
            Assert.True(Numbers.Distance(edit.Deltas[matrix].Whole_OI!, gradient_OI * Held(-1e-2)) > 0.3);
        }

        Assert.InRange(edit.Figures["free-share"], 0.5, 0.99);
    }

    [Fact]
    public void Adam_steps_by_projected_gradients_too()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options with { Tuning = Options.Tuning with { Optimiser = OptimiserKind.Adam } });
        using var descent = Edit(tiny, Options);

        // Adam's first update is the learning rate against the gradient's sign, but for gradients as small as its ε.
        foreach (var (delta, projected) in edit.Deltas.Zip(descent.Deltas))
        {
            var pairs = Numbers.Of(delta.Whole_OI!).Zip(Numbers.Of(projected.Whole_OI!))
                .Where(pair => Math.Abs(pair.Second) > 1e-6).ToList();
            Assert.True(pairs.Count > 500);
            Assert.All(pairs, pair => Assert.Equal(1e-2 * Math.Sign(pair.Second), pair.First, 1e-4));
        }
    }

    [Fact]
    public void Learns_all_edits_in_the_free_directions()
    {
        using var tiny = new TinySession();
        var tuning = new FineTuningOptions { LearningRate = 1e-2, Epochs = 100, AppendEos = false };
        using var edit = Edit(tiny, new() { Layers = [1, 2], Energy = 0.9, Tuning = tuning });
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void A_later_batch_spares_the_edits_before_it_too()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        EditRequest[] first = [TinySession.Ada, TinySession.Alan];
        List<int> told = [];
        var session = tiny.Session with { AfterBatch = (batch, _) => told.Add(batch.Count) };
        using var both = new CrispEditEditor((CrispEditOptions)Options.Sequential(2)).Edit(session, TinySession.All);
        Assert.Equal([2, 1], told);
        using var earlier = new CrispEditEditor(Options).Edit(tiny.Session, first);
        using var curvature = Capabilities(tiny);
        var (alone, later) = (curvature.Projections(0.8), new List<LowCurvature>());
        using (earlier.ApplyTo(tiny.Model))
        {
            curvature.Add(TrainingSamples.New(tiny.Session, first, appendEos: false));
            later.AddRange(curvature.Projections(0.8));
        }

        for (var matrix = 0; matrix < 2; matrix++)
        {
            var added_OI = both.Deltas[matrix].Whole_OI! - earlier.Deltas[matrix].Whole_OI!;
            Assert.InRange(Numbers.Distance(later[matrix].Of(added_OI), added_OI), 0, 1e-3);
            Assert.True(Numbers.Distance(alone[matrix].Of(added_OI), added_OI) > 1e-2);
        }
    }

    [Theory]
    [InlineData(0.7, new double[] { 0, 2, 0, 4 })]
    [InlineData(0.9, new double[] { 0, 0, 0, 4 })]
    [InlineData(0.99, new double[] { 0, 0, 0, 0 })]
    [InlineData(0.1, new double[] { 0, 2, 3, 4 })]
    public void The_largest_eigenvalues_that_make_up_the_energy_are_not_free(double energy, double[] expected)
    {
        using var scope = NewDisposeScope();

        // Eigenvalues of A = diag(4, 1) and B = diag(3, 1): 12, 4, 3 and 1 of 20, so that shares reach 0.6, 0.8, 0.95 and 1.
        var projection = LowCurvature.New(
            tensor(new double[,] { { 4, 0 }, { 0, 1 } }), tensor(new double[,] { { 3, 0 }, { 0, 1 } }), energy);
        Assert.Equal(expected, Numbers.Of(projection.Of(tensor(new float[,] { { 1, 2 }, { 3, 4 } }))));
        Assert.Equal(expected.Count(value => value != 0) / 4.0, projection.FreeShare);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Projects_as_the_whole_Kronecker_product_s_eigenvectors_do(double energy)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var (keys_NI, gradients_NO) = (
            randn([20, 5], dtype: ScalarType.Float64, generator: random), randn([20, 3], dtype: ScalarType.Float64, generator: random));
        var (inputs_II, outputs_OO) = (keys_NI.t().matmul(keys_NI), gradients_NO.t().matmul(gradients_NO));
        var gradient_OI = randn([3, 5], generator: random);

        // Rows one behind the other: H = B ⊗ A.
        var (values_P, vectors_PP) = linalg.eigh(kron(outputs_OO, inputs_II));
        var values = Numbers.Of(values_P);
        var (kept, sum) = (0, 0.0);
        while (sum < energy * values.Sum())
            sum += values[^++kept];
        var free_PF = vectors_PP.narrow(1, 0, 15 - kept);
        var wanted_P = free_PF.matmul(free_PF.t()).matmul(gradient_OI.to(ScalarType.Float64).flatten());
        var projection = LowCurvature.New(inputs_II, outputs_OO, energy);
        Assert.InRange(Numbers.Distance(projection.Of(gradient_OI).flatten(), wanted_P), 0, 1e-5);
        Assert.Equal((15 - kept) / 15.0, projection.FreeShare, 1e-9);
    }

    [Fact]
    public void Every_token_counts_alike_in_the_curvature()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();

        // Behind the last layer's down-projection positions do not see each other: two targets are the mean of each by itself.
        var matrices = EditedMatrix.All(tiny.Session, "crispedit", [2], [MlpProjection.Down]);
        int[] ids = [5, 9, 17, 30];
        using var both = new KroneckerCurvature(tiny.Session, matrices);
        both.Add([new Sequence(ids, 2)]);
        using var each = new KroneckerCurvature(tiny.Session, matrices);
        each.Add([new Sequence(ids[..3], 2), new Sequence(ids, 3)]);
        var (found, wanted) = (both.Projections(0.5)[0], each.Projections(0.5)[0]);
        var gradient_OI = ones([32, 64]);
        Assert.InRange(Numbers.Distance(found.Of(gradient_OI), wanted.Of(gradient_OI)), 0, 1e-4);
        Assert.Equal(wanted.FreeShare, found.FreeShare);
        using var first = new KroneckerCurvature(tiny.Session, matrices);
        first.Add([new Sequence(ids[..3], 2)]);
        Assert.True(Numbers.Distance(found.Of(gradient_OI), first.Projections(0.5)[0].Of(gradient_OI)) > 1e-3);
    }

    [Fact]
    public void Asks_for_facts_that_are_not_edited()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() =>
            new CrispEditEditor(Options).Edit(tiny.Session with { Examples = [] }, TinySession.All));
        Assert.Equal("Editor 'crispedit': found no examples, expected facts that are not edited; give some.", error.Message);
    }

    // Each example's prompts with the old answer, and its locality prompts with theirs; all tokens.
    private static KroneckerCurvature Capabilities(TinySession tiny)
    {
        var matrices = EditedMatrix.All(tiny.Session, "crispedit", Options.Layers, [MlpProjection.Down]);
        var curvature = new KroneckerCurvature(tiny.Session, matrices);
        (string Prompt, string Answer)[] texts =
        [
            ("Edsger Dijkstra was born in", "Rotterdam"), ("Where was Edsger Dijkstra born?", "Rotterdam"),
            ("The mother tongue of Grace Hopper is", "English"), ("Where does Barbara Liskov live?", "Boston"),
            ("Barbara Liskov lives in", "Boston"), ("Edsger Dijkstra was born in", "Rotterdam"),
        ];
        curvature.Add([.. texts.Select(text => new Sequence(tiny.Session.Encode(text.Prompt, text.Answer, false).Ids, 1))]);
        return curvature;
    }

    private static Edit Edit(TinySession tiny, CrispEditOptions options) =>
        EditorRegistry.Find("crispedit").Create(options).Edit(tiny.Session, TinySession.All);
}
