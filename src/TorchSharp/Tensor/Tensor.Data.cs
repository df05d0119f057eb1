using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements' memory: a contiguous CPU tensor of at most 2³¹ − 1 bytes. Good while the tensor lives.</summary>
        /// <exception cref="InvalidOperationException">On another device, or not contiguous.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                var info = ReadableInfo();
                if ((info.Flags & Info.Contiguous) == 0)
                    throw new InvalidOperationException($"bytes of a tensor that is not contiguous ({this}): call contiguous() first");
                return new(Pointer, checked((int)(info.Elements * info.ElementSize)));
            }
            set
            {
                if (value.Length != bytes.Length)
                    throw new ArgumentException($"Mismatched data sizes: {value.Length} bytes for a tensor of {bytes.Length} ({this}).");
                value.CopyTo(bytes);
            }
        }

        internal unsafe void* Pointer
        {
            get
            {
                void* data;
                Native.Check(Native.harness_data(Handle, &data));
                GC.KeepAlive(this);
                return data;
            }
        }

        /// <summary>The elements in row-major order.</summary>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the exact element type.</exception>
        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            Demand<T>();
            ReadableInfo();
            return new(this);
        }

        /// <summary>The one element, which must have exactly the type <typeparamref name="T"/>.</summary>
        /// <exception cref="ArgumentException">Another element type, or not one element.</exception>
        public unsafe T item<T>() where T : unmanaged
        {
            Demand<T>();
            DemandOne();
            if (!is_cpu())
            {
                using var here = cpu();
                return here.item<T>();
            }
            var value = *(T*)Pointer;
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The one element, whatever its type.</summary>
        public unsafe Scalar ToScalar()
        {
            DemandOne();
            Value value;
            Native.Check(Native.harness_item(Handle, &value));
            GC.KeepAlive(this);
            return Scalar.From(value);
        }

        public float ToSingle() => ToScalar().ToSingle();
        public double ToDouble() => ToScalar().ToDouble();
        public int ToInt32() => ToScalar().ToInt32();
        public long ToInt64() => ToScalar().ToInt64();
        public bool ToBoolean() => ToScalar().ToBoolean();

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        /// <summary>Writes the elements' bytes, row by row.</summary>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            ReadableInfo();
            using var whole = contiguous().DetachFromDisposeScope();
            using var memory = new UnmanagedMemoryStream((byte*)whole.Pointer, whole.numel() * whole.ElementSize);
            memory.CopyTo(stream, bufferSize);
        }

        /// <summary>Fills a contiguous CPU tensor from a stream.</summary>
        /// <exception cref="EndOfStreamException">The stream ends early.</exception>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            var info = ReadableInfo();
            if ((info.Flags & Info.Contiguous) == 0)
                throw new InvalidOperationException($"cannot read into a tensor that is not contiguous ({this})");
            var size = info.Elements * info.ElementSize;
            for (long done = 0; done < size;)
            {
                var part = new Span<byte>((byte*)Pointer + done, (int)Math.Min(size - done, 1 << 30));
                stream.ReadExactly(part);
                done += part.Length;
            }
            GC.KeepAlive(this);
        }

        private Info ReadableInfo()
        {
            var info = Info;
            return info.DeviceType == (int)DeviceType.CPU ? info : throw new InvalidOperationException(
                $"Reading data from non-CPU memory is not supported ({this}). Move or copy the tensor to the cpu before reading.");
        }

        private void Demand<T>()
        {
            if (TypeOf(typeof(T)) != dtype)
                throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype} ({this})");
        }

        private void DemandOne()
        {
            if (NumberOfElements != 1)
                throw new ArgumentException($"Number of elements in the tensor must be 1, found {NumberOfElements} ({this})");
        }
    }
}
