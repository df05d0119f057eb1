using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// Calls ATen operators by name ("add.Tensor" is overload Tensor of aten::add). Arguments stand in the schema's order; those left out at
/// the end take the schema's defaults. A tensor among the results enters the thread's current dispose scope.
/// </summary>
internal static unsafe class Aten
{
    private const int InlineWords = 64;

    private static readonly ConcurrentDictionary<string, nint> Operators = new();

    /// <summary>Does this libtorch have the operator?</summary>
    internal static bool Has(string name) => Find(name) != 0;

    /// <summary>The one tensor that an operator makes.</summary>
    internal static Tensor One(string name, params ReadOnlySpan<Arg> arguments) => Wrap(Call(name, arguments)[0])!;

    /// <summary>The two tensors that an operator makes.</summary>
    internal static (Tensor, Tensor) Two(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = Call(name, arguments);
        return (Wrap(results[0])!, Wrap(results[1])!);
    }

    /// <summary>The three tensors that an operator makes.</summary>
    internal static (Tensor, Tensor, Tensor) Three(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = Call(name, arguments);
        return (Wrap(results[0])!, Wrap(results[1])!, Wrap(results[2])!);
    }

    /// <summary>All tensors that an operator makes, lists flattened.</summary>
    internal static Tensor[] Many(string name, params ReadOnlySpan<Arg> arguments)
    {
        var results = Call(name, arguments);
        var tensors = new Tensor[results.Length];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = Wrap(results[i])!;
        return tensors;
    }

    /// <summary>The truth value that an operator makes.</summary>
    internal static bool Truth(string name, params ReadOnlySpan<Arg> arguments) => Call(name, arguments)[0].Bits != 0;

    /// <summary>Changes the first argument and returns that same object.</summary>
    internal static Tensor InPlace(string name, params ReadOnlySpan<Arg> arguments)
    {
        Call(name, arguments, keep: false);
        return (Tensor)arguments[0].Owner!;
    }

    /// <summary>Calls for the effect alone.</summary>
    internal static void Run(string name, params ReadOnlySpan<Arg> arguments) => Call(name, arguments, keep: false);

    [SkipLocalsInit]
    private static ReadOnlySpan<Value> Call(string name, ReadOnlySpan<Arg> arguments, bool keep = true)
    {
        var callee = Find(name);
        if (callee == 0)
            throw new TorchException($"aten::{name}: libtorch {torch.__version__} has no such operator");
        var words = 0;
        foreach (ref readonly var argument in arguments)
            words += argument.Room;
        var values = stackalloc Value[arguments.Length];
        var inline = stackalloc long[InlineWords];
        var large = words > InlineWords ? GC.AllocateUninitializedArray<long>(words, pinned: true) : null;
        var room = large is null ? inline : (long*)Unsafe.AsPointer(ref large[0]);
        for (var i = 0; i < arguments.Length; i++)
        {
            try
            {
                arguments[i].Pack(values + i, ref room);
            }
            catch (InvalidOperationException disposed)
            {
                throw new InvalidOperationException($"aten::{name}: argument {i + 1}: {disposed.Message}", disposed);
            }
        }
        Value* results = null;
        var count = 0;
        var status = Native.harness_call(callee, values, arguments.Length, keep ? &results : null, &count);
        foreach (ref readonly var argument in arguments)
            GC.KeepAlive(argument.Owner);
        GC.KeepAlive(large);
        if (status != 0)
            throw Failure(name, arguments);
        return new(results, count);
    }

    private static Tensor? Wrap(Value value) => value.Tag == Tag.Tensor ? Tensor.Own((nint)value.Bits) : null;

    private static TorchException Failure(string name, ReadOnlySpan<Arg> arguments)
    {
        var reason = Native.LastError;
        var shown = new List<string>();
        foreach (var argument in arguments)
            shown.Add(argument.ToString());
        return new($"aten::{name}({string.Join(", ", shown)}): {reason}");
    }

    private static nint Find(string name) => Operators.TryGetValue(name, out var found) ? found : Operators.GetOrAdd(name, Load);

    private static nint Load(string name)
    {
        var dot = name.IndexOf('.');
        var schema = Encoding.UTF8.GetBytes("aten::" + (dot < 0 ? name : name[..dot]) + '\0');
        var overload = Encoding.UTF8.GetBytes((dot < 0 ? "" : name[(dot + 1)..]) + '\0');
        nint found;
        fixed (byte* schemaText = schema, overloadText = overload)
            Native.Check(Native.harness_operator(schemaText, overloadText, &found));
        return found;
    }
}
