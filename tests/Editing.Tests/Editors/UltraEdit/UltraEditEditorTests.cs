// N = tokens that are read, I = MLP width, O = model width, W = I + O.
using Harness.Editing;
using Harness.Editing.Editors.UltraEdit;
using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.UltraEdit;

public sealed class UltraEditEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static UltraEditOptions Small => new() { Layers = [1], LearningRate = 1e-3, BatchSize = 2 };

    private static readonly UltraEditOptions Options = new() { Layers = [1], LearningRate = 1e-3, Ridge = 0.5 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Solves_its_normal_equations(bool normalisedKeys)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var (read, normalised_NW) = Read(tiny, TinySession.All);
        using var edit = Edit(tiny, Options with { NormalisedKeys = normalisedKeys }, TinySession.All);
        Check(edit, read, normalised_NW, normalisedKeys);
    }

    [Fact]
    public void Takes_the_moments_of_earlier_turns_into_later_ones()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        EditRequest[] second = [TinySession.Grace];
        using var first = Edit(tiny, Options, [TinySession.Ada, TinySession.Alan]);
        using var both = Edit(tiny, Options with { BatchSize = 2 }, TinySession.All);

        // What the second turn added to the model that the first left, under moments over both turns' tokens.
        var (earlier, _) = Read(tiny, [TinySession.Ada, TinySession.Alan]);
        TokenGradients read;
        using (first.ApplyTo(tiny.Model))
            read = Read(tiny, second).Read;
        var normalised_NW = Normalise(cat([earlier.Pairs_NW, read.Pairs_NW]), read.Pairs_NW);
        using var added = new Edit(
            [WeightDelta.Dense(Sites.DownProjection(1), both.Deltas[0].Whole_OI! - first.Deltas[0].Whole_OI!)], both.Figures);
        Check(added, read, normalised_NW, normalisedKeys: false);
    }

    [Fact]
    public void Tells_each_turn_while_its_edits_are_in_the_weights()
    {
        using var tiny = new TinySession();
        var (before, told) = (tiny.WeightHash(), new List<string>());
        var session = tiny.Session with
        {
            AfterBatch = (batch, _) => told.Add(
            $"{string.Join(",", batch.Select(one => one.Id))}{(tiny.WeightHash() == before ? "" : " edited")}")
        };
        var options = (UltraEditOptions)Options.Sequential(1);
        using var edit = EditorRegistry.Find("ultraedit").Create(options).Edit(session, TinySession.All);

        // One request of one token has no deviation from its own mean: nothing moves yet.
        Assert.Equal(["1 edited", "2 edited"], told[1..]);
        Assert.StartsWith("0", told[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Makes_the_answers_likelier()
    {
        using var tiny = new TinySession();
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: false);
        var before = TeacherForcing.Run(tiny.Model, samples).Average(answer => answer.MeanNll);
        using var edit = Edit(tiny, Options with { LearningRate = 1e-2 }, TinySession.All);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.True(TeacherForcing.Run(tiny.Model, samples).Average(answer => answer.MeanNll) < before);
        Assert.Equal(before, edit.Figures["loss-before"], 1e-4);
    }

    // (HᵀH + λ) ΔWᵀ = HᵀV with rows −η ‖h̃‖² g̃; ΔW itself is stored in float32.
    private static void Check(Edit edit, TokenGradients read, Tensor normalised_NW, bool normalisedKeys)
    {
        var inputs = read.Keys_NI.shape[1];
        var (h_NI, g_NO) = (normalised_NW.narrow(1, 0, inputs), normalised_NW.narrow(1, inputs, TinySession.Width));
        var values_NO = g_NO * h_NI.pow(Held(2)).sum(1L, keepdim: true) * Held(-1e-3);
        var keys_NI = normalisedKeys ? h_NI : read.Keys_NI.to(ScalarType.Float64);
        var matrix_II = keys_NI.t().matmul(keys_NI).Plus(eye(inputs, dtype: ScalarType.Float64) * Held(0.5));
        var change_IO = Assert.Single(edit.Deltas).Whole_OI!.to(ScalarType.Float64).t();
        Assert.InRange(Numbers.Distance(matrix_II.matmul(change_IO), keys_NI.t().matmul(values_NO)), 0, 1e-4);
    }

    private static (TokenGradients Read, Tensor Normalised_NW) Read(TinySession tiny, IReadOnlyList<EditRequest> requests)
    {
        var matrices = EditedMatrix.All(tiny.Session, "ultraedit", [1], [MlpProjection.Down]);
        var reading = new GradientReader(tiny.Session, matrices, ReadTokens.Answer)
            .Read(TrainingSamples.New(tiny.Session, requests, false));
        var pairs_NW = reading.Matrices[0].Pairs_NW;
        return (reading.Matrices[0], Normalise(pairs_NW, pairs_NW));
    }

    // By the two-pass formulas.
    private static Tensor Normalise(Tensor seen_NW, Tensor rows_NW)
    {
        var exact_NW = seen_NW.to(ScalarType.Float64);
        var mean_W = exact_NW.mean([0]);
        var deviation_W = ((exact_NW - mean_W).pow(Held(2)).sum(0L) / Held(seen_NW.shape[0] - 1)).sqrt();
        return (rows_NW.to(ScalarType.Float64) - mean_W) / deviation_W.Plus(Held(1.1920929e-7));
    }

    private static Edit Edit(TinySession tiny, UltraEditOptions options, IReadOnlyList<EditRequest> requests) =>
        EditorRegistry.Find("ultraedit").Create(options).Edit(tiny.Session, requests);
}
