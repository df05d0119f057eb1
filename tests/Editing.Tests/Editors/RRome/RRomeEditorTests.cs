// I = MLP width, O = model width.
using Harness.Editing;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Editors.RRome;
using Harness.Editing.Locating;
using Harness.Models;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.RRome;

public sealed class RRomeEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static RRomeOptions Small => new() { Layer = 1, Value = TinyOptions.Value, Contexts = TinyOptions.Contexts };

    private static readonly RRomeOptions Options = new() { Layer = 1, Contexts = TinyKeys.SomeContexts };

    [Theory]
    [InlineData(KeyChoice.Mean)]
    [InlineData(KeyChoice.Plain)]
    public void Is_ROME_where_the_plain_prompt_is_the_only_context(KeyChoice key)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options with { Key = key, Contexts = TinyKeys.NoContexts }, TinySession.Ada, TinySession.Alan);
        using var rome = EditorRegistry.Find("rome").Create(new RomeOptions { Layer = 1, Contexts = TinyKeys.NoContexts })
            .Edit(tiny.Session, [TinySession.Ada, TinySession.Alan]);
        Assert.Equal(0, Numbers.Distance(edit.Deltas[0].ToDense(), rome.Deltas[0].ToDense()), 1e-6);
    }

    [Theory]
    [InlineData(KeyChoice.Mean)]
    [InlineData(KeyChoice.Plain)]
    public void Maps_its_key_to_the_wanted_value_along_the_same_whitened_key(KeyChoice choice)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var keys_CI = TinyKeys.Of(tiny, contexts, TinySession.Ada, 1);
        var key_I = choice == KeyChoice.Mean ? keys_CI.mean([0]) : keys_CI[0];
        var weight_OI = tiny.Model.Parameter(Sites.DownProjection(1)).to(ScalarType.Float64);
        var plain_O = weight_OI.matmul(keys_CI[0]);
        var (delta_1O, _) = new ValueSearch(tiny.Session, Options.Value, contexts)
            .Run([TinySession.Ada], 1, plain_O.to(ScalarType.Float32).unsqueeze(0));

        using var edit = Edit(tiny, Options with { Key = choice }, TinySession.Ada);
        var edited_OI = weight_OI.Plus(TinyKeys.Dense(edit.Deltas[0]));
        Assert.InRange(Numbers.Distance(edited_OI.matmul(key_I), plain_O.Plus(delta_1O[0])), 0, 1e-5);

        var back_I = tiny.Session.Statistics!.Covariance(1).matmul(edit.Deltas[0].Right_RI!.squeeze(0).to(ScalarType.Float64));
        Assert.InRange(Numbers.Distance(back_I / back_I.norm(2f), key_I / key_I.norm(2f)), 0, 1e-5);
    }

    [Fact]
    public void Comes_in_batches_of_one_only()
    {
        Assert.Same(Options, Options.Sequential(1));
        Assert.Null(Options.Sequential(2));
    }

    private static Edit Edit(TinySession tiny, RRomeOptions options, params EditRequest[] requests) =>
        EditorRegistry.Find("r-rome").Create(options).Edit(tiny.Session, requests);
}
