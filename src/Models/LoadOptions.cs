using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>How a model is read from its folder.</summary>
public sealed record LoadOptions
{
    /// <summary>Where it computes. Default the CPU.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>
    /// Whether weights stay in their files, in the files' dtype, until they are used, so that a model larger than memory can be run and
    /// edited. What is asked for by <see cref="Transformer.Parameter"/> becomes float32 and stays. Default false: all weights become
    /// float32 at once.
    /// </summary>
    public bool Streamed { get; init; }

    /// <summary>Bytes of weights, in the files' dtype, that a streamed model keeps between uses, at least 0. Default 0.</summary>
    public long CacheBytes { get; init; }
}
