using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>A view of the chosen part (a copy where tensors choose), or its change in place.</summary>
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => index(i1);
            set => index_put_(value, (TensorIndex)i1);
        }

        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, i1, i2, i3, i4);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            using var steps = NewDisposeScope();
            var (part, places) = Narrowed(indices);
            var result = places.Length > 0 ? Aten.One("index.Tensor", part, Arg.Optional(places)) : part;
            return ReferenceEquals(result, this) ? alias().MoveToOuterDisposeScope() : result.MoveToOuterDisposeScope();
        }

        public Tensor index(params Tensor[] indices) => Aten.One("index.Tensor", this, Arg.Optional(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, accumulate: false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            using var steps = NewDisposeScope();
            var (part, places) = Narrowed(indices);
            if (places.Length > 0)
                Aten.InPlace("index_put_", part, Arg.Optional(places), value, accumulate);
            else if (accumulate)
                part.add_(value);
            else
                part.copy_(value);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, accumulate: false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Aten.InPlace("index_put_", this, Arg.Optional(indices), value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var steps = NewDisposeScope();
            return index_put_(full([], value, dtype, device), indices);
        }

        public Tensor index_select(long dim, Tensor index) => Aten.One("index_select", this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.One("index_add", this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.InPlace("index_add_", this, dim, index, source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.One("index_copy", this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.InPlace("index_copy_", this, dim, index, source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Aten.One("index_fill.int_Scalar", this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.InPlace("index_fill_.int_Scalar", this, dim, index, value);
        public Tensor gather(long dim, Tensor index) => Aten.One("gather", this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.One("scatter.src", this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.InPlace("scatter_.src", this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.One("scatter_add", this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.InPlace("scatter_add_", this, dim, index, src);
        public Tensor take(Tensor index) => Aten.One("take", this, index);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.One("take_along_dim", this, indices, dim);
        public Tensor nonzero() => Aten.One("nonzero", this);
        public Tensor argwhere() => Aten.One("argwhere", this);

        /// <summary>Does what all but tensors ask; tensors stay for index.Tensor, at the places of their dimensions.</summary>
        private (Tensor Part, Tensor?[] Places) Narrowed(TensorIndex[] indices)
        {
            var named = indices.Sum(index => index.Is is TensorIndex.Kind.None or TensorIndex.Kind.Ellipsis ? 0 : Width(index));
            var part = this;
            var places = new List<Tensor?>();
            long dim = 0, inMasks = 0;
            foreach (var index in indices)
            {
                switch (index.Is)
                {
                    case TensorIndex.Kind.Single:
                        part = part.select(dim, index.Place);
                        continue;
                    case TensorIndex.Kind.None:
                        part = part.unsqueeze(dim++);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dim += ndim - named;
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index is not { StartIndex: null, StopIndex: null, Step: null })
                            part = Aten.One("slice.Tensor", part, dim, index.StartIndex, index.StopIndex, index.Step ?? 1);
                        dim++;
                        break;
                    case TensorIndex.Kind.Tensor:
                        while (places.Count < dim - inMasks)
                            places.Add(null);
                        places.Add(index.Places);
                        dim += Width(index);
                        inMasks += Width(index) - 1;
                        break;
                }
            }
            return (part, [.. places]);
        }

        /// <summary>How many dimensions an index stands for: a mask of n dimensions for n.</summary>
        private static long Width(TensorIndex index) => index.Places is { dtype: ScalarType.Bool } mask ? mask.ndim : 1;
    }
}
