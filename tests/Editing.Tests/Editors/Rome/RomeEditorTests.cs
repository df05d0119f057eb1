// I = MLP width, O = model width.
using Harness.Editing;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Rome;

public sealed class RomeEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static RomeOptions Small => new() { Layer = 1, Value = TinyOptions.Value, Contexts = TinyOptions.Contexts };

    private static readonly RomeOptions Options = new() { Layer = 1, Contexts = new() { Lengths = [3, 5], PerLength = 2 } };

    [Fact]
    public void Maps_the_subject_key_to_the_wanted_value()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (weight_OI, key_I) = (tiny.Model.Parameter(Sites.DownProjection(1)), PlainKey(tiny));
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var before_O = weight_OI.matmul(key_I);
        var (delta_NO, _) = new ValueSearch(tiny.Session, Options.Value, contexts).Run([TinySession.Ada], 1, before_O.unsqueeze(0));
        var wanted_O = before_O.Plus(delta_NO[0]);

        using var edit = Edit(tiny, TinySession.Ada);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.InRange(Numbers.Distance(weight_OI.matmul(key_I), wanted_O), 0, 1e-5);
        Assert.True(Numbers.Distance(before_O, wanted_O) > 0.1);
    }

    [Fact]
    public void Changes_one_matrix_by_rank_one()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, TinySession.Ada);
        var delta = Assert.Single(edit.Deltas);
        using var dense_OI = delta.ToDense();
        var singular = Numbers.Singular(dense_OI);
        Assert.Equal(Sites.DownProjection(1), delta.Parameter);
        Assert.InRange(singular[1] / singular[0], 0, 1e-6);
    }

    [Fact]
    public void Writes_along_the_whitened_mean_key()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, TinySession.Ada);
        var prompts = Contexts.Sample(tiny.Session, Options.Contexts)
            .Select(context => SubjectPrompt.Of(tiny.Session, TinySession.Ada, context)).ToList();
        var mean_I = SubjectPrompt.Keys(tiny.Model, prompts, 1).to(ScalarType.Float64).mean([0]);
        var right_I = edit.Deltas[0].Right_RI!.squeeze(0).to(ScalarType.Float64);
        var back_I = tiny.Session.Statistics!.Covariance(1).matmul(right_I);
        Assert.Equal(5, prompts.Count);
        Assert.InRange(Numbers.Distance(back_I / back_I.norm(2f), mean_I / mean_I.norm(2f)), 0, 1e-5);
        Assert.Equal(1, right_I.norm(2f).AsDouble(), 1e-6);
    }

    [Fact]
    public void Lowers_the_loss_of_the_new_answer_in_sequence()
    {
        using var tiny = new TinySession();
        EditRequest[] requests = [TinySession.Ada, TinySession.Alan];
        var sequences = TrainingSamples.New(tiny.Session, requests, appendEos: false);
        var before = TeacherForcing.Run(tiny.Model, sequences);
        using var edit = Edit(tiny, requests);
        using var applied = edit.ApplyTo(tiny.Model);
        var after = TeacherForcing.Run(tiny.Model, sequences);
        Assert.Equal(2, edit.Deltas[0].Left_OR!.shape[1]);
        Assert.All(before.Zip(after), pair => Assert.True(pair.Second.MeanNll < pair.First.MeanNll - 0.1));
    }

    [Fact]
    public void Refuses_a_singular_covariance_unless_a_ridge_is_given()
    {
        using var tiny = new TinySession();
        using var zero = zeros(64, 64, dtype: ScalarType.Float64);
        using var first = ones(64, 64, dtype: ScalarType.Float64);
        Assert.All([zero, first], covariance =>
        {
            var session = tiny.Session with { Statistics = new Fixed(covariance) };
            var error = Assert.Throws<InputException>(() => EditorRegistry.Find("rome").Create(Options).Edit(session, [TinySession.Ada]));
            Assert.EndsWith(
                "is singular: too few tokens were counted; count more tokens or set covariance-ridge.",
                error.Message,
                StringComparison.Ordinal);
        });
        using var edit = EditorRegistry.Find("rome").Create(Options with { CovarianceRidge = 1e-3 })
            .Edit(tiny.Session with { Statistics = new Fixed(first) }, [TinySession.Ada]);
        Assert.Single(edit.Deltas);
    }

    private static Tensor PlainKey(TinySession tiny) =>
        SubjectPrompt.Keys(tiny.Model, [SubjectPrompt.Of(tiny.Session, TinySession.Ada, "")], 1)[0];

    private static Edit Edit(TinySession tiny, params EditRequest[] requests) =>
        EditorRegistry.Find("rome").Create(Options).Edit(tiny.Session, requests);

    private sealed class Fixed(Tensor covariance_II) : IKeyStatistics
    {
        public Tensor Covariance(int layer) => covariance_II;
    }
}
