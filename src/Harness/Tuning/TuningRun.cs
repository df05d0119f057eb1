using Harness.Declarations;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Measuring.Yaml;
using Harness.Models.Checkpoints;
using Harness.Planning;
using Harness.Reports;
using Harness.Running;
using Harness.Running.Workers;
using Harness.Stages;
using Published = System.Collections.Generic.Dictionary<string, System.Collections.Generic.IReadOnlyDictionary<string,
    System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string, double>>>>;

namespace Harness.Tuning;

/// <summary>
/// <c>--target=Tune</c>: the same search for every editor, on every model that a table of the scale edits with it. All searches go through
/// their rounds together, so that workers are busy and models, data sets and statistics are made once. What a setting is measured by is in
/// the store under its key: an interrupted search goes on where it was.
/// </summary>
/// <param name="Options">Scale, store, results and jobs.</param>
/// <param name="Experiments">Folder of the experiments, with tuning/spaces.yaml.</param>
/// <param name="Editors">Editors or spaces to search; null for all.</param>
/// <param name="Models">Models of models.yaml to search on; null for all.</param>
public sealed record TuningRun(
    RunOptions Options, string Experiments, IReadOnlyList<string>? Editors = null, IReadOnlyList<string>? Models = null)
{
    /// <summary>The editors.</summary>
    internal IReadOnlyList<EditorDescriptor> Registry { get; init; } = EditorRegistry.All;

    /// <summary>Starts a worker.</summary>
    internal Func<ICellWorker> Launch { get; init; } = () => new ProcessWorker(WorkerCommand.ThisProgram(), Options.Scratch);

    /// <summary>Where the chosen options are written: beside the spaces, or beside the results where these are elsewhere.</summary>
    public string ChosenFolder { get; init; } = Path.Combine(Experiments, ExperimentSource.Tuning);

    private string ResultsFolder => Path.Combine(Options.ScaleFolder, ExperimentSource.Tuning);

    /// <summary>Searches, and writes what was found: search.json, .csv and .md, and the chosen Options.</summary>
    /// <exception cref="InputException">A mistake in the declarations or of the command line, or a space of which nothing can be
    /// measured.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted; the message says how to go on.</exception>
    public void Run(CancellationToken cancellation)
    {
        var (plan, all) = TuningTargets.Read(Experiments, Options.Scale, Registry);
        var targets = TuningTargets.Narrow(all, Editors, Models);
        var searches = targets.Select(target => (Target: target, Search: new SettingSearch(
            target.Space, plan, (space, setting) => IsPossible(target, space, setting)))).ToList();
        foreach (var (target, _) in searches) CheckLayers(target);
        if (Options.Explain)
        {
            Explain(plan, searches);
            return;
        }

        Reports.ResultsFolder.Check(ResultsFolder);
        try
        {
            Measure(plan, searches, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException("Interrupted: finished cells are kept; the same command resumes.");
        }

        Write(plan, all, searches);
    }

    private void Measure(
        TuningPlan plan, List<(TuningTarget Target, SettingSearch Search)> searches, CancellationToken cancellation)
    {
        var store = new CellStore(Options.Store);
        LocalExecutor? executor = null;
        try
        {
            while (searches.Where(one => one.Search.Next is not null).ToList() is { Count: > 0 } open)
            {
                var trials = open.ConvertAll(one => (one.Search, Trial: one.Search.Next!, Plan: PlanOf(plan, one.Target, one.Search)));
                Tell(Heading(plan, [.. trials.Select(one => one.Trial)]));
                var wanted = trials.SelectMany(one => one.Plan.Results).DistinctBy(cell => cell.Key).ToList();
                executor ??= new LocalExecutor(
                    store, Options.Jobs, Launch, RunDisplay.ForConsole(Options.IsQuiet), TimeProvider.System, wanted);
                var failures = Compute(executor, wanted, cancellation);
                foreach (var (search, trial, cells) in trials)
                {
                    search.Record(trial.Settings.ToDictionary(
                        setting => setting, setting => ScoreOf(cells, NameOf(search, setting), store, failures)));
                }
            }
        }
        finally
        {
            executor?.Dispose();
        }
    }

    // A learning rate at which nothing is finite is a setting that does not work, not a reason to stop.
    private static IReadOnlyDictionary<string, CellFailure> Compute(
        LocalExecutor executor, IReadOnlyList<PlannedCell> wanted, CancellationToken cancellation)
    {
        try
        {
            executor.Run(wanted, cancellation);
        }
        catch (InputException) when (executor.Failures.Values.All(failure => !StoreFailure.Is(failure.Message)
            && failure.Cell.Kind is CellKind.Edit or CellKind.SingleEdits or CellKind.Training or CellKind.Score))
        {
        }

        return executor.Failures;
    }

    private static SettingScore ScoreOf(
        Plan plan, string name, CellStore store, IReadOnlyDictionary<string, CellFailure> failures)
    {
        var rows = plan.Rows.Where(row => row.Editor == name).ToList();
        var failure = CellSelection.Closure(rows.SelectMany(row => row.Results)).Select(cell => failures.GetValueOrDefault(cell.Key))
            .FirstOrDefault(found => found is not null);
        return failure is not null ? new SettingScore([], failure.Message.Split('\n')[0]) : new SettingScore([.. rows.Select(row =>
            SettingPart.Of(row.Dataset, row.Seed, RowSeries.Read(row, withEdit: false, cell => store.Open(cell.Key))))]);
    }

    private Plan PlanOf(TuningPlan plan, TuningTarget target, SettingSearch search)
    {
        var (space, trial) = (search.Space, search.Next!);
        return Plan.Build(new Experiment
        {
            Target = ExperimentSource.Tune,
            Paper = ExperimentSource.Tuning,
            Name = space.Name,
            Title = $"Options of {space.Name}",
            Source = space.Source,
            Scale = Options.Scale,
            Seeds = trial.Seeds,
            Protocol = plan.Protocol,
            Locality = plan.Locality,
            Metrics = SettingPart.Metrics,
            Datasets = [.. target.Datasets.Take(trial.Datasets ?? target.Datasets.Count)],
            Models = [target.Model],
            Edits = space.Edits,
            Editors = [.. trial.Settings.Select(setting => new EditorEntry(NameOf(search, setting), OptionsOf(space, setting))
            {
                Editor = space.Editor.Name,
                Edits = trial.Edits,
            })],
            Claims = [],
            Published = new Published(),
            Overrides = Options.Overrides,
        }, Tell);
    }

    private static string NameOf(SettingSearch search, Setting setting) => $"{search.Space.Name}-{setting.Number}";

    private static object OptionsOf(TuningSpace space, Setting setting)
    {
        var errors = new DeclarationErrors();
        var bound = TuningSpaces.Bind(space, setting.Values, errors);
        errors.ThrowIfAny();
        return bound!;
    }

    private static bool IsPossible(TuningTarget target, TuningSpace space, Setting setting) =>
        setting.Values.Zip(space.Options).All(one => !one.Second.IsLayer || HasLayer(target, one.First))
        && TuningSpaces.Bind(space, setting.Values, new DeclarationErrors()) is not null;

    private static bool HasLayer(TuningTarget target, OptionValue value) =>
        target.Model.Source is not TrainedModel { Options.Shape: var shape }
        || Layers(value.Item).All(layer => layer >= 0 && layer < shape.Layers);

    private static IEnumerable<double> Layers(YamlItem item) =>
        item is YamlList list ? list.Items.SelectMany(Layers) : OptionValue.Of(item).Number is { } layer ? [layer] : [];

    private static void CheckLayers(TuningTarget target)
    {
        foreach (var option in target.Space.Options.Where(option => option.IsLayer))
        {
            if (option.Values.FirstOrDefault(value => !HasLayer(target, value)) is { } missing)
                throw new InputException($"{missing.Item.Place}: '{option.Path}' of space '{target.Space.Name}': found {missing.Text}, "
                    + $"which model '{target.Model.StandIn}' does not have, expected its layers; leave it out or give that model a "
                    + "space of its own");
        }
    }

    private void Explain(TuningPlan plan, List<(TuningTarget Target, SettingSearch Search)> searches)
    {
        var store = new CellStore(Options.Store);
        var first = searches.SelectMany(one => PlanOf(plan, one.Target, one.Search).Results).DistinctBy(cell => cell.Key).ToList();
        var missing = CellSelection.Missing(first, store);
        var seconds = TimeEstimate.From(store).Left(missing, Options.Jobs);
        foreach (var (target, search) in searches)
        {
            Console.WriteLine($"{target.Space.Name} on {target.Model.StandIn} "
                + $"({string.Join(", ", target.Datasets.Select(data => data.Name))}): "
                + $"{search.Next!.Settings.Count} of {target.Space.GridSize} settings, for {string.Join(", ", target.Tables)}");
        }

        var edits = searches.Sum(one => plan.Rounds.Sum(round => (long)round.Seeds.Count
            * Math.Min(round.Datasets ?? int.MaxValue, one.Target.Datasets.Count)
            * Math.Min(round.Settings, one.Search.Next!.Settings.Count)));
        Console.WriteLine($"{searches.Count} searches; round 1: {Counted.Of(missing.Count, "cell")} to compute, about "
            + $"{Duration.Rough(seconds)}; all rounds: at most {edits} edit cells and as many scores before the spaces are widened");
        Console.WriteLine("--explain: nothing was computed or written");
    }

    private void Write(
        TuningPlan plan, IReadOnlyList<TuningTarget> all, List<(TuningTarget Target, SettingSearch Search)> searches)
    {
        // What an earlier search found is read and written back: one at a time.
        var report = Reports.ResultsFolder.InTurn(Options.Results, () => WriteInTurn(plan, all, searches));
        Tell(report.Summary);
        Console.WriteLine($"written: {Path.Combine(ResultsFolder, TuningReport.Name)}{{.json,.csv,.md}}, "
            + Path.Combine(ChosenFolder, ChosenOptions.FileOf(Options.Scale)));
    }

    private TuningReport WriteInTurn(
        TuningPlan plan, IReadOnlyList<TuningTarget> all, List<(TuningTarget Target, SettingSearch Search)> searches)
    {
        var known = all.Select(target => (target.Space.Name, target.Model.StandIn)).ToHashSet();
        var file = Path.Combine(ChosenFolder, ChosenOptions.FileOf(Options.Scale));
        var errors = new DeclarationErrors();
        var chosen = ChosenOptions.Read(file, file, Options.Scale, errors);
        errors.ThrowIfAny();
        foreach (var (target, search) in searches)
            chosen.Set(target.Space.Name, target.Model.StandIn, search.Space.Declared(search.Finalists[0].Setting.Values));
        chosen.Keep(known);
        var report = TuningReport.Of(Options.Scale, plan, searches, TuningReport.Read(ResultsFolder), known);
        report.Write(ResultsFolder);
        Directory.CreateDirectory(ChosenFolder);
        DurableFile.WriteText(file, chosen.ToText());
        return report;
    }

    private static string Heading(TuningPlan plan, IReadOnlyList<TuningTrial> trials) =>
        $"== {(trials[0].Round > plan.Rounds.Count ? "widening" : $"round {trials[0].Round} of {plan.Rounds.Count}")}: "
        + $"{trials.Count} searches, {trials.Sum(trial => trial.Settings.Count)} settings, {trials[0].Edits} edits, "
        + $"seed {string.Join(" and ", trials[0].Seeds)}";

    private void Tell(string line)
    {
        if (!Options.IsQuiet) Console.WriteLine(line);
    }
}
