using Harness.Editing;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Editors.LocFtBf;

public sealed class LocFtBfEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static LocFtBfOptions Small => new() { Layer = 1, Tuning = TinyOptions.Tuning };

    private static readonly FineTuningOptions Brief = new() { LearningRate = 1e-3, Epochs = 2 };

    [Fact]
    public void Learns_all_edits_by_one_down_projection()
    {
        using var tiny = new TinySession();
        Assert.DoesNotContain(TinySession.All, tiny.Answers);
        var options = new LocFtBfOptions { Layer = 2, Tuning = new() { LearningRate = 1e-2, Epochs = 100 } };
        using var edit = EditorRegistry.Find("locft-bf").Create(options).Edit(tiny.Session, TinySession.All);
        Assert.Equal([Sites.DownProjection(2)], edit.Deltas.Select(delta => delta.Parameter));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Theory]
    [InlineData(TunedModule.Up, "mlp.up_proj")]
    [InlineData(TunedModule.Gate, "mlp.gate_proj")]
    [InlineData(TunedModule.Mlp, "mlp.gate_proj, mlp.up_proj, mlp.down_proj")]
    [InlineData(TunedModule.Attention, "self_attn.q_proj, self_attn.k_proj, self_attn.v_proj, self_attn.o_proj")]
    [InlineData(
        TunedModule.Layer,
        "self_attn.q_proj, self_attn.k_proj, self_attn.v_proj, self_attn.o_proj, mlp.gate_proj, mlp.up_proj, mlp.down_proj, " +
            "input_layernorm, post_attention_layernorm")]
    public void Changes_its_location_and_nothing_else(TunedModule module, string expected)
    {
        using var tiny = new TinySession();
        using var edit = EditorRegistry.Find("locft-bf").Create(new LocFtBfOptions { Layer = 1, Module = module, Tuning = Brief })
            .Edit(tiny.Session, TinySession.All);
        Assert.Equal(expected.Split(", ").Select(name => $"model.layers.1.{name}.weight"), edit.Deltas.Select(delta => delta.Parameter));
        Assert.All(edit.Deltas, delta => Assert.True(Numbers.Of(delta.Whole_OI!).Any(change => change != 0), delta.Parameter));
    }

    [Fact]
    public void Tunes_the_shared_expert_of_a_mixture()
    {
        using var tiny = new TinySession();
        using var mixed = tiny.WithExperts();
        using var edit = EditorRegistry.Find("locft-bf").Create(Small).Edit(tiny.Session with { Model = mixed }, TinySession.All);
        Assert.Equal(["model.layers.1.mlp.shared_expert.down_proj.weight"], edit.Deltas.Select(delta => delta.Parameter));
    }
}
