using System.Collections;
using Harness.Editing;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Yaml;
using Harness.Reports;

namespace Harness.Declarations;

/// <summary>An experiment that the asked scale or editors leave out, or whose tasks are not there.</summary>
/// <param name="Origin">The file that declares it.</param>
/// <param name="Reason">Why, and what to do, for whoever asks for it.</param>
public sealed record UnavailableExperiment(ExperimentSource Origin, string Reason);

/// <summary>
/// Experiments of a folder, resolved for one scale, in the order of papers and files. Everything that they declare is checked, at every
/// scale, before anything loads; all mistakes are reported in one <see cref="InputException"/>.
/// </summary>
public sealed class ExperimentCatalog : IReadOnlyList<Experiment>
{
    /// <summary>The scale that is meant where the command line names none.</summary>
    public const string DefaultScale = "embedded";

    private readonly IReadOnlyList<Experiment> experiments;

    private ExperimentCatalog(IEnumerable<(ExperimentSource Origin, DeclaredExperiment Declared)> read, string scale)
    {
        var judged = read.Select(one => (one.Origin, one.Declared, Reason: ReasonAgainst(one.Declared, scale))).ToList();
        experiments = [.. judged.Where(one => one.Reason is null).Select(one => one.Declared.Resolved!)];
        Unavailable = [.. judged.Where(one => one.Reason is not null).Select(one => new UnavailableExperiment(one.Origin, one.Reason!))];
    }

    /// <summary>Experiments that are declared, but not for this scale, these editors or these tasks.</summary>
    public IReadOnlyList<UnavailableExperiment> Unavailable { get; }

    /// <summary>Files that <see cref="Load"/> passed over for their mistakes, one line each.</summary>
    public IReadOnlyList<string> PassedOver { get; private init; } = [];

    /// <inheritdoc />
    public int Count => experiments.Count;

    /// <inheritdoc />
    public Experiment this[int index] => experiments[index];

    /// <summary>Every &lt;paper&gt;/&lt;name&gt;.yaml of a folder by its target, in ordinal order; none where there is no such
    /// folder.</summary>
    public static IReadOnlyList<ExperimentSource> Sources(string experimentsFolder) => ExperimentFolder.Sources(experimentsFolder);

    /// <summary>Reads and checks experiments/datasets.yaml, models.yaml, published/ and what is asked of &lt;paper&gt;/&lt;name&gt;.yaml.
    /// </summary>
    /// <param name="experimentsFolder">The folder.</param>
    /// <param name="scale">embedded, small …</param>
    /// <param name="overrides">What the command line changes, at this scale only.</param>
    /// <param name="asked">What must be without mistake; null for every file.</param>
    /// <param name="withOthers">Whether to read the others too, and pass over those with mistakes.</param>
    /// <exception cref="InputException">Every mistake, one a line: file(line,column), found, expected.</exception>
    public static ExperimentCatalog Load(
        string experimentsFolder, string scale, ExperimentOverrides overrides, IReadOnlyCollection<ExperimentSource>? asked = null,
        bool withOthers = false) => Load(experimentsFolder, scale, overrides, EditorRegistry.All, asked, withOthers);

