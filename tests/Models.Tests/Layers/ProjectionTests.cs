using Harness.Models;
using Harness.Models.Layers;
using static TorchSharp.torch;

namespace Harness.Tests.Layers;

/// <summary>
/// What goes wrong in a function of ours must be told by an exception: libtorch ends the process where one leaves a backward pass.
/// </summary>
public sealed class ProjectionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly Weights.StoredModel model;

    public ProjectionTests() => model = new Weights.StoredModel(folder, ScalarType.Float32);

    public void Dispose()
    {
        model.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void An_input_of_another_width_is_refused_before_the_product()
    {
        using var scope = NewDisposeScope();
        var input = ones(2, 3, 7).requires_grad_(true);
        var mistake = Assert.Throws<ArgumentException>(() => FrozenLinear.Apply(input, model.Weight(Sites.Query(0))));
        Assert.StartsWith($"{Sites.Query(0)}: found an input of shape [2, 3, 7], expected [..., 16]", mistake.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_breaks_off_before_the_backward_pass_gives_no_number_and_is_told_by_the_next_reading()
    {
        using var scope = NewDisposeScope();
        var weight = model.Weight(Sites.Query(0));
        var input = ones(2, 3, 16).requires_grad_(true);
        var output = FrozenLinear.Apply(input, weight);
        model.BreakOff();

        output.sum().backward();

        Assert.Equal(input.shape, input.grad!.shape);
        Assert.True(input.grad.isnan().all().item<bool>());
        Assert.Contains("model.safetensors", Assert.Throws<InputException>(weight.Read).Message, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", Assert.Throws<InputException>(() => FrozenLinear.Apply(input, weight)).Message,
            StringComparison.Ordinal);
    }
}
