using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Optimizers over lists of parameters.</summary>
    public static partial class optim
    {
        /// <summary>A learning rate that a schedule may change between steps.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }

        /// <summary>Changes parameters by their gradients; its state dies with it. One group: all have the same options.</summary>
        public abstract class Optimizer : IDisposable
        {
            private readonly Group _group;

            private protected Optimizer(IEnumerable<Parameter> parameters, double learningRate)
            {
                if (!(learningRate >= 0))
                    throw new ArgumentException($"Invalid learning rate: {learningRate}", nameof(learningRate));
                Parameters = [.. parameters];
                _group = new Group { LearningRate = learningRate, InitialLearningRate = learningRate };
            }

            /// <summary>The groups, each with its learning rate; here the one.</summary>
            public virtual IEnumerable<ILearningRateController> ParamGroups => [_group];

            private protected double LearningRate => _group.LearningRate;

            private protected Parameter[] Parameters { get; }

            public virtual IEnumerable<Parameter> parameters() => Parameters;

            /// <summary>Sets all gradients to zero; they are kept, as the package keeps them.</summary>
            public virtual void zero_grad()
            {
                using var steps = NewDisposeScope();
                foreach (var parameter in Parameters)
                    parameter.grad?.zero_();
            }

            /// <summary>One update of every parameter that has a gradient.</summary>
            /// <returns>The closure's loss, where one was given.</returns>
            public virtual Tensor? step(Func<Tensor>? closure = null)
            {
                Tensor? loss = null;
                if (closure is not null)
                {
                    using (enable_grad())
                        loss = closure();
                }
                using var recording = no_grad();
                using var steps = NewDisposeScope();
                List<int> places = [];
                List<Tensor> gradients = [];
                for (var i = 0; i < Parameters.Length; i++)
                {
                    if (Parameters[i].grad is not { } gradient)
                        continue;
                    places.Add(i);
                    gradients.Add(gradient);
                }
                if (places.Count > 0)
                    Update([.. places], [.. places.Select(place => (Tensor)Parameters[place])], [.. gradients]);
                return loss;
            }

            /// <inheritdoc/>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Disposes the state.</summary>
            protected virtual void Dispose(bool disposing)
            {
            }

            /// <summary>Updates the parameters at the given places.</summary>
            private protected abstract void Update(int[] places, Tensor[] values, Tensor[] gradients);

            /// <summary>Zeros like each parameter, owned by the optimizer.</summary>
            private protected Tensor[] State() =>
                [.. Parameters.Select(parameter => parameter.detach().zeros_like().DetachFromDisposeScope())];

            /// <summary>values += alpha · change, in one call for all.</summary>
            private protected static void Add(Tensor[] values, Tensor[] change, double alpha = 1) =>
                Aten.Run("_foreach_add_.List", values, change, (Scalar)alpha);

            /// <summary>values ·= factor, in one call for all.</summary>
            private protected static void Multiply(Tensor[] values, double factor) =>
                Aten.Run("_foreach_mul_.Scalar", values, (Scalar)factor);

            private sealed class Group : ILearningRateController
            {
                public double LearningRate { get; set; }

                public double InitialLearningRate { get; set; }
            }
        }
    }
}
