using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Seeds libtorch's default generators on all devices.</summary>
    public static void manual_seed(long seed)
    {
        Native.Check(Native.harness_manual_seed(unchecked((ulong)seed)));
    }

    /// <summary>A source of random numbers of its own: the same seed gives the same numbers.</summary>
    public sealed class Generator : IDisposable
    {
        private nint _handle;

        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            nint handle;
            Native.Check(Native.harness_generator(seed, (int)this.device.type, this.device.index, &handle));
            _handle = handle;
        }

        ~Generator() => Release();

        public Device device { get; }

        internal nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Generator invalid -- it was disposed.");

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.harness_generator_seed(Handle, unchecked((ulong)seed)));
            GC.KeepAlive(this);
            return this;
        }

        public long initial_seed()
        {
            var seed = Native.harness_generator_initial_seed(Handle);
            GC.KeepAlive(this);
            return unchecked((long)seed);
        }

        /// <summary>The state as a byte tensor.</summary>
        public unsafe Tensor get_state()
        {
            nint state;
            Native.Check(Native.harness_generator_state(Handle, &state));
            GC.KeepAlive(this);
            return Tensor.Own(state);
        }

        public void set_state(Tensor value)
        {
            Native.Check(Native.harness_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Release();
            GC.SuppressFinalize(this);
        }

        private void Release()
        {
            if (_handle != 0)
                Native.harness_generator_release(_handle);
            _handle = 0;
        }
    }
}
