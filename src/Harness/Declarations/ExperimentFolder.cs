using Harness.Measuring.Yaml;

namespace Harness.Declarations;

/// <summary>The files below experiments/, named in errors from that folder on.</summary>
internal sealed class ExperimentFolder
{
    /// <summary>The folder of sweeps.</summary>
    public const string Tuning = "tuning";

    private const string PublishedFolder = "published";
    private readonly string folder;
    private readonly string name;
    private readonly DeclarationErrors errors;

    /// <summary>A folder that exists and holds datasets.yaml, models.yaml and names.yaml.</summary>
    public ExperimentFolder(string folder, DeclarationErrors errors)
    {
        this.errors = errors;
        this.folder = Path.GetFullPath(folder);
        name = Path.GetFileName(Path.TrimEndingDirectorySeparator(this.folder));
        if (!Directory.Exists(folder))
            throw new InputException(
                $"{folder}: no such folder; expected the folder of the experiments' YAML files. Run from the repository's root.");
        StandIns = new StandIns(Read("datasets.yaml"), Read("models.yaml"), errors);
        Names = new PaperNames(Read("names.yaml"), errors);
        Published = new PublishedTables(Path.Combine(this.folder, PublishedFolder), $"{name}/{PublishedFolder}", errors);
    }

    /// <summary>What datasets.yaml and models.yaml declare.</summary>
    public StandIns StandIns { get; }

    /// <summary>How people write the papers' models and data sets.</summary>
    public PaperNames Names { get; }

    /// <summary>The papers' numbers.</summary>
    public PublishedTables Published { get; }

    /// <summary>The sweeps that options may come from, <c>tuning/memit</c>, in ordinal order.</summary>
    public IReadOnlyList<string> Sweeps => Directory.Exists(Path.Combine(folder, Tuning))
        ? [.. Directory.GetFiles(Path.Combine(folder, Tuning), "*.yaml")
            .Select(file => $"{Tuning}/{Path.GetFileNameWithoutExtension(file)}").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Every &lt;paper&gt;/&lt;name&gt;.yaml in ordinal order; unreadable ones are noted and left out.</summary>
    public IEnumerable<(string Paper, string Name, YamlMap Map)> ExperimentFiles()
    {
        foreach (var stray in Directory.GetFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal))
        {
            if (stray is not ("datasets.yaml" or "models.yaml" or "names.yaml"))
                errors.Add(new YamlPlace($"{name}/{stray}", 0, 0),
                    $"an experiment belongs into its paper's folder, {name}/<paper>/{stray}.");
        }

        foreach (var paper in Directory.GetDirectories(folder).Select(path => Path.GetFileName(path))
            .Where(paper => paper != PublishedFolder)
            .Order(StringComparer.Ordinal))
        {
            foreach (var file in Directory.GetFiles(Path.Combine(folder, paper), "*.yaml").Order(StringComparer.Ordinal))
            {
                if (YamlReader.ReadFile(file, $"{name}/{paper}/{Path.GetFileName(file)}", errors) is { } map)
                    yield return (paper, Path.GetFileNameWithoutExtension(file), map);
            }
        }
    }

    private YamlMap Read(string file) =>
        YamlReader.ReadFile(Path.Combine(folder, file), $"{name}/{file}", errors) ?? new YamlMap(new YamlPlace($"{name}/{file}", 0, 0), []);
}
