using Harness.Declarations.Yaml;
using Numbers = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string,
    System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string, double>>>>;

namespace Harness.Declarations;

/// <summary>The papers' numbers, experiments/published/*.yaml: table → data set → model → editor → metric → percent.</summary>
internal sealed class PublishedTables(string folder, string name, DeclarationErrors errors)
{
    private static readonly Numbers Nothing =
        new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>>>();
    private readonly Dictionary<string, YamlMap?> files = new(StringComparer.Ordinal);

    /// <summary>One table without its <c>source</c>; empty without a reference or after an error.</summary>
    public Numbers Read(PublishedReference? reference)
    {
        if (reference is null || Open(reference.File) is not { } file)
            return Nothing;
        var table = reference.Table.Text;
        if (file.Find(table) is not YamlMap rows)
        {
            errors.AddUnknown(reference.Table.Place, "table", table, [.. file.Keys]);
            return Nothing;
        }

        return new YamlBinder(errors).Bind<Numbers>(rows.Without("source"), $"published table '{table}'") ?? Nothing;
    }

    private YamlMap? Open(YamlScalar file)
    {
        if (files.TryGetValue(file.Text, out var known))
            return known;
        if (Path.IsPathRooted(file.Text) || file.Text.Split('/', '\\').Contains(".."))
        {
            errors.Add(file.Place, $"'file' of 'published': found '{file.Text}', expected the name of a file in {name}.");
            return files[file.Text] = null;
        }

        var path = Path.Combine(folder, file.Text);
        if (File.Exists(path))
            return files[file.Text] = YamlReader.ReadFile(path, $"{name}/{file.Text}", errors);
        var there = Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*.yaml").Select(one => Path.GetFileName(one)).Order(StringComparer.Ordinal).ToList() : [];
        errors.AddUnknown(file.Place, "published file", file.Text, there);
        return files[file.Text] = null;
    }
}
