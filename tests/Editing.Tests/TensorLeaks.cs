using System.Collections;
using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Finds tensors that outlive what made them.</summary>
internal static class TensorLeaks
{
    /// <summary>Runs something that must leave no tensor behind, and says which it does leave.</summary>
    /// <param name="who">What runs, for the message.</param>
    /// <param name="work">Runs it, for the second time: what is made once is there already.</param>
    public static void Check(string who, Action work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var around = NewDisposeScope();
        var before = Tensor.TotalCount;
        work();
        var left = Tensor.TotalCount - before;
        if (left == 0)
            return;

        // Those of no scope of its own land in the one around it; TorchSharp shows the scope's contents to nobody else.
        var held = (IEnumerable)typeof(DisposeScope).GetProperty("Disposables", BindingFlags.NonPublic | BindingFlags.Instance)!
            .GetValue(around)!;
        var unscoped = held.OfType<Tensor>().Where(tensor => !tensor.IsInvalid)
            .Select(tensor => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]").Order(StringComparer.Ordinal).ToList();
        Assert.Fail(
            $"{who}: found {left} tensors left behind, expected none. "
            + (unscoped.Count == 0 ? "" : $"Made in no dispose scope: {string.Join("; ", unscoped)}. ")
            + (left == unscoped.Count ? "" : $"Detached from a scope and never disposed: {left - unscoped.Count}. ")
            + "Begin each method that makes tensors with 'using var scope = NewDisposeScope();', let what it returns leave by "
            + "MoveToOuterDisposeScope(), and dispose what is detached (docs/add-an-editor.md).");
    }
}
