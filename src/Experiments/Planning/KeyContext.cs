using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using Harness.Studies.Cells;

namespace Harness.Experiments.Planning;

/// <summary>
/// The part of every key that does not come from declarations: the code and libraries that compute, and the machine's arithmetic.
/// </summary>
/// <param name="Assemblies">Content hash of each assembly that computes numbers, by name.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Numerics">The machine's <see cref="NumericsClass"/>.</param>
public sealed record KeyContext(IReadOnlyDictionary<string, string> Assemblies, string Libtorch, string Numerics)
{
    private const string TorchSharp = "TorchSharp", Models = "Harness.Models", Editing = "Harness.Editing", Studies = "Harness.Studies";
    private static readonly ConcurrentDictionary<string, string> Hashes = new(StringComparer.Ordinal);
    private static readonly Lazy<KeyContext> Ours = new(() => new KeyContext(
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [TorchSharp] = HashOf(typeof(TorchSharp.torch).Assembly),
            [Models] = HashOf(typeof(Harness.Models.Transformer).Assembly),
            [Editing] = HashOf(typeof(Harness.Editing.IEditor).Assembly),
            [Studies] = HashOf(typeof(CellRunner).Assembly),
        },
        NumericsClass.Libtorch,
        NumericsClass.Current));

    /// <summary>That of this process, found once.</summary>
    public static KeyContext Current => Ours.Value;

    /// <summary>The assemblies whose code a kind of cell runs. World, Dataset and Tokenizer cells never reach libtorch.</summary>
    public static IReadOnlyList<string> AssembliesOf(CellKind kind) => kind switch
    {
        CellKind.World or CellKind.Dataset or CellKind.Tokenizer => [Models, Studies],
        CellKind.Model or CellKind.Statistics => [TorchSharp, Models, Studies],
        _ => [TorchSharp, Models, Editing, Studies],
    };

    /// <summary>Whether libtorch and the machine's arithmetic can change a kind of cell.</summary>
    public static bool UsesLibtorch(CellKind kind) => AssembliesOf(kind).Contains(TorchSharp);

    private static string HashOf(Assembly assembly) =>
        Hashes.GetOrAdd(assembly.Location, file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
}
