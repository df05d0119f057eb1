using System.Security.Cryptography;
using System.Text;
using Harness.Running;
using static TorchSharp.torch;

namespace Harness.Planning;

/// <summary>
/// The class of machines whose arithmetic gives the same bits: the hash of a <see cref="Canary"/>'s bytes, computed on the machine itself.
/// Different kernels, vector widths or thread counts give different classes; equal classes share cells and exact snapshots. Words before
/// the digits say what is known of it:
/// <list type="bullet">
/// <item><c>0123456789ab</c>: kernels are pinned; every x86-64 machine with AVX2 and FMA is expected to have this one class.</item>
/// <item><c>native-…</c>: kernels are pinned, but MKL could not be told to take all processors alike (a libtorch whose MKL does not ask,
/// another system), so that the class is that of this kind of machine.</item>
/// <item><c>fast-…</c>: kernels are not pinned (<c>--numerics=fast</c>); no snapshot is made of it or compared with it.</item>
/// <item><c>cuda-…</c>, <c>fast-cuda-…</c>: computed on the GPU.</item>
/// </list>
/// </summary>
public static class NumericsClass
{
    private const string Fast = "fast-", Native = "native-";
    private const int Digits = 12;
    private static readonly Lazy<string> OnCpu = new(() => Computed(KeyContext.Cpu));

    /// <summary>That of the CPU, computed once a process.</summary>
    public static string Current => OnCpu.Value;

    /// <summary>That of a device.</summary>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="InputException">This libtorch has no such device.</exception>
    public static string Of(string device)
    {
        if (device == KeyContext.Cpu) return Current;
        if (!cuda.is_available())
        {
            throw new InputException(
                $"--device={device}: found no CUDA device in libtorch {Libtorch}, expected at least one; build with TORCH=cuda " +
                "on a machine with an NVIDIA GPU, or leave --device out");
        }

        return Computed(device);
    }

    /// <summary>Whether a class is one of <c>--numerics=fast</c>.</summary>
    public static bool IsFast(string numericsClass) => numericsClass.StartsWith(Fast, StringComparison.Ordinal);

    /// <summary>Version of libtorch, for example <c>2.10.0</c>.</summary>
    public static string Libtorch => Models.Torch.Libtorch.Version;

    /// <summary>The hash of each computation behind a class, <c>0123456789ab name</c>: where two machines differ.</summary>
    public static IEnumerable<string> Parts() => Canary.Parts(CPU).Select(part => $"{Text(part.Hash)} {part.Name}");

    /// <summary>What stands before the digits.</summary>
    internal static string Prefix(string device, bool isPinned, bool isVendorAnswered) => (device, isPinned, isVendorAnswered) switch
    {
        (KeyContext.Cpu, true, true) => "",
        (KeyContext.Cpu, true, false) => Native,
        (KeyContext.Cpu, false, _) => Fast,
        (_, true, _) => $"{device}-",
        _ => $"{Fast}{device}-",
    };

    private static string Computed(string device) =>
        Prefix(device, NumericsEnvironment.IsPinned, Models.Torch.Libtorch.IsVendorAnswered)
            + Text(SHA256.HashData(
            [.. Canary.Parts(new Device(device)).SelectMany(part => (byte[])[.. Encoding.UTF8.GetBytes(part.Name), .. part.Hash])]));

    private static string Text(byte[] hash) => Convert.ToHexStringLower(hash)[..Digits];
}
