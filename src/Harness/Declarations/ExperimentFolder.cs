using System.Text.RegularExpressions;
using Harness.Declarations.Yaml;
using Harness.Measuring.Yaml;
using Harness.Tuning;

namespace Harness.Declarations;

/// <summary>A file below experiments/, known by the target that it declares; nothing else of it is read.</summary>
/// <param name="Target">Its Cake target, <c>LocFT-Table3</c>; empty where the file declares none.</param>
/// <param name="Paper">Its folder below experiments/, and below a scale's results: <c>locft</c>.</param>
/// <param name="Name">The file's name without extension, <c>table3</c>.</param>
public sealed partial record ExperimentSource(string Target, string Paper, string Name)
{
    /// <summary>The folder of sweeps.</summary>
    public const string Tuning = "tuning";

    /// <summary>The target that searches every editor's options.</summary>
    public const string Tune = "Tune";

    /// <summary>Whether it is no paper's, but a sweep that options were chosen by.</summary>
    public bool IsSweep => Paper == Tuning;

    /// <summary>
    /// The target that stands for all of its paper: LocFT-Table3 is of LocFT; the paper whose targets bear no name is called as its folder
    /// is. Sweeps have none: they are run one by one.
    /// </summary>
    public string Group => IsSweep ? Tune : Target.Split('-') is [var paper, _, ..] ? paper : Paper.ToUpperInvariant();

    /// <summary>Reads what a file declares as its target.</summary>
    internal static ExperimentSource Of(string file)
    {
        var target = File.ReadLines(file).Select(line => TargetLine().Match(line)).FirstOrDefault(match => match.Success);
        return new(
            target?.Groups["name"].Value ?? "", Path.GetFileName(Path.GetDirectoryName(file)!), Path.GetFileNameWithoutExtension(file));
    }

    [GeneratedRegex("""^target:\s*["']?(?<name>[\w-]+)["']?\s*(#.*)?$""", RegexOptions.ExplicitCapture)]
    private static partial Regex TargetLine();
}

/// <summary>The files below experiments/, named in errors from that folder on.</summary>
internal sealed class ExperimentFolder
{
    private const string PublishedFolder = "published";
    private readonly string folder;
    private readonly string name;
    private readonly DeclarationErrors errors;
    private readonly Dictionary<string, ChosenOptions> chosen = new(StringComparer.Ordinal);

    /// <summary>A folder that exists and holds datasets.yaml, models.yaml and names.yaml.</summary>
    /// <exception cref="InputException">It does not, or these cannot be read: nothing else is then said.</exception>
    public ExperimentFolder(string folder, DeclarationErrors errors)
    {
        this.errors = errors;
        this.folder = Path.GetFullPath(folder);
        name = Path.GetFileName(Path.TrimEndingDirectorySeparator(this.folder));
        if (!Directory.Exists(folder))
            throw new InputException(
                $"{folder}: no such folder; expected the folder of the experiments' YAML files. Run from the repository's root.");
        var (datasets, models, names) = (Read("datasets.yaml"), Read("models.yaml"), Read("names.yaml"));

        // Every experiment would lack what an unreadable one declares.
        errors.ThrowIfAny();
        StandIns = new StandIns(datasets, models, errors);
        Names = new PaperNames(names, errors);
        Published = new PublishedTables(Path.Combine(this.folder, PublishedFolder), $"{name}/{PublishedFolder}", errors);
    }

    /// <summary>What datasets.yaml and models.yaml declare.</summary>
    public StandIns StandIns { get; }

    /// <summary>How people write the papers' models and data sets.</summary>
    public PaperNames Names { get; }

    /// <summary>The papers' numbers.</summary>
    public PublishedTables Published { get; }