    /// <summary>The same with other editors than the registry's.</summary>
    internal static ExperimentCatalog Load(
        string experimentsFolder, string scale, ExperimentOverrides overrides, IReadOnlyList<EditorDescriptor> registry,
        IReadOnlyCollection<ExperimentSource>? asked = null, bool withOthers = false)
    {
        var errors = new DeclarationErrors();
        var folder = new ExperimentFolder(experimentsFolder, errors);
        var sources = ExperimentFolder.Sources(experimentsFolder);
        var set = overrides.ReadSet(errors);
        var reader = new ExperimentReader(folder, registry, errors);
        var read = new Dictionary<ExperimentSource, DeclaredExperiment>();
        var passedOver = new List<string>();
        bool IsAsked(ExperimentSource source) => asked is null || asked.Contains(source);

        // Those that are asked for first: what they share with others is then their mistake.
        foreach (var source in sources.OrderByDescending(IsAsked).Where(source => IsAsked(source) || withOthers))
        {
            var before = errors.Count;
            if (folder.Read(source) is { } map
                && reader.Read(source.Paper, source.Name, map, scale, overrides, set) is { } declared)
            {
                // As on the command line, where capitals do not count.
                if (read.Values.FirstOrDefault(one => one.Target.Text.Equals(declared.Target.Text, StringComparison.OrdinalIgnoreCase))
                    is { } first)
                    errors.Add(declared.Target.Place,
                        $"duplicate target '{declared.Target.Text}'; it stands in {first.Target.Place} already.");
                read[source] = declared;
                if (source.Target.Length == 0 && errors.Count == before)
                    errors.Add(declared.Target.Place, $"'target': expected on a line of its own, target: {declared.Target.Text}.");
            }

            if (IsAsked(source) || errors.Count == before) continue;
            read.Remove(source);
            passedOver.Add($"{errors.Withdraw(before)}; passed over");
        }

        if (asked is null) folder.CheckStrays();
        var named = read.Where(one => asked?.Count == 0 || IsAsked(one.Key)).Select(one => one.Value);
        CheckNames([.. named], overrides, set, errors);
        errors.ThrowIfAny();
        return new ExperimentCatalog(sources.Where(read.ContainsKey).Select(source => (source, read[source])), scale)
        {
            PassedOver = passedOver,
        };
    }

    /// <summary>The experiment of a target.</summary>
    /// <exception cref="InputException">There is none, or not for this scale, these editors or these tasks.</exception>
    public Experiment Find(string target)
    {
        if (experiments.FirstOrDefault(experiment => experiment.Target == target) is { } found)
            return found;
        var known = experiments.Select(experiment => experiment.Target).Concat(Unavailable.Select(experiment => experiment.Origin.Target))
            .ToList();
        throw new InputException(Unavailable.FirstOrDefault(experiment => experiment.Origin.Target == target)?.Reason
            ?? DeclarationErrors.Unknown($"target '{target}'", target, known, "Targets: "));
    }

    /// <inheritdoc />
    public IEnumerator<Experiment> GetEnumerator() => experiments.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string? ReasonAgainst(DeclaredExperiment one, string scale) => one.Resolved switch
    {
        null => $"{one.Target.Text} is not declared at scale '{scale}'; it has: {string.Join(", ", one.Scales)}.",
        { Editors.Count: 0 } => $"{one.Target.Text} has none of the editors of --editors; it has: {string.Join(", ", one.Editors)}.",
        var resolved => MissingTask(resolved),
    };

    private static string? MissingTask(Experiment experiment)
    {
        var tasks = experiment.Overrides.Tasks;
        if (experiment.Metrics.Select(Metric.TaskOf)
            .FirstOrDefault(task => task is not null && !tasks.ContainsKey(task)) is not { } missing)
            return null;
        return $"{experiment.Target} shows {Metric.OfTask(missing)}: " + (tasks.Count == 0
            ? $"found no {TaskFolder.Variable}, expected a folder with the task '{missing}'; set it"
            : $"found no task '{missing}' in {TaskFolder.Variable}, expected one of {string.Join(", ", tasks.Keys)}; "
                + $"put it there or correct the declaration{Nearest.Suggestion(missing, tasks.Keys)}");
    }

    private static void CheckNames(
        IReadOnlyCollection<DeclaredExperiment> read, ExperimentOverrides overrides, YamlMap set, DeclarationErrors errors)
    {
        var rows = read.SelectMany(experiment => experiment.Rows).Distinct().ToList();
        foreach (var name in (overrides.Editors ?? []).Where(name => !rows.Contains(name)))
            errors.AddUnknown(new YamlPlace("--editors", 0, 0), "editor", name, rows);
        // Of the rows that --editors leaves.
        var settable = read.SelectMany(one => overrides.Editors is null || one.Resolved is null ? one.Settable
            : one.Resolved.Editors.SelectMany(row => (string[])[row.Editor, row.Series])).Distinct().ToList();
        foreach (var entry in set.Entries.Where(entry => !settable.Contains(entry.Key)))
            errors.AddUnknown(entry.Place, "editor", entry.Key, settable);
    }
}
