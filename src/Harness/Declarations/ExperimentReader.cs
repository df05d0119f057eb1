using System.Text.RegularExpressions;
using Harness.Claims;
using Harness.Declarations.Yaml;
using Harness.Editing;
using Harness.Figures;
using Harness.Measuring.Yaml;
using Harness.Reports;
using Harness.Running;
using Harness.Tuning;

namespace Harness.Declarations;

/// <summary>An experiment's file once read.</summary>
/// <param name="Target">Its target.</param>
/// <param name="Title">Its title.</param>
/// <param name="Scales">Its scales.</param>
/// <param name="Editors">Its editors at the asked scale, before <c>--editors</c>.</param>
/// <param name="Resolved">It at the asked scale, or null where it lacks it (or after an error).</param>
internal sealed record DeclaredExperiment(
    YamlScalar Target, string Title, IReadOnlyList<string> Scales, IReadOnlyList<string> Editors, Experiment? Resolved)
{
    /// <summary>What <c>--editors</c> may name: the entries under <c>editors</c>, and their rows where they are varied.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>What <c>--set</c> may name: the entries, and the editors behind them.</summary>
    public IReadOnlyList<string> Settable { get; init; } = [];
}

/// <summary>
/// Resolves one experiment's file at every one of its scales, so that a mistake shows at once and not when the scale is asked for.
/// </summary>
internal sealed partial class ExperimentReader(ExperimentFolder folder, IReadOnlyList<EditorDescriptor> registry, DeclarationErrors errors)
{
    private readonly YamlBinder binder = new(errors);

    /// <summary>Reads it; null after an error that leaves nothing to go on with.</summary>
    public DeclaredExperiment? Read(string paper, string name, YamlMap map, string scale, ExperimentOverrides overrides, YamlMap set)
    {
        if (binder.Bind<ExperimentFile>(map, "experiment") is not { } file)
            return null;
        CheckNames(file);
        var resolved = new List<Experiment>();
        foreach (var entry in file.Scales.Entries)
        {
            if (folder.Scale(paper, entry, binder) is not { } block)
                continue;
            var atOnce = block.EditsProtocol == EditsProtocol.Sequential ? block.EditsAtOnce : (int?)null;
            var standing = block.Models.Entries.Where(model => model.Value is YamlScalar { IsNull: false })
                .ToDictionary(model => model.Key, model => ((YamlScalar)model.Value).Text);
            var resolver = new EditorOptions(
                registry, entry.Key == scale ? set : set with { Entries = [] }, errors, atOnce,
                standing.Count == 0 ? null : new TunedOptions(folder.Chosen(entry.Key), standing));
            resolved.Add(
                Resolve(file, entry, block, resolver) with { Paper = paper, Name = name, Scale = entry.Key });
        }

        CheckClaims(file, resolved);
        var asked = resolved.Find(experiment => experiment.Scale == scale);
        IReadOnlyList<string> editors = file.Scales.Find(scale) is YamlMap found && found.Find("editors") is YamlMap declared
            ? [.. declared.Keys]
            : [];
        return new DeclaredExperiment(
            file.Target, file.Title, [.. file.Scales.Keys], editors, asked is null ? null : Override(asked, overrides))
        {
            Rows = [.. editors.Union(asked?.Editors.Select(row => row.Name) ?? [])],
            Settable = [.. editors.Union(asked?.Editors.Select(row => row.Editor) ?? [])],
        };
    }

    /// <summary>
    /// Applies seed, edits and editors of the command line, and adds the environment's tasks to tables of capability. A claim about an
    /// editor that is then neither measured nor published cannot be judged.
    /// </summary>
    private static Experiment Override(Experiment experiment, ExperimentOverrides overrides)
    {
        var kept = experiment with
        {
            Overrides = experiment.Seeds is [var only] && overrides.Seed == only ? overrides with { Seed = null } : overrides,
            Seeds = overrides.Seed is { } seed ? [seed] : experiment.Seeds,
            Metrics = experiment.Metrics.Contains(Metric.Capability)
                ? [.. experiment.Metrics.Union(overrides.Tasks.Keys.Select(Metric.OfTask))]
                : experiment.Metrics,
            Datasets = [.. experiment.Datasets.Select(dataset => overrides.Edits is { } edits
                ? dataset with { Options = dataset.Options with { Edits = edits } }
                : dataset)],
            Editors = [.. experiment.Editors.Where(IsKept)],
            Specific = [.. experiment.Specific.Where(
                specific => experiment.Editors.Any(editor => editor.Name == specific.Editor && IsKept(editor)))],
        };
        return kept with { Claims = [.. kept.Claims.Where(claim => MistakeIn(claim, kept) is null)] };

        bool IsKept(EditorEntry editor) => overrides.Editors?.Any(name => name == editor.Name || name == editor.Series) ?? true;
    }

