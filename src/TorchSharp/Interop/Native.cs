using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>What a <see cref="Value"/> holds; native/shim.h has the same list.</summary>
internal enum Tag
{
    None, Tensor, Integer, Real, Boolean, Integers, Reals, Tensors, OptionalTensors, Device, Text, Generator
}

/// <summary>One argument or result of a native call.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Value
{
    public Tag Tag;
    public int Count;
    public long Bits;
}

/// <summary>What libtorch knows of a tensor; the pointers are good until the tensor's shape changes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Info
{
    public long* Sizes;
    public long* Strides;
    public long Elements;
    public int Dimensions;
    public int ElementSize;
    public int Type;
    public int DeviceType;
    public int DeviceIndex;
    public int Flags;

    public const int RequiresGradient = 1, Leaf = 2, Contiguous = 4;
}

/// <summary>The functions of native/shim.cpp. Those that return a status leave an error text when it is not 0.</summary>
internal static unsafe partial class Native
{
    private const string Library = "harness_torch";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    [LibraryImport(Library)] internal static partial byte* harness_error();
    [LibraryImport(Library)] internal static partial nint harness_exception();
    [LibraryImport(Library)] internal static partial byte* harness_version();
    [LibraryImport(Library)] internal static partial long harness_live();
    [LibraryImport(Library)] internal static partial int harness_release(nint tensor);
    [LibraryImport(Library)] internal static partial int harness_alias(nint tensor, nint* alias);
    [LibraryImport(Library)] internal static partial int harness_operator(byte* name, byte* overload, nint* found);
    [LibraryImport(Library)]
    internal static partial int harness_call(nint callee, Value* arguments, int count, Value** results, int* resultCount);

    [LibraryImport(Library)] internal static partial int harness_info(nint tensor, Info* info);
    [LibraryImport(Library)] internal static partial int harness_data(nint tensor, void** data);
    [LibraryImport(Library)] internal static partial int harness_item(nint tensor, Value* item);
    [LibraryImport(Library)] internal static partial int harness_set_requires_grad(nint tensor, int required);
    [LibraryImport(Library)] internal static partial int harness_gradient(nint tensor, nint* gradient);
    [LibraryImport(Library)] internal static partial int harness_set_gradient(nint tensor, nint gradient);

    [LibraryImport(Library)]
    internal static partial int harness_backward(Value* outputs, Value* seeds, int retain, int create, Value* inputs);

    [LibraryImport(Library)]
    internal static partial int harness_gradients(
        Value* outputs, Value* inputs, Value* seeds, int retain, int create, int unused, nint* gradients);

    [LibraryImport(Library)]
    internal static partial int harness_function(
        Callbacks* callbacks, nint state, byte* name, Value* arguments, Value* saved, nint made, nint* node, nint* output);

    [LibraryImport(Library)] internal static partial int harness_function_saved(nint node, nint* tensors);
    [LibraryImport(Library)] internal static partial int harness_grad_enabled();
    [LibraryImport(Library)] internal static partial void harness_enable_grad(int enabled);
    [LibraryImport(Library)] internal static partial int harness_inference_enter(int enabled, nint* guard);
    [LibraryImport(Library)] internal static partial void harness_inference_leave(nint guard);
    [LibraryImport(Library)] internal static partial int harness_generator(ulong seed, int deviceType, int deviceIndex, nint* generator);
    [LibraryImport(Library)] internal static partial void harness_generator_release(nint generator);
    [LibraryImport(Library)] internal static partial int harness_generator_seed(nint generator, ulong seed);
    [LibraryImport(Library)] internal static partial ulong harness_generator_initial_seed(nint generator);
    [LibraryImport(Library)] internal static partial int harness_generator_state(nint generator, nint* state);
    [LibraryImport(Library)] internal static partial int harness_generator_set_state(nint generator, nint state);
    [LibraryImport(Library)] internal static partial int harness_manual_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int harness_set_threads(int count);
    [LibraryImport(Library)] internal static partial int harness_threads();
    [LibraryImport(Library)] internal static partial int harness_cuda_devices();
    [LibraryImport(Library)] internal static partial int harness_cuda_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int harness_cuda_synchronize(long device);

    /// <summary>The text of this thread's last failure: libtorch's first line.</summary>
    internal static string LastError => Marshal.PtrToStringUTF8((nint)harness_error()) ?? "";

    /// <exception cref="TorchException">The status is not 0.</exception>
    internal static void Check(int status)
    {
        if (status != 0)
            throw new TorchException(LastError);
    }

    /// <summary>Throws what managed code threw that the last call ran, where that is why it failed.</summary>
    internal static void Rethrow()
    {
        var thrown = harness_exception();
        if (thrown == 0)
            return;
        var handle = GCHandle.FromIntPtr(thrown);
        var exception = (Exception)handle.Target!;
        handle.Free();
        ExceptionDispatchInfo.Throw(exception);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        var file = Path.Combine(AppContext.BaseDirectory, "libharness_torch.so");
        try
        {
            var library = NativeLibrary.Load(file);
            var start = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "harness_start");
            return start() == 0 ? library : throw new BadImageFormatException("it could not set its threads");
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            var found = File.Exists(file) ? failure.Message.Split('\n').Last(line => line.Trim() != "").Trim() : $"{file} does not exist";
            throw new DllNotFoundException(
                $"libtorch cannot be loaded: {found}. Install it (apt-get install libtorch-dev libopenblas0-pthread) or build with " +
                "LIBTORCH=<a PyTorch installation's torch folder>.", failure);
        }
    }
}