    /// <summary>The sweeps that options may come from, <c>tuning/city</c>, in ordinal order.</summary>
    public IReadOnlyList<string> Sweeps => Directory.Exists(Path.Combine(folder, ExperimentSource.Tuning))
        ? [.. FilesOf(Path.Combine(folder, ExperimentSource.Tuning))
            .Select(file => $"{ExperimentSource.Tuning}/{Path.GetFileNameWithoutExtension(file)}").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A scale of an experiment with its rows, which may stand in another file; null after an error.</summary>
    public ScaleFile? Scale(string paper, YamlEntry entry, YamlBinder binder)
    {
        if (binder.Bind<ScaleFile>(entry.Value, $"scale '{entry.Key}'") is not { } block) return null;
        var places = new[] { block.Editors.Entries.Count > 0, block.EditorsOf is not null, block.Trace is not null }.Count(given => given);
        if (places != 1)
        {
            errors.Add(entry.Place, $"scale '{entry.Key}': expected 'editors', 'editors-of' with the file whose rows these are, or "
                + $"'trace', found {(places == 0 ? "none" : "several")} of them.");
            return null;
        }

        if (block.EditorsOf is not { } other) return block;
        var files = Sources(folder).Where(source => source.Paper == paper).ToList();
        if (files.Find(source => source.Name == other.Text) is { } file)
        {
            if (((Read(file)?.Find("scales") as YamlMap)?.Find(entry.Key) as YamlMap)?.Find("editors") is YamlMap rows)
                return block with { Editors = rows };
            errors.Add(other.Place, $"'editors-of': found no 'editors' of scale '{entry.Key}' in {paper}/{file.Name}.yaml, expected some.");
            return null;
        }

        errors.AddUnknown(other.Place, "experiment of this folder", other.Text, [.. files.Select(source => source.Name)]);
        return null;
    }

    /// <summary>Every &lt;paper&gt;/&lt;name&gt;.yaml in ordinal order; none where there is no such folder.</summary>
    public static IReadOnlyList<ExperimentSource> Sources(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. from paper in Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
           where Path.GetFileName(paper) != PublishedFolder
           from file in FilesOf(paper)
           select ExperimentSource.Of(file),
    ];

    // A paper's files, without those of the search.
    private static IEnumerable<string> FilesOf(string paper) => Directory.GetFiles(paper, "*.yaml").Order(StringComparer.Ordinal)
        .Where(file => Path.GetFileName(paper) != ExperimentSource.Tuning || !ChosenOptions.IsOfSearch(Path.GetFileName(file)));

    /// <summary>An experiment's file below experiments/, as errors name it.</summary>
    public string NameOf(ExperimentSource source) => $"{name}/{source.Paper}/{source.Name}.yaml";

    /// <summary>The content of an experiment's file; null, and a note, where it cannot be read.</summary>
    public YamlMap? Read(ExperimentSource source) =>
        YamlReader.ReadFile(Path.Combine(folder, source.Paper, $"{source.Name}.yaml"), NameOf(source), errors);

    /// <summary>What a search chose at a scale.</summary>
    public ChosenOptions Chosen(string scale)
    {
        var file = ChosenOptions.FileOf(scale);
        if (!chosen.TryGetValue(scale, out var read))
        {
            chosen[scale] = read = ChosenOptions.Read(
                Path.Combine(folder, ExperimentSource.Tuning, file), $"{name}/{ExperimentSource.Tuning}/{file}", scale, errors);
        }

        return read;
    }

    /// <summary>The content of the file of spaces; null, and a note, where it cannot be read.</summary>
    public YamlMap? Spaces() => YamlReader.ReadFile(
        Path.Combine(folder, ExperimentSource.Tuning, ChosenOptions.SpacesFile),
        $"{name}/{ExperimentSource.Tuning}/{ChosenOptions.SpacesFile}", errors);

    /// <summary>Notes files that lie where no experiment does.</summary>
    public void CheckStrays()
    {
        foreach (var stray in Directory.GetFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal))
        {
            if (stray is not ("datasets.yaml" or "models.yaml" or "names.yaml"))
                errors.Add(new YamlPlace($"{name}/{stray}", 0, 0),
                    $"an experiment belongs into its paper's folder, {name}/<paper>/{stray}.");
        }
    }

    private YamlMap Read(string file) =>
        YamlReader.ReadFile(Path.Combine(folder, file), $"{name}/{file}", errors) ?? new YamlMap(new YamlPlace($"{name}/{file}", 0, 0), []);
}
