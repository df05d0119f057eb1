using Harness.Declarations;
using Harness.Editing;

namespace Harness.Stages;

/// <summary>
/// The tasks of all experiments: Table1 → Table1-Scores → Table1-Edits → Table1-Statistics (where an editor needs any) →
/// Model-model-dataset → Data-dataset, one target per paper, and <c>Study</c> for every paper.
/// </summary>
public static class StageGraph
{
    /// <summary>Name of the task that stands for all experiments.</summary>
    public const string Everything = "Study";

    /// <summary>Name of the task that compares with snapshots.</summary>
    public const string Verify = "Verify";

    /// <summary>What that task does.</summary>
    public const string VerifyDescription = "regenerates what has committed snapshots and compares; --accept renews them";

    /// <summary>The names of the tasks that files alone tell, without models and data sets.</summary>
    public static IEnumerable<string> NamesOf(IEnumerable<ExperimentSource> sources) => sources.Where(source => source.Target.Length > 0)
        .SelectMany(source => (string[])[source.Target, source.Group, source.Target + Scores, source.Target + Edits])
        .Append(Everything).Append(Verify).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The files that a target needs: an experiment's own, those of a paper, all for Verify; none where it is no experiment's, or a model's
    /// or data set's, of which only the files say who uses it (<see cref="IsShared"/>).
    /// </summary>
    public static IEnumerable<ExperimentSource> SourcesOf(string target, IEnumerable<ExperimentSource> sources)
    {
        bool Is(string name) => name.Equals(target, StringComparison.OrdinalIgnoreCase);
        return sources.Where(source => Is(Verify) || (Is(Everything) && !source.IsSweep) || Is(source.Group) || Is(source.Target)
            || ((string[])[Scores, Edits, Statistics]).Any(end => Is(source.Target + end)));
    }

    /// <summary>Whether a target is a model or data set, which experiments share.</summary>
    public static bool IsShared(string target) => StageOf(target) is Stage.Data or Stage.Model;

    /// <summary>All tasks: what the user asks for first, then what that depends on.</summary>
    /// <param name="experiments">The experiments at the asked scale.</param>
    /// <param name="unavailable">Those that there are not at this scale: asking for one is an error that says why.</param>
    /// <param name="verified">The experiments that <c>Verify</c> is for.</param>
    public static IReadOnlyList<StageTask> Build(
        IReadOnlyList<Experiment> experiments, IReadOnlyList<UnavailableExperiment> unavailable, IReadOnlyList<Experiment> verified) =>
    [
        .. experiments.Select(Report),
        .. experiments.Where(experiment => !experiment.IsSweepOfOptions).GroupBy(experiment => experiment.Origin.Group)
            .Select(group => Group(group.Key, $"every experiment of the {group.Key} paper", group)),
        Group(Everything, "every experiment of every paper", experiments.Where(experiment => !experiment.IsSweepOfOptions)),
        new(Verify, VerifyDescription, Stage.Verify,
            [.. verified.Select(ScoresOf)])
        {
            Experiments = verified,
        },
        .. unavailable.Select(missing => new StageTask(missing.Origin.Target, missing.Reason, Stage.Unavailable, [])),
        .. unavailable.Where(missing => !missing.Origin.IsSweep).GroupBy(missing => missing.Origin.Group)
            .Where(group => experiments.All(one => one.Origin.Group != group.Key))
            .Select(group => new StageTask(
                group.Key, $"{group.Key} has no experiment left: {group.First().Reason}", Stage.Unavailable, [])),
        .. experiments.SelectMany(Stages),
        .. Models(experiments),
        .. DataSets(experiments),
    ];

    /// <summary>Refuses experiments whose target is the name of something else too.</summary>
    /// <param name="tasks">All tasks of the experiments.</param>
    /// <param name="others">Names of the program's other tasks.</param>
    /// <exception cref="InputException">Every such experiment, one a line, with its file.</exception>
    public static void CheckNames(IReadOnlyList<StageTask> tasks, IEnumerable<string> others)
    {
        var taken = tasks.Where(task => task.Stage != Stage.Report).Select(task => task.Name).Concat(others)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var mistakes = tasks.Where(task => task.Stage == Stage.Report && taken.Contains(task.Name))
            .Select(task => task.Experiments[0].Origin).Select(
                origin => $"{origin.Paper}/{origin.Name}.yaml: 'target': found '{origin.Target}', which is another target's name, " +
                "expected one of its own; rename it").ToList();
        if (mistakes.Count > 0) throw new InputException(string.Join(Environment.NewLine, mistakes));
    }

    /// <summary>What a target does by its name, whether there is one or not.</summary>
    public static Stage StageOf(string target) =>
        target.StartsWith(Data, Ignored) ? Stage.Data
        : target.StartsWith(Model, Ignored) ? Stage.Model
        : target.EndsWith(Scores, Ignored) ? Stage.Scores
        : target.EndsWith(Edits, Ignored) ? Stage.Edits
        : target.EndsWith(Statistics, Ignored) ? Stage.Statistics
        : Stage.Report;

    private static StageTask Group(string name, string description, IEnumerable<Experiment> experiments) =>
        new(name, description, Stage.Group, [.. experiments.Select(experiment => experiment.Target)]);

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
         where row.Options is not null && row.Editor != TracedRows.Editor
         from dataset in experiment.Datasets
         from model in experiment.Models
         let editor = EditorRegistry.Find(row.Editor)
         select editor.Training is not null
             || editor.StatisticsLayers(experiment.OptionsFor(dataset.Name, model.Name, row.Name)!).Count > 0)
        .Any(needs => needs);

    private const StringComparison Ignored = StringComparison.OrdinalIgnoreCase;

    private const string Scores = "-Scores", Edits = "-Edits", Statistics = "-Statistics", Model = "Model-", Data = "Data-";

    private static string ScoresOf(Experiment experiment) => experiment.Target + Scores;

    private static string EditsOf(Experiment experiment) => experiment.Target + Edits;

    private static string StatisticsOf(Experiment experiment) => experiment.Target + Statistics;

    private static string ModelOf(string model, string dataset) => $"{Model}{model}-{dataset}";

    private static string DataOf(string dataset) => Data + dataset;
}
