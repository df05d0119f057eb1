using System.Collections.Concurrent;
using System.Globalization;
using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − rate · m̂ / (√v̂ + ε), both moments
/// corrected for their start at 0. A parameter that gets its first gradient later is younger.
/// </summary>
/// <param name="parameters">Leaves of the graph, float32; they stay the caller's.</param>
/// <param name="learningRate">At least 0.</param>
/// <param name="beta1">In [0, 1).</param>
/// <param name="beta2">In [0, 1).</param>
/// <param name="epsilon">Above 0.</param>
/// <param name="weightDecay">Times the value, added to its gradient.</param>
public class Adam(
    IEnumerable<Tensor> parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8,
        double weightDecay = 0)
    : Optimiser(parameters, learningRate)
{
    private readonly Dictionary<int, Moments> moments = [];

    /// <summary>Whether decay shrinks the value instead of entering its gradient.</summary>
    private protected virtual bool IsDecoupled => false;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var one in moments.Values) one.Dispose();
        moments.Clear();
    }

    private protected override void Update(IReadOnlyList<(int Place, Tensor Value, Tensor Gradient)> trained)
    {
        Moments[] own = [.. trained.Select(
            one => moments.TryGetValue(one.Place, out var known) ? known : moments[one.Place] = new Moments(one.Value))];
        Tensor[] values = [.. trained.Select(one => one.Value)], gradients = [.. trained.Select(one => one.Gradient)];
        Tensor[] first = [.. own.Select(one => one.First)], second = [.. own.Select(one => one.Second)],
            ages = [.. own.Select(one => one.Age)];
        var rate = tensor(LearningRate, ScalarType.Float64);
        FusedAdam.Of(IsDecoupled, beta1, beta2, epsilon, weightDecay).invoke("step", values, gradients, first, second, ages, rate);
    }

    private sealed class Moments(Tensor value) : IDisposable
    {
        public Tensor First { get; } = value.detach().zeros_like().DetachFromDisposeScope();

        public Tensor Second { get; } = value.detach().zeros_like().DetachFromDisposeScope();

        /// <summary>Steps so far, a scalar.</summary>
        public Tensor Age { get; } = zeros([], ScalarType.Float32, value.device).DetachFromDisposeScope();

        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
            Age.Dispose();
        }
    }
}

/// <summary>Adam whose decay is apart from the gradient (Loshchilov and Hutter 2019): θ ← θ (1 − rate · decay) before the update.</summary>
public sealed class AdamW(
    IEnumerable<Tensor> parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8,
        double weightDecay = 0)
    : Adam(parameters, learningRate, beta1, beta2, epsilon, weightDecay)
{
    private protected override bool IsDecoupled => true;
}

/// <summary>
/// libtorch's Adam, which updates all parameters in one call and reads and writes each once: on 38 parameters of a million values a tenth
/// of the time of single operators. TorchSharp has no name for it; a compiled script has. Numbers are part of the script, or tensors: none
/// is a temporary scalar.
/// </summary>
internal static class FusedAdam
{
    private static readonly ConcurrentDictionary<string, jit.CompilationUnit> Compiled = new(StringComparer.Ordinal);

    /// <summary>The function <c>step</c> for these numbers; compiled once in a process.</summary>
    public static jit.CompilationUnit Of(bool isDecoupled, double beta1, double beta2, double epsilon, double weightDecay) =>
        Compiled.GetOrAdd(Script(isDecoupled, beta1, beta2, epsilon, weightDecay), jit.compile);

    // The parser wants a type of the result and an empty last line.
    private static string Script(bool isDecoupled, double beta1, double beta2, double epsilon, double weightDecay) =>
        string.Create(CultureInfo.InvariantCulture, $"""
        def step(values: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor], ages: List[Tensor], rate: Tensor) -> int:
            torch._foreach_add_(ages, 1)
            torch.{(isDecoupled ? "_fused_adamw_" : "_fused_adam_")}(values, gradients, first, second, [], ages, lr=rate, beta1={beta1:E17}, beta2={beta2:E17}, weight_decay={weightDecay:E17}, eps={epsilon:E17}, amsgrad=False, maximize=False)
            return 0

        """) + "\n";
}
