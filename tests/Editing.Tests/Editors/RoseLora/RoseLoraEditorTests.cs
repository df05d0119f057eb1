// R = rank of an adapter, I = its inputs, O = its outputs.
using Harness.Editing;
using Harness.Editing.Editors.RoseLora;
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.RoseLora;

public sealed class RoseLoraEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static RoseLoraOptions Small => new() { Rank = 2, DensePasses = 0, SparseFrom = 1, Tuning = TinyOptions.Depth };

    [Theory]
    [InlineData(Pipeline.BreadthFirst)]
    [InlineData(Pipeline.DepthFirst)]
    public void Leaves_its_share_of_every_row_of_A_and_every_column_of_B(Pipeline pipeline)
    {
        using var tiny = new TinySession();
        var options = new RoseLoraOptions
        {
            Rank = 2,
            Density = 0.1,
            DensePasses = 1,
            SparseFrom = 3,
            Tuning = new() { Pipeline = pipeline, BatchSize = 2, Epochs = 5, Steps = 5, LearningRate = 5e-3, StopLoss = 0 },
        };
        using var edit = EditorRegistry.Find("roselora").Create(options).Edit(tiny.Session, TinySession.All);
        foreach (var delta in edit.Deltas)
        {
            var (a_RI, b_OR) = (Numbers.Of(delta.Right_RI!), Numbers.Of(delta.Left_OR!));
            var outputs = b_OR.Length / 2;
            Assert.All(Enumerable.Range(0, 2), rank => Assert.InRange(a_RI.Skip(rank * 32).Take(32).Count(value => value != 0), 1, 4));
            Assert.All(Enumerable.Range(0, 2), rank => Assert.InRange(
                Enumerable.Range(0, outputs).Count(row => b_OR[(row * 2) + rank] != 0), 1, (int)Math.Ceiling(0.1 * outputs)));
            Assert.InRange(a_RI.Max(Math.Abs), 0, 0.02 + 1e-8);
        }
    }

    [Fact]
    public void Keeps_the_elements_with_the_largest_product_of_weight_and_gradient()
    {
        using var scope = NewDisposeScope();
        var (a_RI, b_OR) = (
            tensor([1f, -2f, 3f, 4f], [1, 4]).with_requires_grad(), tensor([0.5f, 1f, 2f, 0.1f], [4, 1]).with_requires_grad());
        using var thinning = new Thinning(
            [a_RI, b_OR], new() { Density = 0.5, DensePasses = 0, SparseFrom = 1, Largest = null }, updatesInPass: 1);
        (a_RI * tensor([4f, 5f, 1f, 1f])).sum().Plus((b_OR * tensor([4f, 1f, 3f, 1f], [4, 1])).sum()).backward();
        thinning.AfterStep();

        // Importances 4, 10, 3, 4 and 2, 1, 6, 0.1; nothing is dropped in the pass in which the share begins to fall.
        Assert.Equal([1, -2, 3, 4], Numbers.Of(a_RI));
        thinning.End();
        Assert.Equal(2, Numbers.Of(a_RI).Count(value => value != 0));
        Assert.Equal(-2, Numbers.Of(a_RI)[1]);
        Assert.Equal([0.5, 0, 2, 0], Numbers.Of(b_OR));
    }

    [Fact]
    public void Share_falls_with_a_cubic_from_everything_to_the_density()
    {
        using var thinning = new Thinning([], new() { Density = 0.2, DensePasses = 2, SparseFrom = 6 }, updatesInPass: 1);
        Assert.Equal([1, 1, 1, 0.2 + (0.8 * 0.125), 0.2, 0.2], new[] { 0, 1, 2, 4, 6, 50 }.Select(thinning.Share));
    }
}
