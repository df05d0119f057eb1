using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Owns every tensor made on its thread while it is the innermost scope, and disposes what it still owns at its end. What must outlive it
/// is moved out or detached.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? s_current;

    private readonly List<IDisposable> _items = [];
    private bool _disposed;

    internal DisposeScope()
    {
        OuterScope = s_current;
        s_current = this;
    }

    internal static DisposeScope? Current => s_current;

    internal DisposeScope? OuterScope { get; private set; }

    /// <summary>How many objects the scope owns now.</summary>
    public int DisposablesCount => _items.Count;

    /// <summary>What the scope owns now.</summary>
    public IReadOnlyList<IDisposable> DisposablesView => [.. _items];

    /// <summary>Gives an object to the enclosing scope; to nobody where there is none.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(OuterScope, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    /// <summary>Gives an object that this scope owns to another scope; null: to nobody.</summary>
    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        if (Remove(disposable))
            scope?.Include(disposable);
        return disposable;
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
            MoveToOther(scope, disposable);
    }

    /// <summary>Frees an object from this scope: whoever holds it disposes it.</summary>
    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther(null, disposable);

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    /// <summary>Takes an object over, from its scope where it has one.</summary>
    public void Attach(IDisposable disposable)
    {
        if (disposable is Tensor { OwningDisposeScope: { } owner } && owner != this)
            owner.Remove(disposable);
        if (!Contains(disposable))
            Include(disposable);
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (var disposable in disposables)
            Attach(disposable);
    }

    /// <summary>Disposes all that the scope owns; the scope stays open.</summary>
    public void DisposeEverything() => DisposeEverythingBut([]);

    /// <summary>Disposes all that the scope owns except what is named, which it keeps.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var keep = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        IDisposable[] items = [.. _items];
        foreach (var item in items)
        {
            if (keep.Contains(item))
                continue;
            Remove(item);
            item.Dispose();
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    /// <summary>Does the scope own the object?</summary>
    public bool Contains(IDisposable disposable) =>
        disposable is Tensor tensor ? tensor.OwningDisposeScope == this : _items.Exists(item => ReferenceEquals(item, disposable));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var item in _items)
        {
            if (item is Tensor tensor)
                tensor.OwningDisposeScope = null;
            item.Dispose();
        }
        _items.Clear();
        Unlink();
    }

    internal void Include(IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (disposable is Tensor tensor)
            (tensor.OwningDisposeScope, tensor.PlaceInScope) = (this, _items.Count);
        _items.Add(disposable);
    }

    /// <summary>Takes an object out; the last one fills its place, so that this costs the same for any number of tensors.</summary>
    internal bool Remove(IDisposable disposable)
    {
        var place = disposable is Tensor owned
            ? (owned.OwningDisposeScope == this ? owned.PlaceInScope : -1)
            : _items.FindLastIndex(item => ReferenceEquals(item, disposable));
        if (place < 0)
            return false;
        var last = _items[^1];
        _items[place] = last;
        if (last is Tensor moved)
            moved.PlaceInScope = place;
        _items.RemoveAt(_items.Count - 1);
        if (disposable is Tensor tensor)
            tensor.OwningDisposeScope = null;
        return true;
    }

    private void Unlink()
    {
        if (s_current == this)
        {
            s_current = OuterScope;
            return;
        }
        for (var scope = s_current; scope is not null; scope = scope.OuterScope)
        {
            if (scope.OuterScope == this)
                scope.OuterScope = OuterScope;
        }
    }
}

public static partial class torch
{
    /// <summary>Opens a scope on this thread; dispose it to close it.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>This thread's innermost scope.</summary>
    public static DisposeScope? CurrentDisposeScope => DisposeScope.Current;
}
