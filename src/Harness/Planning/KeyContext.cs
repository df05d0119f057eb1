using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Models;
using Harness.Models.Torch;

namespace Harness.Planning;

/// <summary>
/// The part of every key that does not come from declarations: the code and libraries that compute, and the machine's arithmetic.
/// </summary>
/// <param name="CodeOf">The code of a kind of cell under its options: hashes by namespace, and by name for packages.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Numerics">The machine's <see cref="NumericsClass"/> on the device.</param>
/// <param name="Device">Where tensors are computed: <c>cpu</c> or <c>cuda</c>. The numerics class says it too.</param>
public sealed record KeyContext(
    Func<Cell, JsonObject, IReadOnlyDictionary<string, string>> CodeOf, string Libtorch, string Numerics, string Device = KeyContext.Cpu)
{
    /// <summary>The devices.</summary>
    public const string Cpu = "cpu", Cuda = "cuda";

    internal static readonly Lazy<ReachedCode> Code = new(() => new ReachedCode(
        [typeof(Transformer).Assembly, typeof(IEditor).Assembly, typeof(Cell).Assembly],
        new HashSet<string> { typeof(EditorRegistry).FullName! }));

    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> Reached = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, KeyContext> Ours = new(StringComparer.Ordinal);

    /// <summary>That of this process on its CPU, found once.</summary>
    public static KeyContext Current => For(Cpu);

    /// <summary>That of this process on a device, found once.</summary>
    /// <exception cref="InputException">This libtorch has no such device.</exception>
    public static KeyContext For(string device) => Ours.GetOrAdd(
        device, static device => new KeyContext(ReachedCodeOf, NumericsClass.Libtorch, NumericsClass.Of(device), device));

    /// <summary>
    /// The compiled code of a kind of cell: what its body reaches, and what the editors that its options name are made by.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> ReachedCodeOf(Cell kind, JsonObject options)
    {
        var editors = kind.EditorsOf(options).Distinct().Order(StringComparer.Ordinal).ToList();
        return Reached.GetOrAdd($"{kind.Kind} {string.Join(' ', editors)}", _ =>
        {
            // What is learnt before an edit is not changed by how it edits then.
            var functions = editors.Select(EditorRegistry.Find)
                .SelectMany(editor => kind is TrainingCell ? editor.Training?.Functions ?? [] : editor.Functions)
                .Select(function => (MemberInfo)function.Method);
            lock (Code) return Code.Value.From([kind.GetType(), .. kind.UsesLibtorch ? [typeof(Libtorch)] : (Type[])[], .. functions]);
        });
    }
}
