using System.Collections;
using Harness.Editing;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Yaml;
using Harness.Reports;

namespace Harness.Declarations;

/// <summary>An experiment that the asked scale or editors leave out, or whose tasks are not there.</summary>
/// <param name="Target">Its Cake target.</param>
/// <param name="Title">Its title.</param>
/// <param name="Reason">Why, and what to do, for whoever asks for it.</param>
public sealed record UnavailableExperiment(string Target, string Title, string Reason);

/// <summary>
/// All experiments of a folder, resolved for one scale, in the order of papers and files. Everything declared is checked, at every scale,
/// before anything loads; all mistakes are reported in one <see cref="InputException"/>.
/// </summary>
public sealed class ExperimentCatalog : IReadOnlyList<Experiment>
{
    /// <summary>The scale that is meant where the command line names none.</summary>
    public const string DefaultScale = "embedded";

    private readonly IReadOnlyList<Experiment> experiments;

    private ExperimentCatalog(string scale, IReadOnlyList<Experiment> experiments, IReadOnlyList<UnavailableExperiment> unavailable) =>
        (Scale, this.experiments, Unavailable) = (scale, experiments, unavailable);

    /// <summary>The scale.</summary>
    public string Scale { get; }

    /// <summary>Experiments that are declared, but not for this scale, these editors or these tasks.</summary>
    public IReadOnlyList<UnavailableExperiment> Unavailable { get; }

    /// <inheritdoc />
    public int Count => experiments.Count;

    /// <inheritdoc />
    public Experiment this[int index] => experiments[index];

    /// <summary>Reads and checks experiments/datasets.yaml, models.yaml, published/ and every &lt;paper&gt;/&lt;name&gt;.yaml.</summary>
    /// <param name="experimentsFolder">The folder.</param>
    /// <param name="scale">embedded, small …</param>
    /// <param name="overrides">What the command line changes, at this scale only.</param>
    /// <exception cref="InputException">Every mistake, one a line: file(line,column), found, expected.</exception>
    public static ExperimentCatalog Load(string experimentsFolder, string scale, ExperimentOverrides overrides) =>
        Load(experimentsFolder, scale, overrides, EditorRegistry.All);

    /// <summary>The same with other editors than the registry's.</summary>
    internal static ExperimentCatalog Load(
        string experimentsFolder, string scale, ExperimentOverrides overrides, IReadOnlyList<EditorDescriptor> registry)
    {
        var errors = new DeclarationErrors();
        var folder = new ExperimentFolder(experimentsFolder, errors);
        var set = overrides.ReadSet(errors);
        var reader = new ExperimentReader(folder, registry, errors);
        var read = folder.ExperimentFiles().Select(file => reader.Read(file.Paper, file.Name, file.Map, scale, overrides, set))
            .OfType<DeclaredExperiment>().ToList();
        CheckTargets(read, errors);
        CheckNames(read, overrides, set, errors);
        errors.ThrowIfAny();
        var scales = read.SelectMany(experiment => experiment.Scales).Distinct().ToList();
        if (!scales.Contains(scale))
            throw new InputException(DeclarationErrors.Unknown($"scale '{scale}'", scale, scales, "Scales: "));
        var judged = read.ConvertAll(one => (Declared: one, Reason: ReasonAgainst(one, scale)));
        return new ExperimentCatalog(scale, [.. judged.Where(one => one.Reason is null).Select(one => one.Declared.Resolved!)],
            [.. judged.Where(one => one.Reason is not null)
                .Select(one => new UnavailableExperiment(one.Declared.Target.Text, one.Declared.Title, one.Reason!))]);
    }

    /// <summary>The experiment of a target.</summary>
    /// <exception cref="InputException">There is none, or not for this scale, these editors or these tasks.</exception>
    public Experiment Find(string target)
    {
        if (experiments.FirstOrDefault(experiment => experiment.Target == target) is { } found)
            return found;
        var known = experiments.Select(experiment => experiment.Target).Concat(Unavailable.Select(experiment => experiment.Target))
            .ToList();
        throw new InputException(Unavailable.FirstOrDefault(experiment => experiment.Target == target)?.Reason
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

    private static void CheckTargets(IReadOnlyList<DeclaredExperiment> read, DeclarationErrors errors)
    {
        foreach (var twice in read.GroupBy(experiment => experiment.Target.Text).Where(group => group.Count() > 1))
        {
            foreach (var later in twice.Skip(1))
                errors.Add(later.Target.Place,
                    $"duplicate target '{later.Target.Text}'; it stands in {twice.First().Target.Place} already.");
        }
    }

    private static void CheckNames(
        IReadOnlyList<DeclaredExperiment> read, ExperimentOverrides overrides, YamlMap set, DeclarationErrors errors)
    {
        var rows = read.SelectMany(experiment => experiment.Rows).Distinct().ToList();
        foreach (var name in (overrides.Editors ?? []).Where(name => !rows.Contains(name)))
            errors.AddUnknown(new YamlPlace("--editors", 0, 0), "editor", name, rows);
        var settable = read.SelectMany(experiment => experiment.Settable).Distinct().ToList();
        foreach (var entry in set.Entries.Where(entry => !settable.Contains(entry.Key)))
            errors.AddUnknown(entry.Place, "editor", entry.Key, settable);
    }
}