    private Experiment Resolve(ExperimentFile file, YamlEntry entry, ScaleFile block, EditorOptions resolver)
    {
        List<string> datasetNames = [.. file.Datasets.Select(dataset => dataset.Text)];
        List<string> modelNames = [.. file.Models.Select(model => model.Text)];
        var datasets = StandInsOf("data set", datasetNames, block.Datasets)
            .Select(pair => folder.StandIns.Dataset(pair.Name, pair.StandIn, block.Edits))
            .OfType<DatasetEntry>().Select(dataset => dataset with { Title = folder.Names.Dataset(dataset.Name) });
        var models = StandInsOf("model", modelNames, block.Models)
            .Select(pair => folder.StandIns.Model(pair.Name, pair.StandIn)).OfType<ModelEntry>()
            .Select(model => model with { Title = folder.Names.Model(model.Name) }).ToList();
        if (block.Edits < 1)
        {
            var place = ((YamlMap)entry.Value).Find("edits")!.Place;
            errors.Add(place, $"'edits' of scale '{entry.Key}': found '{block.Edits}', expected at least 1.");
        }

        if (block.Seeds.Count == 0 || block.Seeds.Any(seed => seed < 0) || block.Seeds.Distinct().Count() < block.Seeds.Count)
        {
            errors.Add(((YamlMap)entry.Value).Find("seeds")!.Place,
                $"'seeds': found [{string.Join(", ", block.Seeds)}], expected at least one whole number from 0, none twice.");
        }

        if (block.EditsAtOnce < 1)
            errors.Add(((YamlMap)entry.Value).Find("edits-at-once")!.Place,
                $"'edits-at-once': found '{block.EditsAtOnce}', expected at least 1.");
        var rows = new DeclaredRows(errors, folder.Sweeps).Read(block.Editors, block.Vary, block.ChosenBy);
        foreach (var row in rows.Where(row => row.Edits > block.Edits))
            errors.Add(row.Place, $"row '{row.Name}': found {row.Edits} edits, expected at most the {block.Edits} of scale '{entry.Key}'.");
        var experiment = new Experiment
        {
            Target = file.Target.Text,
            Paper = "",
            Name = "",
            Title = file.Title,
            Source = file.Source,
            Scale = "",
            Seeds = block.Seeds,
            Protocol = file.Protocol,
            Locality = file.Locality,
            Metrics = [.. file.Metrics.Select(metric => metric.Text)],
            Datasets = [.. datasets],
            Models = models,
            Edits = block.EditsProtocol,
            Axes = block.Trace is { } traced ? TracedRows.Axes(traced) : DeclaredRows.Axes(block.Vary),
            Figure = file.Figure,
            RankedBy = file.RankedBy?.Text,
            Budget = file.Budget ? [.. Metric.Budget.Except(file.Metrics.Select(metric => metric.Text))] : [],
            Editors = block.Trace is { } trace ? TracedRows.Of(trace) : resolver.Read(rows),
            Specific = resolver.ReadSpecific(block, rows, datasetNames, modelNames),
            Claims = [.. file.Claims.Select(claim => new ClaimEntry(claim.That.Text, claim.On, claim.Source ?? file.Source))],
            Published = folder.Published.Read(file.Published),
        };
        if (file.RankedBy is { } first && (experiment.Datasets.Count != 1 || models.Count != 1 || !experiment.Metrics.Contains(first.Text)))
        {
            errors.Add(first.Place, $"'ranked-by': found '{first.Text}' of {Counted.Of(experiment.Datasets.Count, "data set")} and "
                + $"{Counted.Of(models.Count, "model")} at scale '{entry.Key}', expected one of 'metrics', one data set and one model.");
        }

        if (TracedRows.Check(block.Trace, experiment.Metrics) is { } fault)
            errors.Add(entry.Place, $"scale '{entry.Key}': {fault}.");
        CheckLayers(experiment, rows, resolver);
        if (ReportFigure.Check(experiment) is { } mistake)
            errors.Add(entry.Place, $"scale '{entry.Key}': {mistake}.");
        return experiment;
    }

