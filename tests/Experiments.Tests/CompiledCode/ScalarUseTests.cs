using System.Reflection;
using Harness.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>
/// TorchSharp's <see cref="Scalar"/> can be freed by a collection while libtorch reads it. The compiled code must not touch one, nor any
/// member of TorchSharp that makes one inside, but in <see cref="ScalarArithmetic"/>, which keeps them alive.
/// </summary>
public sealed class ScalarUseTests
{
    private const string Guarded = "Harness.Models.ScalarArithmetic";

    // Members that make a scalar in the package and none in other implementations of its interface.
    private static readonly HashSet<string> MakeScalars = ["op_Addition", "add", "add_", "square", "square_", "vector_norm", "matrix_norm", "elu", "softplus"];

    // Members that make none in the package, whatever another implementation does: they hand plain numbers on.
    private static readonly HashSet<string> MakeNone = ["clip_grad_norm_", "norm", "tensor"];

    private static readonly string[] Numbers = ["Double", "Single", "Int64", "Int32"];

    private static readonly HashSet<string> InsideTorchSharp = MembersThatMakeScalars();

    [Theory]
    [InlineData("Harness.Models")]
    [InlineData("Harness.Editing")]
    [InlineData("Harness.Studies")]
    [InlineData("Harness.Experiments")]
    public void No_scalar_is_used_unprotected(string assembly)
    {
        var found = Unprotected(PathOf(assembly));

        Assert.True(found.Count == 0, $"found {found.Count} unprotected uses of scalars, expected none; use the methods of {Guarded} and " +
            $"TensorReading instead:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void An_unprotected_use_is_found()
    {
        var found = Unprotected(typeof(ScalarUseTests).Assembly.Location);

        foreach (var use in new[] { nameof(Product), nameof(Sum), nameof(SumWithFactor), nameof(Reading), nameof(Conversion) })
            Assert.Contains(found, line => line.Contains($"ScalarUseTests::{use}(", StringComparison.Ordinal));
        Assert.DoesNotContain(found, line => line.Contains($"ScalarUseTests::{nameof(Protected)}(", StringComparison.Ordinal));
        Assert.Contains(found, line => line.EndsWith("ScalarUseTests::Conversion(Double) -> TorchSharp.Scalar::op_Implicit(Double)", StringComparison.Ordinal));
    }

    private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll");

    private static List<string> Unprotected(string path) =>
        [.. CompiledCall.Of(path).Where(call => !IsGuarded(call.Caller) && MakesScalar(call))
            .Select(call => $"{Path.GetFileNameWithoutExtension(path)}: {call.Caller} -> {call.Callee}").Distinct().Order(StringComparer.Ordinal)];

    // Its own code and what the compiler made of its lambdas.
    private static bool IsGuarded(string caller) =>
        caller.StartsWith($"{Guarded}::", StringComparison.Ordinal) || caller.StartsWith($"{Guarded}/", StringComparison.Ordinal);

    private static bool MakesScalar(CompiledCall call)
    {
        if (!call.Type.StartsWith("TorchSharp.", StringComparison.Ordinal)) return false;
        var parameters = call.Parameters.Split(", ");
        var isOperator = call.Name.StartsWith("op_", StringComparison.Ordinal);
        return call.Type is "TorchSharp.Scalar" or "TorchSharp.ScalarExtensionMethods"
            || call.Type.StartsWith("TorchSharp.torch/optim", StringComparison.Ordinal)
            || parameters.Contains("Scalar")
            || MakeScalars.Contains(call.Name)
            || (call.Type == "TorchSharp.torch/Tensor" && isOperator && parameters.Length == 2 && parameters.Any(Numbers.Contains))
            || (InsideTorchSharp.Contains(call.Callee) && !MakeNone.Contains(call.Name));
    }

    // By the calls inside TorchSharp itself: what reaches the making of a scalar.
    private static HashSet<string> MembersThatMakeScalars()
    {
        var calls = CompiledCall.Of(PathOf("TorchSharp"));
        var callers = calls.ToLookup(call => call.Callee, call => call.Caller);
        var open = new Queue<string>(calls
            .Where(call => call.Name == "ToScalar" || (call.Type == "TorchSharp.Scalar" && call.Name == "op_Implicit"))
            .SelectMany(call => new[] { call.Callee, call.Caller }));
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

    private static Tensor Protected(Tensor value) => value.Times(0.5).Plus(value).PlusTimesInPlace(value, 2) * value;
}
