namespace TorchSharp;

public static partial class torch
{
    /// <summary>One place in an index, as between Python's brackets: a number, a slice, None, an ellipsis, or a tensor of places.</summary>
    public struct TensorIndex
    {
        internal enum Kind
        {
            Slice, Single, None, Ellipsis, Tensor
        }

        private TensorIndex(Kind kind) => Is = kind;

        internal Kind Is { get; private init; }

        internal long? StartIndex { get; private init; }

        internal long? StopIndex { get; private init; }

        internal long? Step { get; private init; }

        internal long Place { get; private init; }

        internal Tensor? Places { get; private init; }

        /// <summary>All dimensions that no other place names.</summary>
        public static TensorIndex Ellipsis => new(Kind.Ellipsis);

        /// <summary>A new dimension of length 1.</summary>
        public static TensorIndex None => new(Kind.None);

        public static TensorIndex Null => None;

        /// <summary>The whole dimension.</summary>
        public static TensorIndex Colon => Slice();

        /// <summary>start:stop:step; negative places count from the end.</summary>
        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(Kind.Slice) { StartIndex = start, StopIndex = stop, Step = step };

        /// <summary>One place, whose dimension goes away.</summary>
        public static TensorIndex Single(long? index) => new(Kind.Single) { Place = index ?? 0 };

        /// <summary>Places as an int64 tensor, or a mask as a boolean one.</summary>
        public static TensorIndex Tensor(Tensor tensor) => new(Kind.Tensor) { Places = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range.start, range.end);

        public static implicit operator TensorIndex(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }
}
