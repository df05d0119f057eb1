using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>The handles of a list of tensors, pinned while in use; a null list is an absent one.</summary>
internal sealed class HandleList : IDisposable
{
    private readonly IList<Tensor>? _tensors;
    private readonly GCHandle _pin;

    public HandleList(IList<Tensor>? tensors)
    {
        _tensors = tensors;
        if (tensors is null)
            return;
        var handles = new nint[tensors.Count];
        for (var i = 0; i < handles.Length; i++)
            handles[i] = tensors[i].Handle;
        _pin = GCHandle.Alloc(handles, GCHandleType.Pinned);
        Value = new Value { Tag = Tag.Tensors, Count = handles.Length, Bits = _pin.AddrOfPinnedObject() };
    }

    public Value Value { get; }

    public void Dispose()
    {
        if (_pin.IsAllocated)
            _pin.Free();
        GC.KeepAlive(_tensors);
    }
}
