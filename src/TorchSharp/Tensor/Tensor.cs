using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A libtorch tensor. Members have the names and parameters of the TorchSharp package and call the ATen operator of the same name; a
    /// trailing underscore changes the tensor in place and returns it. Made tensors enter the thread's dispose scope. A disposed tensor
    /// throws <see cref="InvalidOperationException"/>, libtorch's refusal a <see cref="TorchException"/>.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private nint _handle;

        private protected Tensor(nint handle) => _handle = handle;

        /// <summary>A safety net; scopes and Dispose are the rule.</summary>
        ~Tensor()
        {
            if (_handle != 0)
                _ = Native.harness_release(_handle);
        }

        /// <summary>Native tensor handles alive in the process: what a test for leaks counts.</summary>
        public static long TotalCount => Native.harness_live();

        /// <summary>The native handle.</summary>
        /// <exception cref="InvalidOperationException">The tensor was disposed.</exception>
        public nint Handle => _handle != 0
            ? _handle
            : throw new InvalidOperationException("Tensor invalid -- empty handle: it was disposed.");

        /// <summary>Was the tensor disposed?</summary>
        public bool IsInvalid => _handle == 0;

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal int PlaceInScope { get; set; }

        public long Dimensions => Info.Dimensions;
        public long ndim => Info.Dimensions;
        public long NumberOfElements => Info.Elements;
        public long ElementSize => Info.ElementSize;
        public ScalarType dtype => (ScalarType)Info.Type;
        public bool is_leaf => (Info.Flags & Info.Leaf) != 0;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public DeviceType device_type => (DeviceType)Info.DeviceType;
        public int device_index => Info.DeviceIndex;
        public Device device => new(device_type, device_index);

        /// <summary>The lengths of the dimensions, a new array each time.</summary>
        public unsafe long[] shape
        {
            get
            {
                var info = Info;
                var sizes = new ReadOnlySpan<long>(info.Sizes, info.Dimensions).ToArray();
                GC.KeepAlive(this);
                return sizes;
            }
        }

        /// <summary>Makes gradients flow to this tensor; only leaves with floating-point elements may change it.</summary>
        public bool requires_grad
        {
            get => (Info.Flags & Info.RequiresGradient) != 0;
            set
            {
                Native.Check(Native.harness_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        internal unsafe Info Info
        {
            [SkipLocalsInit]
            get
            {
                Info info;
                Native.Check(Native.harness_info(Handle, &info));
                GC.KeepAlive(this);
                return info;
            }
        }

        public long dim() => Info.Dimensions;
        public long numel() => Info.Elements;
        public long element_size() => Info.ElementSize;
        public long[] size() => shape;
        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_contiguous() => (Info.Flags & Info.Contiguous) != 0;
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_integral() => torch.is_integral(dtype);

        /// <summary>The length of one dimension; negative counts from the end.</summary>
        public unsafe long size(int dim)
        {
            var info = Info;
            var length = info.Sizes[Place(dim, info.Dimensions)];
            GC.KeepAlive(this);
            return length;
        }

        public unsafe long[] stride()
        {
            var info = Info;
            var strides = new ReadOnlySpan<long>(info.Strides, info.Dimensions).ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[Place(dim, (int)Dimensions)];

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Gives the tensor to the scope around its own; it then lives until that one ends.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: whoever holds it disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner)
                owner.MoveToOther(other, this);
            else
                other?.Include(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        /// <inheritdoc/>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <inheritdoc/>
        public override bool Equals(object? obj) => ReferenceEquals(this, obj);

        /// <inheritdoc/>
        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

        /// <summary>Shape, element type and device: "[2x3], type = Float32, device = cpu".</summary>
        public override string ToString() => IsInvalid ? "[disposed]" : string.Create(
            CultureInfo.InvariantCulture, $"[{string.Join('x', shape)}], type = {dtype}, device = {device}");

        /// <summary>Wraps a handle whose reference this object takes over, and gives the tensor to the current scope.</summary>
        internal static Tensor Own(nint handle)
        {
            var tensor = new Tensor(handle);
            DisposeScope.Current?.Include(tensor);
            return tensor;
        }

        /// <summary>Takes the handle away; this object is then like disposed.</summary>
        internal nint MoveHandle()
        {
            var handle = Handle;
            _handle = 0;
            GC.SuppressFinalize(this);
            return handle;
        }

        /// <summary>Releases the native tensor now.</summary>
        protected virtual void Dispose(bool disposing)
        {
            var handle = _handle;
            if (handle == 0)
                return;
            _handle = 0;
            OwningDisposeScope?.Remove(this);
            Native.Check(Native.harness_release(handle));
        }

        private static int Place(int dim, int dimensions)
        {
            var place = dim < 0 ? dim + dimensions : dim;
            return place >= 0 && place < dimensions
                ? place
                : throw new ArgumentOutOfRangeException(nameof(dim), dim, $"the tensor has {dimensions} dimensions");
        }
    }
}
