using Harness.Build.Options;
using Harness.Declarations;
using Harness.Editing;

namespace Harness.Build.Studies;

/// <summary>
/// The tasks of all experiments: Table1 → Table1-Scores → Table1-Edits → Table1-Statistics (where an editor needs any) →
/// Model-model-dataset → Data-dataset, one target per paper, <c>Study</c> for every paper, and <c>Tune</c> for the sweeps that chose the
/// papers' options.
/// </summary>
public static class StudyGraph
{
    /// <summary>Name of the task that stands for all experiments.</summary>
    public const string Everything = "Study";

    /// <summary>Name of the task that stands for the sweeps.</summary>
    public const string Tuning = "Tune";

    /// <summary>All tasks: what the user asks for first, then what that depends on.</summary>
    /// <param name="experiments">The experiments at the asked scale.</param>
    /// <param name="unavailable">Those that there are not at this scale: asking for one is an error that says why.</param>
    /// <param name="verified">The experiments that <c>Verify</c> is for.</param>
    public static IReadOnlyList<StageTask> Build(
        IReadOnlyList<Experiment> experiments, IReadOnlyList<UnavailableExperiment> unavailable, IReadOnlyList<Experiment> verified) =>
    [
        .. experiments.Select(Report),
        .. experiments.GroupBy(GroupOf).Select(group => Group(
            group.Key, group.Key == Tuning ? "every sweep that chose options" : $"every experiment of the {group.Key} paper", group)),
        Group(Everything, "every experiment of every paper", experiments.Where(experiment => !experiment.IsSweepOfOptions)),
        new("Verify", "regenerates what has committed snapshots and compares; --accept renews them", Stage.Verify,
            [.. verified.Select(ScoresOf)])
        {
            Experiments = verified,
        },
        .. unavailable.Select(missing => new StageTask(missing.Target, missing.Reason, Stage.Unavailable, [])),
        .. unavailable.GroupBy(missing => PaperOf(missing.Target))
            .Where(group => group.Key is not null && experiments.All(one => GroupOf(one) != group.Key))
            .Select(group => new StageTask(
                group.Key!, $"{group.Key} has no experiment left: {group.First().Reason}", Stage.Unavailable, [])),
        .. experiments.SelectMany(Stages),
        .. Models(experiments),
        .. DataSets(experiments),
    ];

    /// <summary>The kind of a target by its name, whether there is one or not.</summary>
    public static TargetKinds KindOf(string target) =>
        ((string[])[Model, Data]).Any(start => target.StartsWith(start, StringComparison.OrdinalIgnoreCase)) ? TargetKinds.Models
        : ((string[])[Scores, Edits, Statistics]).Any(end => target.EndsWith(end, StringComparison.OrdinalIgnoreCase)) ? TargetKinds.Stages
        : TargetKinds.Tables;

    /// <summary>The experiments that targets work for.</summary>
    /// <param name="tasks">All tasks.</param>
    /// <param name="targets">Names; those that no task has are passed over.</param>
    public static IReadOnlyList<Experiment> ExperimentsOf(IReadOnlyList<StageTask> tasks, IEnumerable<string> targets)
    {
        var asked = tasks.Where(task => targets.Contains(task.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        var grouped = asked.Where(task => task.Stage == Stage.Group).SelectMany(group => group.DependsOn);
        return [.. asked.Concat(tasks.Where(task => grouped.Contains(task.Name))).SelectMany(task => task.Experiments).Distinct()];
    }

    private static StageTask Group(string name, string description, IEnumerable<Experiment> experiments) =>
        new(name, description, Stage.Group, [.. experiments.Select(experiment => experiment.Target)]);

    // LocFT-Table3 is of LocFT; the paper whose targets bear no name is called as its folder is.
    private static string GroupOf(Experiment experiment) => experiment.IsSweepOfOptions ? Tuning
        : PaperOf(experiment.Target) ?? experiment.Paper.ToUpperInvariant();

    private static string? PaperOf(string target) => target.Split('-') is [var paper, _, ..] ? paper : null;

    private static StageTask Report(Experiment experiment) =>
        new(experiment.Target, experiment.Title, Stage.Report, [ScoresOf(experiment)]) { Experiments = [experiment] };

    private static IEnumerable<StageTask> Stages(Experiment experiment)
    {
        List<string> models =
            [.. experiment.Datasets.SelectMany(dataset => experiment.Models.Select(model => ModelOf(model.Name, dataset.Name)))];
        var needsStatistics = NeedsStatistics(experiment);
        yield return Of(Stage.Scores, ScoresOf(experiment), "score every edited model", [EditsOf(experiment)]);
        yield return Of(Stage.Edits, EditsOf(experiment), "run every editor", needsStatistics ? [StatisticsOf(experiment)] : models);
        if (needsStatistics)
            yield return Of(Stage.Statistics, StatisticsOf(experiment), "what editors need before they edit: key statistics, trainings",
                models);

        StageTask Of(Stage stage, string name, string description, IReadOnlyList<string> dependsOn) =>
            new(name, $"{experiment.Target}: {description}", stage, dependsOn) { Experiments = [experiment] };
    }

    private static IEnumerable<StageTask> Models(IReadOnlyList<Experiment> experiments) =>
        from experiment in experiments
        from dataset in experiment.Datasets
        from model in experiment.Models
        group (experiment, dataset, model) by (dataset: dataset.Name, model: model.Name) into pair
        let standIns = string.Join(", ", pair.Select(use => use.model.StandIn).Distinct())
        let description = $"original model {pair.Key.model} ({standIns}) that knows {pair.Key.dataset}"
        select new StageTask(ModelOf(pair.Key.model, pair.Key.dataset), description, Stage.Model, [DataOf(pair.Key.dataset)])
        {
            Experiments = [.. pair.Select(use => use.experiment)],
            Dataset = pair.Key.dataset,
            Model = pair.Key.model,
        };

    private static IEnumerable<StageTask> DataSets(IReadOnlyList<Experiment> experiments) =>
        from experiment in experiments
        from dataset in experiment.Datasets
        group (experiment, dataset) by dataset.Name into uses
        let standIns = string.Join(", ", uses.Select(use => use.dataset.StandIn).Distinct())
        select new StageTask(DataOf(uses.Key), $"data set {uses.Key} ({standIns})", Stage.Data, [])
        {
            Experiments = [.. uses.Select(use => use.experiment)],
            Dataset = uses.Key,
        };

    private static bool NeedsStatistics(Experiment experiment) =>
        (from row in experiment.Editors
         where row.Options is not null
         from dataset in experiment.Datasets
         from model in experiment.Models
         let editor = EditorRegistry.Find(row.Editor)
         select editor.Training is not null
             || editor.StatisticsLayers(experiment.OptionsFor(dataset.Name, model.Name, row.Name)!).Count > 0)
        .Any(needs => needs);

    private const string Scores = "-Scores", Edits = "-Edits", Statistics = "-Statistics", Model = "Model-", Data = "Data-";

    private static string ScoresOf(Experiment experiment) => experiment.Target + Scores;

    private static string EditsOf(Experiment experiment) => experiment.Target + Edits;

    private static string StatisticsOf(Experiment experiment) => experiment.Target + Statistics;

    private static string ModelOf(string model, string dataset) => $"{Model}{model}-{dataset}";

    private static string DataOf(string dataset) => Data + dataset;
}
