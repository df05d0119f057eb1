using Harness.Declarations.Yaml;
using Harness.Measuring.Yaml;
using Numbers = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string,
    System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string, double>>>>;

namespace Harness.Declarations;

/// <summary>How people write the papers' models and data sets (experiments/names.yaml): <c>LLaMA-2-7B</c> for <c>llama2-7b</c>.</summary>
internal sealed class PaperNames
{
    private readonly DeclarationErrors errors;
    private readonly bool isRead;
    private readonly Dictionary<string, string> models, datasets;

    /// <summary>Reads the file's map; names that are no text are noted.</summary>
    public PaperNames(YamlMap map, DeclarationErrors errors)
    {
        this.errors = errors;
        var binder = new YamlBinder(errors);
        var file = binder.Bind<NamesFile>(map, "the names' file");
        isRead = file is not null;
        Dictionary<string, string> Read(YamlMap? names) => (names?.Entries ?? [])
            .Select(entry => (entry.Key, Title: binder.Bind<YamlScalar>(entry.Value, $"'{entry.Key}'")?.Text))
            .Where(name => name.Title is not null).ToDictionary(name => name.Key, name => name.Title!, StringComparer.Ordinal);
        (models, datasets) = (Read(file?.Models), Read(file?.Datasets));
    }

    /// <summary>A model as people write it; its key where that is unknown, which <see cref="Check"/> reports.</summary>
    public string Model(string name) => models.GetValueOrDefault(name, name);

    /// <summary>The same for a data set.</summary>
    public string Dataset(string name) => datasets.GetValueOrDefault(name, name);

    /// <summary>Notes the models and data sets of an experiment that have no name; none where the names' file itself was wrong.</summary>
    public void Check(ExperimentFile file)
    {
        if (!isRead) return;
        foreach (var model in file.Models.Where(model => !models.ContainsKey(model.Text)))
            errors.AddUnknown(model.Place, "model", model.Text, models.Keys);
        foreach (var dataset in file.Datasets.Where(dataset => !datasets.ContainsKey(dataset.Text)))
            errors.AddUnknown(dataset.Place, "data set", dataset.Text, datasets.Keys);
    }

    private sealed record NamesFile
    {
        public required YamlMap Models { get; init; }
        public required YamlMap Datasets { get; init; }
    }
}

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
