using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Adam (Kingma and Ba 2015); decay is added to the gradient.</summary>
            public static Adam Adam(
                IEnumerable<Parameter> parameters,
                double lr = 1e-3,
                double beta1 = 0.9,
                double beta2 = 0.999,
                double eps = 1e-8,
                double weight_decay = 0,
                bool amsgrad = false,
                bool maximize = false) => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <summary>Adam with decay apart from the gradient (Loshchilov and Hutter 2019), 0 by default as in the package.</summary>
            public static AdamW AdamW(
                IEnumerable<Parameter> parameters,
                double lr = 1e-3,
                double beta1 = 0.9,
                double beta2 = 0.999,
                double eps = 1e-8,
                double weight_decay = 0,
                bool amsgrad = false,
                bool maximize = false) => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>θ −= lr · m̂ / (√v̂ + ε), corrected for the moments' start at 0; weight decay enters the gradient.</summary>
    public class Adam(
        IEnumerable<Parameter> parameters,
        double lr = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double eps = 1e-8,
        double weight_decay = 0,
        bool amsgrad = false,
        bool maximize = false) : torch.optim.Optimizer(parameters, lr)
    {
        private torch.Tensor[]? _firsts;
        private torch.Tensor[]? _seconds;
        private torch.Tensor[]? _largest;
        private long[]? _steps;

        /// <summary>Is decay applied to the weights (AdamW) and not to the gradient?</summary>
        private protected virtual bool Decoupled => false;

        private protected override void Update(int[] places, torch.Tensor[] values, torch.Tensor[] gradients)
        {
            _firsts ??= State();
            _seconds ??= State();
            _steps ??= new long[Parameters.Length];
            if (maximize)
                gradients = [.. gradients.Select(gradient => gradient.neg())];
            if (weight_decay != 0 && Decoupled)
                Multiply(values, 1 - LearningRate * weight_decay);
            else if (weight_decay != 0)
                gradients = Aten.Many("_foreach_add.List", gradients, values, (Scalar)weight_decay);

            // Parameters that got their first gradient later are fewer steps old: each age is one group.
            foreach (var age in Enumerable.Range(0, places.Length).GroupBy(i => ++_steps[places[i]]))
                Update(age.Key, [.. age.Select(i => places[i])], [.. age.Select(i => values[i])], [.. age.Select(i => gradients[i])]);
        }

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            foreach (var state in (_firsts ?? []).Concat(_seconds ?? []).Concat(_largest ?? []))
                state.Dispose();
            (_firsts, _seconds, _largest, _steps) = (null, null, null, null);
        }

        private void Update(long step, int[] places, torch.Tensor[] values, torch.Tensor[] gradients)
        {
            torch.Tensor[] firsts = [.. places.Select(place => _firsts![place])];
            torch.Tensor[] seconds = [.. places.Select(place => _seconds![place])];
            Multiply(firsts, beta1);
            Add(firsts, gradients, 1 - beta1);
            Multiply(seconds, beta2);
            Aten.Run("_foreach_addcmul_.Scalar", seconds, gradients, gradients, (Scalar)(1 - beta2));
            if (amsgrad)
                seconds = Largest(places, seconds);
            var roots = Aten.Many("_foreach_sqrt", new Arg[] { seconds });
            Aten.Run("_foreach_div_.Scalar", roots, (Scalar)Math.Sqrt(1 - Math.Pow(beta2, step)));
            Aten.Run("_foreach_add_.Scalar", roots, (Scalar)eps);
            Aten.Run("_foreach_addcdiv_.Scalar", values, firsts, roots, (Scalar)(-LearningRate / (1 - Math.Pow(beta1, step))));
        }

        private torch.Tensor[] Largest(int[] places, torch.Tensor[] seconds)
        {
            _largest ??= State();
            for (var i = 0; i < places.Length; i++)
            {
                var larger = _largest[places[i]].maximum(seconds[i]).DetachFromDisposeScope();
                _largest[places[i]].Dispose();
                _largest[places[i]] = larger;
            }
            return [.. places.Select(place => _largest[place])];
        }
    }

    /// <summary>As <see cref="Adam"/>, but decay shrinks the weights: θ ·= 1 − lr · decay before the update.</summary>
    public sealed class AdamW(
        IEnumerable<Parameter> parameters,
        double lr = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double eps = 1e-8,
        double weight_decay = 0,
        bool amsgrad = false,
        bool maximize = false) : Adam(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
        private protected override bool Decoupled => true;
    }
}
