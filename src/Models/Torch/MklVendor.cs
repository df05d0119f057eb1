using System.Runtime.InteropServices;

namespace Harness.Models.Torch;

/// <summary>
/// Makes MKL treat every x86-64 processor alike. MKL, which is inside libtorch_cpu.so, asks <c>mkl_serv_intel_cpu_true</c> whether the
/// processor is Intel's and takes the kernels that <c>MKL_CBWR=AVX2,STRICT</c> asks for only if it is: other processors get others, and
/// other bytes. libtorch calls that function through its own procedure linkage table (ELF: DT_JMPREL), so one slot written there, after
/// loading and before MKL's first call, answers yes on all. Under it Intel's and AMD's processors give the same bytes at the full speed of
/// AVX2 (docs/decisions/0011).
/// </summary>
internal static unsafe partial class MklVendor
{
    private const int PageSize = 4096, ReadWrite = 3;

    private static ReadOnlySpan<byte> Function => "mkl_serv_intel_cpu_true"u8;

    // Of the ELF specification: 64-bit program headers, dynamic entries, relocations with addends, symbols.
    private const int ProgramHeaderSize = 56, RelocationSize = 24, SymbolSize = 24;
    private const uint DynamicSegment = 2;
    private const long StringTable = 5, SymbolTable = 6, JumpSize = 2, JumpRelocations = 23;

    /// <summary>Answers for a library that is loaded.</summary>
    /// <param name="library">Its file name, for example <c>libtorch_cpu.so</c>.</param>
    /// <returns>Whether it asks, and was answered: false for a libtorch without MKL, and where this is not Linux on x86-64.</returns>
    public static bool Answer(string library)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || ImageOf(library) is var image
            && image == null) return false;
        var dynamic = Dynamic(image);
        var (relocations, size) = (dynamic[JumpRelocations], dynamic[JumpSize]);
        var answered = false;
        for (long at = 0; at < size; at += RelocationSize)
        {
            var relocation = (long*)(Place(image, relocations) + at);
            var symbol = Place(image, dynamic[SymbolTable]) + (SymbolSize * (long)((ulong)relocation[1] >> 32));
            var name = Place(image, dynamic[StringTable]) + *(uint*)symbol;
            if (!MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name).SequenceEqual(Function)) continue;
            var slot = (nint*)(image + relocation[0]);
            if (Protect((nint)slot & ~(PageSize - 1), PageSize, ReadWrite) != 0)
                throw new InputException($"{library}: its memory cannot be written (mprotect, error {Marshal.GetLastPInvokeError()}), " +
                    "so MKL's question for the vendor cannot be answered; allow a process to write to its libraries' data");
            *slot = (nint)(delegate* unmanaged<int>)&Yes;
            answered = true;
        }

        return answered;
    }

    [UnmanagedCallersOnly]
    private static int Yes() => 1;

    // The first mapping of a file starts with its ELF header.
    private static byte* ImageOf(string library)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
            if (line.EndsWith("/" + library, StringComparison.Ordinal))
                return (byte*)Convert.ToInt64(line[..line.IndexOf('-', StringComparison.Ordinal)], 16);
        return null;
    }

    private static Dictionary<long, long> Dynamic(byte* image)
    {
        Dictionary<long, long> entries = [];
        var headers = image + *(long*)(image + 0x20);
        for (var i = 0; i < *(ushort*)(image + 0x38); i++)
        {
            var header = headers + (ProgramHeaderSize * i);
            if (*(uint*)header != DynamicSegment) continue;
            for (var entry = (long*)(image + *(long*)(header + 16)); entry[0] != 0; entry += 2) entries[entry[0]] = entry[1];
        }

        return entries;
    }

    // glibc has made addresses of these entries; other loaders leave offsets.
    private static byte* Place(byte* image, long value) => (ulong)value < (ulong)image ? image + value : (byte*)value;

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);
}
