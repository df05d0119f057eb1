using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A tensor to be trained, made of <paramref name="data"/>, which is then like disposed.</summary>
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

            /// <summary>What training does to gradients.</summary>
            public static class utils
            {
                /// <summary>Scales all gradients so that their norm, taken together, is at most <paramref name="max_norm"/>.</summary>
                /// <returns>The norm before.</returns>
                public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
                {
                    using var recording = no_grad();
                    using var steps = NewDisposeScope();
                    Tensor[] gradients = [.. tensors.Select(tensor => tensor.grad).OfType<Tensor>()];
                    if (gradients.Length == 0)
                        return 0;
                    var norms = stack(gradients.Select(gradient => linalg.vector_norm(gradient, norm_type)));
                    var norm = linalg.vector_norm(norms, norm_type).ToDouble();
                    // PyTorch's guard against a norm of 0.
                    var factor = max_norm / (norm + 1e-6);
                    if (factor < 1)
                        Aten.Run("_foreach_mul_.Scalar", gradients, (Scalar)factor);
                    return norm;
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>A tensor to be trained. It takes the handle over: the tensor it was made from is then like disposed.</summary>
    public sealed class Parameter : torch.Tensor
    {
        public Parameter(torch.Tensor data, bool requires_grad = true) : base(data.with_requires_grad(requires_grad).MoveHandle())
        {
            if (data.OwningDisposeScope is not { } scope)
                return;
            scope.Remove(data);
            scope.Include(this);
        }
    }
}
