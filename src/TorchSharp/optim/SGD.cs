using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Gradient descent, θ −= lr · g, with momentum and decay where wanted.</summary>
            public static SGD SGD(
                IEnumerable<Parameter> parameters,
                double learningRate,
                double momentum = 0,
                double dampening = 0,
                double weight_decay = 0,
                bool nesterov = false,
                bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Gradient descent with momentum, as PyTorch has it: v = μ v + (1 − damp) g (at first g), θ −= lr · v.</summary>
    public sealed class SGD(
        IEnumerable<Parameter> parameters,
        double lr,
        double momentum = 0,
        double dampening = 0,
        double weight_decay = 0,
        bool nesterov = false,
        bool maximize = false) : torch.optim.Optimizer(parameters, lr)
    {
        private torch.Tensor?[]? _velocities;

        private protected override void Update(int[] places, torch.Tensor[] values, torch.Tensor[] gradients)
        {
            if (maximize)
                gradients = [.. gradients.Select(gradient => gradient.neg())];
            if (weight_decay != 0)
                gradients = Aten.Many("_foreach_add.List", gradients, values, (Scalar)weight_decay);
            if (momentum != 0)
                gradients = WithMomentum(places, gradients);
            Add(values, gradients, -LearningRate);
        }

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            foreach (var velocity in _velocities ?? [])
                velocity?.Dispose();
            _velocities = null;
        }

        private torch.Tensor[] WithMomentum(int[] places, torch.Tensor[] gradients)
        {
            _velocities ??= new torch.Tensor?[Parameters.Length];
            for (var i = 0; i < places.Length; i++)
            {
                if (_velocities[places[i]] is { } velocity)
                    velocity.mul_(momentum).add_(gradients[i], 1 - dampening);
                else
                    _velocities[places[i]] = gradients[i].clone().DetachFromDisposeScope();
            }
            torch.Tensor[] velocities = [.. places.Select(place => _velocities[place]!)];
            return nesterov ? Aten.Many("_foreach_add.List", gradients, velocities, (Scalar)momentum) : velocities;
        }
    }
}
