using Harness.Editing;
using Harness.Editing.Editors.FtC;
using Harness.Editing.Editors.FtM;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Pipelines;

public sealed class TunedLocationTests
{
    private static readonly FineTuningOptions Brief = new() { LearningRate = 1e-3, Epochs = 1 };

    [Theory]
    [InlineData("ft-c", TunedModule.Down, "mlp.down_proj")]
    [InlineData("ft-c", TunedModule.Up, "mlp.up_proj, mlp.up_proj.bias")]
    [InlineData("ft-m", TunedModule.Down, "mlp.down_proj, mlp.down_proj.bias")]
    public void FT_c_alone_leaves_the_bias_of_a_down_projection(string name, TunedModule module, string expected)
    {
        using var tiny = new TinySession();
        using var biased = Transformer.Create(tiny.Model.Config with { Family = "gpt2", MlpBias = true, Gated = false }, seed: 1);
        object options = name == "ft-c" ? new FtCOptions { Layer = 1, Module = module, Tuning = Brief }
            : new FtMOptions { Layer = 1, Module = module, Tuning = Brief };
        using var edit = EditorRegistry.Find(name).Create(options).Edit(tiny.Session with { Model = biased }, TinySession.All);
        Assert.Equal(
            expected.Split(", ")
                .Select(one => "model.layers.1." + (one.EndsWith(".bias", StringComparison.Ordinal) ? one : one + ".weight")),
            edit.Deltas.Select(delta => delta.Parameter));
    }

    [Fact]
    public void Names_a_module_that_the_model_lacks()
    {
        using var tiny = new TinySession();
        using var plain = Transformer.Create(tiny.Model.Config with { Family = "gpt2", Gated = false }, seed: 1);
        var location = Assert.Throws<InputException>(
            () => new TunedLocation(1, TunedModule.Gate).Names(tiny.Session with { Model = plain }, "ft-m"));
        Assert.Equal("ft-m: found module gate, which a gpt2 model lacks; choose another", location.Message);
        var targets = Assert.Throws<InputException>(() => new LowRankTargets(null, [AdaptedProjection.Gate]).Names(plain));
        Assert.Equal("projections: found gate, which a gpt2 model lacks; choose others", targets.Message);
    }
}
