using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward keeps for its backward.</summary>
        public sealed class AutogradContext
        {
            private readonly Dictionary<string, object> _data = [];
            private nint _node;
            private int _count;

            internal AutogradContext()
            {
            }

            internal List<Tensor> Saved { get; private set; } = [];

            /// <summary>Tensors for backward. The graph keeps them until it is freed, and refuses them if they were changed meanwhile.</summary>
            public void save_for_backward(List<Tensor> tensors) => Saved = tensors;

            /// <summary>The saved tensors, in their order.</summary>
            /// <exception cref="TorchException">A tensor was changed in place, or a backward before this one freed the graph.</exception>
            /// <exception cref="InvalidOperationException">Outside of backward.</exception>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (_node == 0)
                    throw new InvalidOperationException("saved variables can be read in backward only");
                var handles = stackalloc nint[_count];
                Native.Check(Native.harness_function_saved(_node, handles));
                var tensors = new List<Tensor>(_count);
                for (var i = 0; i < _count; i++)
                    tensors.Add(Tensor.Own(handles[i]));
                return tensors;
            }

            /// <summary>Keeps anything but a tensor for backward.</summary>
            public void save_data(string key, object value) => _data[key] = value;

            /// <summary>What forward saved under a name; null where it saved nothing.</summary>
            public object? get_data(string key) => _data.GetValueOrDefault(key);

            /// <summary>The node of the graph that holds the saved tensors from now on.</summary>
            internal void Enter(nint node) => (_node, _count, Saved) = (node, Saved.Count, []);

            /// <summary>The graph is freed.</summary>
            internal void Leave() => _node = 0;
        }

        /// <summary>
        /// A function with a backward of its own. Call <see cref="apply"/>; forward then runs without gradients, and an exception in
        /// backward reaches the caller of <see cref="Tensor.backward()"/> as it is.
        /// </summary>
        /// <typeparam name="T">The function itself; one instance serves all calls.</typeparam>
        public abstract class SingleTensorFunction<T> where T : SingleTensorFunction<T>, new()
        {
            private static readonly T s_instance = new();

            /// <summary>The name that libtorch's messages use.</summary>
            public abstract string Name { get; }

            /// <summary>The function's value. Gradients flow to the tensors among the arguments.</summary>
            public static Tensor apply(params object[] vars)
            {
                var context = new AutogradContext();
                Tensor made;
                using (no_grad())
                    made = s_instance.forward(context, vars);
                if (!is_grad_enabled() || !vars.Any(value => value is Tensor { requires_grad: true }))
                    return made;
                var tied = new FunctionNode(s_instance.Name, context, s_instance.backward).Tie(made, vars);
                if (!vars.Contains(made))
                    made.Dispose();
                return tied;
            }

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            /// <returns>One gradient per argument; null for what is no tensor or needs none.</returns>
            public abstract List<Tensor?> backward(AutogradContext ctx, Tensor grad_output);
        }
    }
}
