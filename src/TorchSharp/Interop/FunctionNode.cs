using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp.Interop;

/// <summary>What libtorch calls for a node whose backward is managed code; native/function.cpp has the same two.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Callbacks
{
    public delegate* unmanaged<nint, nint, nint*, int, nint> Backward;
    public delegate* unmanaged<nint, void> Released;
}

/// <summary>
/// The managed state of a node of the graph; the native node holds it until the graph is freed. Backward runs on the thread that libtorch
/// chooses: the caller's on the CPU, the device's own on CUDA.
/// </summary>
internal sealed unsafe class FunctionNode(string name, AutogradContext context, Func<AutogradContext, Tensor, List<Tensor?>> backward)
{
    private bool[] _isTensor = [];

    /// <summary>A new handle to what forward made, from which gradients go back to the tensors among its arguments.</summary>
    public Tensor Tie(Tensor made, object[] arguments)
    {
        // Not the arguments themselves: the graph keeps no tensor that forward did not save.
        _isTensor = [.. arguments.Select(argument => argument is Tensor)];
        var calls = new Callbacks { Backward = &Backward, Released = &Released };
        nint node, output;
        using (HandleList i = new([.. arguments.OfType<Tensor>()]), s = new(context.Saved))
        {
            Value inputs = i.Value, saved = s.Value;
            fixed (byte* title = Encoding.UTF8.GetBytes(name + '\0'))
            {
                var state = GCHandle.ToIntPtr(GCHandle.Alloc(this));
                Native.Check(Native.harness_function(&calls, state, title, &inputs, &saved, made.Handle, &node, &output));
            }
        }
        GC.KeepAlive(made);
        context.Enter(node);
        return Tensor.Own(output);
    }

    [UnmanagedCallersOnly]
    private static nint Backward(nint state, nint gradient, nint* gradients, int count)
    {
        try
        {
            using var scope = NewDisposeScope();
            ((FunctionNode)GCHandle.FromIntPtr(state).Target!).Backward(Tensor.Own(gradient), new(gradients, count));
            return 0;
        }
        // None may pass through native code: it travels as a handle to the caller of backward.
        catch (Exception thrown)
        {
            return GCHandle.ToIntPtr(GCHandle.Alloc(thrown));
        }
    }

    [UnmanagedCallersOnly]
    private static void Released(nint state)
    {
        var handle = GCHandle.FromIntPtr(state);
        ((FunctionNode)handle.Target!).Leave();
        handle.Free();
    }

    private void Leave() => context.Leave();

    private void Backward(Tensor gradient, Span<nint> gradients)
    {
        var found = backward(context, gradient);
        if (found.Count != _isTensor.Length)
            throw new InvalidOperationException($"{name}: backward gave {found.Count} gradients for {_isTensor.Length} arguments");
        var place = 0;
        for (var i = 0; i < found.Count; i++)
        {
            if (_isTensor[i])
                gradients[place++] = found[i] is { } given ? given.alias().MoveHandle() : 0;
            else if (found[i] is not null)
                throw new InvalidOperationException($"{name}: backward gave a gradient for argument {i + 1}, which is no tensor");
        }
    }
}
