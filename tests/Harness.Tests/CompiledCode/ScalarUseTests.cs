using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests.CompiledCode;

/// <summary>
/// TorchSharp's <see cref="Scalar"/> can be freed by a collection while libtorch reads it. The compiled code makes them in
/// <see cref="Scalars"/> alone, which keeps them, and calls no member of TorchSharp that makes one inside.
/// </summary>
public sealed class ScalarUseTests
{
    private const string Guarded = "Harness.Models.Numerics.Scalars::";

    // Members that reach, by name, what makes scalars, but hand plain numbers to libtorch (read from their code); invoke does of all but
    // tensors and lists of them.
    private static readonly HashSet<string> MakeNone = ["clip_grad_norm_", "norm", "tensor", "invoke"];

    private static readonly HashSet<string> InsideTorchSharp = MembersThatMakeScalars();

    [Theory]
    [InlineData("Harness.Models")]
    [InlineData("Harness.Editing")]
    [InlineData("Harness.Measuring")]
    [InlineData("Harness")]
    public void No_scalar_is_used_unprotected(string assembly)
    {
        var found = Unprotected(PathOf(assembly));

        Assert.True(found.Count == 0,
            $"found {found.Count} unprotected uses of scalars, expected none; use {nameof(Scalars)} and {nameof(TensorArithmetic)} " +
            $"instead:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void An_unprotected_use_is_found()
    {
        var found = Unprotected(typeof(ScalarUseTests).Assembly.Location);

        foreach (var use in new[] { nameof(Product), nameof(Sum), nameof(SumWithFactor), nameof(Reading), nameof(Conversion) })
            Assert.Contains(found, line => line.Contains($"ScalarUseTests::{use}(", StringComparison.Ordinal));
        Assert.DoesNotContain(found, line => line.Contains($"ScalarUseTests::{nameof(Protected)}(", StringComparison.Ordinal));
    }

    private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll");

    private static List<string> Unprotected(string path) =>
        [.. CompiledCall.Of(path).Where(call => !call.Caller.StartsWith(Guarded, StringComparison.Ordinal) && MakesScalar(call))
            .Select(call => $"{Path.GetFileNameWithoutExtension(path)}: {call.Caller} -> {call.Callee}").Distinct()
                .Order(StringComparer.Ordinal)];

    private static bool MakesScalar(CompiledCall call) =>
        call.Type.StartsWith("TorchSharp.", StringComparison.Ordinal)
            && (IsConversion(call) || (InsideTorchSharp.Contains(call.Callee) && !MakeNone.Contains(call.Name)));

    private static bool IsConversion(CompiledCall call) =>
        call.Name == "ToScalar" || (call.Type == "TorchSharp.Scalar" && call.Name == "op_Implicit");

    // By the calls inside TorchSharp itself: what reaches the making of a scalar.
    private static HashSet<string> MembersThatMakeScalars()
    {
        var calls = CompiledCall.Of(PathOf("TorchSharp"));
        var callers = calls.ToLookup(call => call.Callee, call => call.Caller);
        var open = new Queue<string>(calls.Where(IsConversion).Select(call => call.Caller));
        HashSet<string> found = [];
        while (open.TryDequeue(out var member))
        {
            if (!found.Add(member)) continue;
            foreach (var caller in callers[member]) open.Enqueue(caller);
        }

        return found;
    }

    private static Tensor Product(Tensor value) => value * 0.5;

    private static Tensor Sum(Tensor value) => value + value;

    private static Tensor SumWithFactor(Tensor value) => value.add_(value, 2);

    private static double Reading(Tensor value) => value.ToDouble();

    private static Scalar Conversion(double value) => value;

    private static Tensor Protected(Tensor value) => (value * Held(0.5)).Plus(value).add_(value, Held(2)) * value;
}
