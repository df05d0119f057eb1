using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Harness.Models.Torch;

/// <summary>The libtorch of this process.</summary>
public static unsafe class Libtorch
{
    private const string Core = "libtorch_cpu.so";
    private static readonly Lazy<bool> Answered = new(static () => TryLoadCore(out _) && MklVendor.Answer(Core));

    /// <summary>
    /// Whether MKL takes every processor for Intel's, so that bytes do not depend on the vendor (<see cref="MklVendor"/>).
    /// </summary>
    public static bool IsVendorAnswered => Answered.Value;

    /// <summary>
    /// Version of the libtorch that was really loaded, for example <c>2.10.0</c>; TorchSharp's own constant where the library does not
    /// tell.
    /// </summary>
    public static string Version { get; } = LoadedVersion();

    // The first call of any of TorchSharp's functions comes through this resolver, whoever makes it: MKL is answered before it is asked.
#pragma warning disable CA2255 // A static constructor would come too late: a test may use TorchSharp before any type of ours.
    [ModuleInitializer]
    internal static void AnswerBeforeTheFirstCall() =>
        NativeLibrary.SetDllImportResolver(typeof(TorchSharp.torch).Assembly, static (name, _, _) =>
        {
            if (name == "LibTorchSharp") _ = Answered.Value;
            return 0;
        });
#pragma warning restore CA2255

    // Since 2.9: major, minor and patch in the highest bytes (torch/csrc/stable, TORCH_ABI_VERSION).
    private static string LoadedVersion()
    {
        _ = TorchSharp.torch.CPU;
        if (!OperatingSystem.IsLinux() || !TryLoadCore(out var library) ||
            !NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out var function)) return string.Join('.',
                TorchSharp.torch.__version__.Split('.').Take(3));
        var version = ((delegate* unmanaged<ulong>)function)();
        return $"{version >> 56}.{(version >> 48) & 0xff}.{(version >> 40) & 0xff}";
    }

    private static bool TryLoadCore(out nint library) => NativeLibrary.TryLoad(Core, typeof(TorchSharp.torch).Assembly, null, out library);
}
