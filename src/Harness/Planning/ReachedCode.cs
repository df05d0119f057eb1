using System.Reflection;
using Harness.Models.Checkpoints;

namespace Harness.Planning;

/// <summary>
/// What compiled code says, and which code it reaches: the part of a cell's key that stands for the code. From where a body begins, every
/// type that a reached type names is reached too: in a signature, an instruction, a base type, an attribute. A type's hash is over its
/// members, their instructions and constants with all names written out, so that neither the place of a type in its file nor other types
/// change it, nor does where they are built. Comments and layout change nothing.
/// </summary>
/// <param name="assemblies">The assemblies whose code is walked. Of others, the file's hash counts; of the runtime's own nothing.</param>
/// <param name="boundaries">
/// Full names of types that are not walked: tables of everything there is, out of which an option chooses; what is chosen is walked
/// besides.
/// </param>
internal sealed class ReachedCode(IReadOnlyList<Assembly> assemblies, IReadOnlySet<string> boundaries)
{
    private static readonly string Runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
    private readonly Dictionary<string, CompiledAssembly> walked = assemblies.Select(assembly => new CompiledAssembly(assembly))
        .ToDictionary(assembly => assembly.Name, StringComparer.Ordinal);
    private readonly Dictionary<TypeName, CompiledCode?> types = [];
    private readonly Dictionary<string, string?> packages = new(StringComparer.Ordinal);

    /// <summary>Hashes of the code that some begins reach: by namespace for the walked assemblies, by name for packages.</summary>
    /// <param name="begins">Types, and functions, which are walked alone, without the rest of the type that holds them.</param>
    public IReadOnlyDictionary<string, string> From(IEnumerable<MemberInfo> begins)
    {
        var (open, seen, code) = (new Stack<TypeName>(), new HashSet<TypeName>(), new List<CompiledCode>());
        foreach (var begin in begins)
        {
            if (begin is Type type) open.Push(TypeName.Of(type));
            else Follow(walked[begin.Module.Assembly.GetName().Name!].Function((MethodInfo)begin));
        }

        while (open.TryPop(out var name))
            if (seen.Add(name) && !IsBoundary(name) && Find(name) is { } found) Follow(found);

        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var space in code.GroupBy(part => part.Namespace, StringComparer.Ordinal))
            hashes[space.Key] = TextHash.Of(
                string.Join('\n', space.Select(part => $"{part.Label} {part.Hash}").Order(StringComparer.Ordinal)));

        foreach (var assembly in seen.Select(type => type.Assembly).Distinct())
        {
            var (what, hash) = walked.TryGetValue(assembly, out var ours) ? ($"{assembly}'s files", ours.Files)
                : (assembly, PackageHash(assembly));
            if (hash is not null) hashes[what] = hash;
        }

        return hashes;

        void Follow(CompiledCode part)
        {
            code.Add(part);
            foreach (var name in part.Names) open.Push(name);
        }
    }

    private bool IsBoundary(TypeName type) => boundaries.Contains(type.Name.Split('/')[0]);

    private CompiledCode? Find(TypeName name)
    {
        if (!walked.TryGetValue(name.Assembly, out var assembly)) return null;
        if (!types.TryGetValue(name, out var found)) types.Add(name, found = assembly.Type(name.Name));
        return found;
    }

    private string? PackageHash(string name)
    {
        if (packages.TryGetValue(name, out var known)) return known;
        var file = Assembly.Load(name).Location;
        return packages[name] = Path.GetDirectoryName(file) == Runtime ? null : Sha256.Of(file);
    }
}

/// <summary>What a type, or a function alone, says, and what it names.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Label">Its name without what depends on other code's place.</param>
/// <param name="Hash">SHA-256 of what it says.</param>
/// <param name="Names">The types that it names.</param>
internal sealed record CompiledCode(string Namespace, string Label, string Hash, IReadOnlySet<TypeName> Names);