    /// <summary>
    /// Pairs the paper's names with what stands for them; both lists must hold the same names. Where nothing (<c>~</c>) stands for one, the
    /// scale does without it.
    /// </summary>
    private List<(string Name, YamlEntry StandIn)> StandInsOf(string what, IReadOnlyList<string> names, YamlMap standIns)
    {
        foreach (var stray in standIns.Entries.Where(entry => !names.Contains(entry.Key)))
            errors.AddUnknown(stray.Place, $"{what} of the table", stray.Key, [.. names]);
        var pairs = new List<(string, YamlEntry)>();
        foreach (var name in names)
        {
            if (standIns.Entries.FirstOrDefault(entry => entry.Key == name) is { } standIn)
            {
                if (standIn.Value is not YamlScalar { IsNull: true })
                    pairs.Add((name, standIn));
            }
            else
                errors.Add(standIns.Place, $"missing key '{name}': nothing stands for this {what} of the table at this scale.");
        }

        return pairs;
    }

    private void CheckNames(ExperimentFile file)
    {
        folder.Names.Check(file);
        if (!TargetName().IsMatch(file.Target.Text))
            errors.Add(file.Target.Place,
                $"'target': found '{file.Target.Text}', expected a name of letters and digits, for example Table1.");
        foreach (var metric in file.Metrics.Where(metric => !Metric.IsKnown(metric.Text)))
            errors.AddUnknown(metric.Place, "metric", metric.Text, Metric.Known);
        foreach (var metric in file.Metrics.Where(metric => Metric.Known.Contains(metric.Text)))
        {
            if (Metric.Check(file.Protocol, metric.Text) is { } mistake)
                errors.Add(metric.Place, mistake);
        }

        foreach (var list in (IReadOnlyList<YamlScalar>[])[file.Metrics, file.Datasets, file.Models])
        {
            foreach (var twice in list.GroupBy(item => item.Text).Where(group => group.Count() > 1))
                errors.Add(twice.Last().Place, $"'{twice.Key}' stands twice in the list.");
        }
    }

    /// <summary>
    /// Checks that claims parse and name what the experiment has, at whichever scale. A mistake elsewhere would show here again, so there
    /// must be none.
    /// </summary>
    private void CheckClaims(ExperimentFile file, List<Experiment> scales)
    {
        if (errors.Count > 0 || scales.Count == 0)
            return;
        var whole = scales[0] with
        {
            Editors = [.. scales.SelectMany(experiment => experiment.Editors).DistinctBy(editor => editor.Name)],
            Datasets = [.. scales.SelectMany(experiment => experiment.Datasets).DistinctBy(dataset => dataset.Name)],
            Models = [.. scales.SelectMany(experiment => experiment.Models).DistinctBy(model => model.Name)],
        };
        foreach (var (declared, claim) in file.Claims.Zip(whole.Claims))
        {
            if (MistakeIn(claim, whole) is { } mistake)
                errors.Add(declared.That.Place, mistake);
        }
    }

    private static string? MistakeIn(ClaimEntry claim, Experiment experiment)
    {
        try
        {
            Claim.Parse(claim, experiment);
            return null;
        }
        catch (InputException mistake)
        {
            return mistake.Message;
        }
    }

    private static void CheckLayers(Experiment experiment, IReadOnlyList<DeclaredRow> rows, EditorOptions resolver)
    {
        foreach (var model in experiment.Models)
        {
            foreach (var row in rows.Where(row => experiment.Editors.Any(editor => editor.Name == row.Name)))
            {
                foreach (var dataset in experiment.Datasets)
                    resolver.CheckLayers(row, experiment.OptionsFor(dataset.Name, model.Name, row.Name), model);
            }
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]*$")]
    private static partial Regex TargetName();
}
