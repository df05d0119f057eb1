using System.Collections.Concurrent;
using System.Globalization;
using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

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
