// I = MLP width.
using Harness.Editing;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.MemitSeq;
using Harness.Editing.Locating;
using Harness.Models;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.MemitSeq;

public sealed class MemitSeqEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static MemitSeqOptions Small => new()
    {
        Layers = [0, 1],
        Value = TinyOptions.Value,
        Contexts = TinyOptions.Contexts,
        BatchSize = 2,
    };

    private static readonly MemitSeqOptions Options =
        new() { Layers = [0, 1], Contexts = TinyKeys.SomeContexts, CovarianceWeight = 0.5, BatchSize = 2 };

    [Fact]
    public void Second_batch_solves_with_the_keys_that_the_first_one_left()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        using var both = Edit(tiny, Options, TinySession.All);
        using var first = Edit(tiny, Options, TinySession.All.Take(2));
        using var applied = first.ApplyTo(tiny.Model);

        // K₁ as the model of the first batch gives them, K₂ with the second batch's change of the lower layer as well.
        var past_NI = TinyKeys.Weighted(tiny, contexts, [.. TinySession.All.Take(2)], 1);
        using var lower = WeightDelta.LowRank(
            Sites.DownProjection(0), both.Deltas[0].Left_OR!.narrow(1, 2, 1), both.Deltas[0].Right_RI!.narrow(0, 2, 1));
        lower.AddTo(tiny.Model.Parameter(lower.Parameter));
        var keys_NI = TinyKeys.Weighted(tiny, contexts, [TinySession.Grace], 1);
        var matrix_II = (tiny.Session.Statistics!.Covariance(1) * Held(0.5)).Plus(past_NI.t().matmul(past_NI))
            .Plus(keys_NI.t().matmul(keys_NI));
        var expected_NI = linalg.solve(matrix_II, keys_NI.t()).t();
        Assert.InRange(Numbers.Distance(both.Deltas[1].Right_RI!.narrow(0, 2, 1), expected_NI), 0, 1e-4);

        var forgetful_NI = linalg.solve(matrix_II - past_NI.t().matmul(past_NI), keys_NI.t()).t();
        Assert.True(Numbers.Distance(both.Deltas[1].Right_RI!.narrow(0, 2, 1), forgetful_NI) > 1e-2);
    }

    [Fact]
    public void Is_MEMIT_in_one_batch()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options with { BatchSize = 0 }, TinySession.All);
        using var memit = EditorRegistry.Find("memit")
            .Create(new MemitOptions { Layers = Options.Layers, Contexts = Options.Contexts, CovarianceWeight = 0.5 })
                .Edit(tiny.Session, TinySession.All);
        Assert.All(edit.Deltas.Zip(memit.Deltas),
            pair => Assert.Equal(Numbers.Of(pair.Second.ToDense()), Numbers.Of(pair.First.ToDense())));
    }

    [Fact]
    public void Tells_of_each_batch_with_its_edits_in_the_live_weights()
    {
        using var tiny = new TinySession();
        var told = new List<(int[] Cases, string Hash)>();
        var session = tiny.Session with
        {
            AfterBatch = (batch, _) => told.Add(
            ([.. batch.Select(request => request.Id)], tiny.WeightHash()))
        };
        using var edit = EditorRegistry.Find("memit-seq").Create(Options).Edit(session, TinySession.All);
        Assert.Equal([[0, 1], [2]], told.Select(one => one.Cases));
        Assert.Equal(3, told.Select(one => one.Hash).Append(tiny.WeightHash()).Distinct().Count());
    }

    [Fact]
    public void Comes_in_batches_of_any_size() => Assert.Equal(7, ((MemitSeqOptions)Options.Sequential(7)!).BatchSize);

    private static Edit Edit(TinySession tiny, MemitSeqOptions options, IEnumerable<EditRequest> requests) =>
        EditorRegistry.Find("memit-seq").Create(options).Edit(tiny.Session, [.. requests]);
}
