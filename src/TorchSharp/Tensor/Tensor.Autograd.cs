using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The gathered gradient; null where there is none. Each read is a new handle to the same tensor.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint gradient;
                Native.Check(Native.harness_gradient(Handle, &gradient));
                GC.KeepAlive(this);
                return gradient == 0 ? null : Own(gradient);
            }
            set
            {
                Native.Check(Native.harness_set_gradient(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        /// <summary>Adds the gradient of this one-element tensor to every leaf that it came from.</summary>
        public void backward() => autograd.backward(this);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(this, grad_tensors, retain_graph, create_graph, inputs);

        public Tensor detach() => Aten.One("detach", this);
        public Tensor detach_() => Aten.InPlace("detach_", this);

        /// <summary>A second handle to the same tensor.</summary>
        public unsafe Tensor alias()
        {
            nint handle;
            Native.Check(Native.harness_alias(Handle, &handle));
            GC.KeepAlive(this);
            return Own(handle);
        }
    }

    /// <summary>Gradients as functions.</summary>
    public static partial class autograd
    {
        /// <summary>Gradients of the outputs' sum, weighted by <paramref name="grad_outputs"/>, by each input.</summary>
        /// <returns>One tensor per input; null for an unused one where <paramref name="allow_unused"/>.</returns>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false)
        {
            var gradients = stackalloc nint[inputs.Count];
            using (HandleList o = new(outputs), i = new(inputs), s = new(grad_outputs))
            {
                Value results = o.Value, leaves = i.Value, seeds = s.Value;
                Fail("autograd.grad", outputs, Native.harness_gradients(
                    &results, &leaves, &seeds, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, gradients));
            }
            var found = new Tensor[inputs.Count];
            for (var k = 0; k < found.Length; k++)
                found[k] = gradients[k] == 0 ? null! : Tensor.Own(gradients[k]);
            return found;
        }

        /// <summary>Adds the tensors' gradients to the leaves, or to <paramref name="inputs"/> alone where given.</summary>
        public static unsafe void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            using HandleList o = new(tensors), s = new(grad_tensors), i = new(inputs);
            Value results = o.Value, seeds = s.Value, leaves = i.Value;
            Fail("backward", tensors, Native.harness_backward(
                &results, &seeds, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, &leaves));
        }

        public static void backward(
            Tensor tensor,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) => backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        private static void Fail(string what, IList<Tensor> outputs, int status)
        {
            if (status == 0)
                return;
            Native.Rethrow();
            throw new TorchException($"{what}({string.Join(", ", outputs)}): {Native.LastError}");
        }
    }
}
