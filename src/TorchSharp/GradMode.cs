using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>libtorch's version.</summary>
    public static unsafe string __version__ => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)Native.harness_version())!;

    /// <summary>No gradients are recorded on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Native.harness_grad_enabled() != 0;

    /// <summary>As <see cref="no_grad"/>, and tensors made meanwhile never take part in gradients. Dispose last in, first out.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static int get_num_threads() => Native.harness_threads();

    /// <summary>Threads inside an operator, OpenBLAS's included; 1 unless OMP_NUM_THREADS said otherwise at start.</summary>
    public static void set_num_threads(int num) => Native.Check(Native.harness_set_threads(num));

    private sealed class GradMode : IDisposable
    {
        private readonly int _before = Native.harness_grad_enabled();

        public GradMode(bool enabled) => Native.harness_enable_grad(enabled ? 1 : 0);

        public void Dispose() => Native.harness_enable_grad(_before);
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint _guard;

        public unsafe InferenceMode(bool enabled)
        {
            nint guard;
            Native.Check(Native.harness_inference_enter(enabled ? 1 : 0, &guard));
            _guard = guard;
        }

        public void Dispose()
        {
            Native.harness_inference_leave(_guard);
            _guard = 0;
        }
    }

    /// <summary>CUDA devices, where libtorch has them.</summary>
    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count() => Native.harness_cuda_devices();

        public static void manual_seed(long seed) => manual_seed_all(seed);

        public static void manual_seed_all(long seed) => Native.Check(Native.harness_cuda_seed(unchecked((ulong)seed)));

        /// <summary>Waits until the device has done all that it was given.</summary>
        public static void synchronize(long device_index = -1L) => Native.Check(Native.harness_cuda_synchronize(device_index));
    }
}
