using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using Harness.Measuring.Cells;

namespace Harness.Planning;

/// <summary>
/// The part of every key that does not come from declarations: the code and libraries that compute, and the machine's arithmetic.
/// </summary>
/// <param name="Assemblies">Content hash of each assembly that computes numbers, by name.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Numerics">The machine's <see cref="NumericsClass"/> on the device.</param>
/// <param name="Device">Where tensors are computed: <c>cpu</c> or <c>cuda</c>. The numerics class says it too.</param>
public sealed record KeyContext(
    IReadOnlyDictionary<string, string> Assemblies, string Libtorch, string Numerics, string Device = KeyContext.Cpu)
{
    /// <summary>The devices.</summary>
    public const string Cpu = "cpu", Cuda = "cuda";

    private const string TorchSharp = "TorchSharp", Models = "Harness.Models", Editing = "Harness.Editing", Measuring = "Harness.Measuring";
    private static readonly ConcurrentDictionary<string, string> Hashes = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, KeyContext> Ours = new(StringComparer.Ordinal);

    /// <summary>That of this process on its CPU, found once.</summary>
    public static KeyContext Current => For(Cpu);

    /// <summary>That of this process on a device, found once.</summary>
    /// <exception cref="InputException">This libtorch has no such device.</exception>
    public static KeyContext For(string device) => Ours.GetOrAdd(device, static device => new KeyContext(
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [TorchSharp] = HashOf(typeof(TorchSharp.torch).Assembly),
            [Models] = HashOf(typeof(Harness.Models.Transformer).Assembly),
            [Editing] = HashOf(typeof(Harness.Editing.IEditor).Assembly),
            [Measuring] = HashOf(typeof(CellRunner).Assembly),
        },
        NumericsClass.Libtorch,
        NumericsClass.Of(device),
        device));

    /// <summary>The assemblies whose code a kind of cell runs. World, Dataset and Tokenizer cells never reach libtorch.</summary>
    public static IReadOnlyList<string> AssembliesOf(CellKind kind) => kind switch
    {
        CellKind.World or CellKind.Dataset or CellKind.Tokenizer => [Models, Measuring],
        CellKind.Model or CellKind.Statistics => [TorchSharp, Models, Measuring],
        _ => [TorchSharp, Models, Editing, Measuring],
    };

    /// <summary>Whether libtorch and the machine's arithmetic can change a kind of cell.</summary>
    public static bool UsesLibtorch(CellKind kind) => AssembliesOf(kind).Contains(TorchSharp);

    private static string HashOf(Assembly assembly) =>
        Hashes.GetOrAdd(assembly.Location, file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
}
