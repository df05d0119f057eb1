using Xunit.Sdk;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class TensorLeaksTests
{
    private const string Remedy = "Begin each method that makes tensors with 'using var scope = NewDisposeScope();', let what it returns "
        + "leave by MoveToOuterDisposeScope(), and dispose what is detached (docs/add-an-editor.md).";

    [Fact]
    public void Names_the_tensors_that_are_left()
    {
        Tensor? kept = null;
        var error = Assert.Throws<FailException>(() => TensorLeaks.Check("Editor 'rome', an edit", () =>
        {
            _ = zeros(2, 3).Plus(ones(3));
            kept = zeros(4).DetachFromDisposeScope();
        }));
        kept!.Dispose();
        Assert.Equal(
            "Editor 'rome', an edit: found 4 tensors left behind, expected none. "
            + "Made in no dispose scope: Float32 [2, 3]; Float32 [2, 3]; Float32 [3]. "
            + "Detached from a scope and never disposed: 1. " + Remedy,
            error.Message);
    }

    [Fact]
    public void Is_content_where_all_is_disposed_of() => TensorLeaks.Check("nothing", () =>
    {
        using var scope = NewDisposeScope();
        _ = zeros(2);
    });
}
