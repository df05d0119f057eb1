using Harness.Declarations;
using Harness.Declarations.Yaml;
using Harness.Editing;
using Harness.Measuring.Yaml;

namespace Harness.Tuning;

/// <summary>A space on a model that tables of the scale use.</summary>
/// <param name="Space">The space.</param>
/// <param name="Model">The model; its name is that in models.yaml.</param>
/// <param name="Datasets">The data sets that tables ask it on, with the edits of the last round, by their names in datasets.yaml and in
/// its order.</param>
/// <param name="Tables">The targets of these tables.</param>
internal sealed record TuningTarget(
    TuningSpace Space, ModelEntry Model, IReadOnlyList<DatasetEntry> Datasets, IReadOnlyList<string> Tables);

/// <summary>Which spaces are searched on which models: every pair that some table of the scale uses.</summary>
internal static class TuningTargets
{
    /// <summary>Reads the tables of a scale, not what their rows resolve to: a row may wait for what the search finds.</summary>
    /// <param name="folder">The experiments' folder.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="registry">The editors.</param>
    /// <returns>How to search, and the pairs by space and model.</returns>
    /// <exception cref="InputException">Every mistake in the declarations, one a line; a seed or a record that a table shows too; a row
    /// without a space.</exception>
    public static (TuningPlan Plan, IReadOnlyList<TuningTarget> Targets) Read(
        string folder, string scale, IReadOnlyList<EditorDescriptor> registry)
    {
        var errors = new DeclarationErrors();
        var files = new ExperimentFolder(folder, errors);
        var spaces = files.Spaces() is { } map ? TuningSpaces.Read(map, scale, registry, errors) : null;
        errors.ThrowIfAny();
        var uses = ExperimentFolder.Sources(folder).Where(source => !source.IsSweep)
            .SelectMany(source => Uses(files, source, scale, spaces!, errors)).ToList();
        CheckRecords(uses, spaces!.Plan, errors);
        errors.ThrowIfAny();
        var (names, order) = (spaces.Spaces.Select(space => space.Name).ToList(), files.StandIns.Datasets.ToList());
        return (spaces.Plan,
        [
            .. from use in uses
               group use by (use.Space.Name, Model: use.Model.StandIn) into same
               orderby names.IndexOf(same.Key.Name)
               select new TuningTarget(
                   same.First().Space, same.First().Model,
                   [.. same.Select(use => use.Dataset).DistinctBy(data => data.StandIn).OrderBy(data => order.IndexOf(data.StandIn))],
                   [.. same.Select(use => use.Table).Distinct()]),
        ]);
    }

    /// <summary>The targets that a command line asks for.</summary>
    /// <param name="targets">All of them.</param>
    /// <param name="editors">Editors or spaces; null for all.</param>
    /// <param name="models">Models of models.yaml; null for all.</param>
    /// <exception cref="InputException">A name is none of theirs, or nothing is left.</exception>
    public static IReadOnlyList<TuningTarget> Narrow(
        IReadOnlyList<TuningTarget> targets, IReadOnlyList<string>? editors, IReadOnlyList<string>? models)
    {
        Check("--editors", editors, "editor or space", [.. targets.SelectMany(target => Names(target)).Distinct()]);
        Check("--models", models, "model", [.. targets.Select(target => target.Model.StandIn).Distinct()]);
        IReadOnlyList<TuningTarget> left = [.. targets.Where(target =>
            (editors is null || Names(target).Intersect(editors).Any()) && (models is null || models.Contains(target.Model.StandIn)))];
        return left.Count > 0 ? left : throw new InputException(
            $"--editors={string.Join(',', editors ?? [])} --models={string.Join(',', models ?? [])}: no table has one of these editors on "
            + "one of these models; leave one of the options out");
    }

    private static IEnumerable<string> Names(TuningTarget target) => [target.Space.Name, target.Space.Editor.Name];

    private static void Check(string option, IReadOnlyList<string>? names, string what, IReadOnlyCollection<string> known)
    {
        if (names?.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new InputException($"{option}: {DeclarationErrors.Unknown($"{what} '{unknown}'", unknown, known, "Known: ")}");
    }

    // Whatever the seed, real records are the same.
    private static void CheckRecords(IReadOnlyList<Use> uses, TuningPlan plan, DeclarationErrors errors)
    {
        foreach (var searched in uses.Select(use => use.Dataset).DistinctBy(dataset => dataset.StandIn))
        {
            var asked = AskedRecords.Of(searched.Options);
            var shared = uses.Select(use => (use.Table, Record: AskedRecords.Of(use.Shown.Options) is { } shown
                ? asked?.SharedWith(shown) : null)).FirstOrDefault(one => one.Record is not null);
            if (shared.Record is not { } record || plan.Datasets.Values.FirstOrDefault(entry => NameOf(entry) == searched.StandIn)
                is not { Value.Place: var place }) continue;
            errors.Add(place, $"'{searched.StandIn}': found record {record + 1} among its cases and probes, which {shared.Table} shows "
                + "too, expected others: no table shows what its options were chosen by; raise its 'skipped-records'.");
        }
    }

    private static IEnumerable<Use> Uses(
        ExperimentFolder files, ExperimentSource source, string scale, TuningSpaces spaces, DeclarationErrors errors)
    {
        var binder = new YamlBinder(errors);
        if (files.Read(source) is not { } map || binder.Bind<ExperimentFile>(map, "experiment") is not { } file
            || file.Scales.Entries.FirstOrDefault(entry => entry.Key == scale) is not { } item
            || files.Scale(source.Paper, item, binder) is not { } block)
            yield break;
        if (block.Seeds.Intersect(spaces.Plan.Seeds).ToList() is { Count: > 0 } seeds)
        {
            errors.Add(((YamlMap)item.Value).Find("seeds")!.Place, $"'seeds': found {string.Join(" and ", seeds)}, on which options are "
                + $"searched (tuning/{ChosenOptions.SpacesFile}), expected others: no table shows what its options were chosen by.");
        }

        var models = Standing(block.Models).Select(entry => files.StandIns.Model(NameOf(entry), entry)).OfType<ModelEntry>().ToList();
        var datasets = Standing(block.Datasets).Select(entry => (Searched: Dataset(files, entry, scale, spaces.Plan, errors),
            Shown: files.StandIns.Dataset(NameOf(entry), entry, block.Edits))).ToList();
        foreach (var row in new DeclaredRows(errors, files.Sweeps).Read(block.Editors, []).Where(row => row.Editor != EditorEntry.Original))
        {
            var space = row.Tuned is null ? spaces.Spaces.FirstOrDefault(space => space.Fits(row, block.EditsProtocol))
                : spaces.Spaces.FirstOrDefault(space => space.Name == row.Tuned);
            if (space is null)
            {
                errors.Add(row.Place, $"row '{row.Name}': found no space for editor '{row.Editor}' with edits-protocol "
                    + $"{Reports.Digits.Id(block.EditsProtocol)}{(row.Tuned is null ? "" : $" named '{row.Tuned}'")} in "
                    + $"tuning/{ChosenOptions.SpacesFile}, expected one; declare it there.");
                continue;
            }

            foreach (var model in models)
            {
                foreach (var (searched, shown) in datasets)
                {
                    if (searched is not null && shown is not null) yield return new(space, model, searched, shown, file.Target.Text);
                }
            }
        }
    }

    private static DatasetEntry? Dataset(
        ExperimentFolder files, YamlEntry entry, string scale, TuningPlan plan, DeclarationErrors errors)
    {
        var other = plan.Datasets.GetValueOrDefault(NameOf(entry));
        var wanted = other ?? entry;
        var dataset = files.StandIns.Dataset(NameOf(wanted), wanted, plan.Edits);
        if (dataset is { World: null } && other is null)
        {
            errors.Add(entry.Value.Place, $"'{NameOf(entry)}': found real records, which tables show whatever the seed, expected another "
                + $"data set to search on; name one of other records under 'datasets' of scale '{scale}' in "
                + $"tuning/{ChosenOptions.SpacesFile}.");
        }

        return dataset;
    }

    private static IEnumerable<YamlEntry> Standing(YamlMap map) =>
        map.Entries.Where(entry => entry.Value is not YamlScalar { IsNull: true });

    private static string NameOf(YamlEntry entry) => entry.Value is YamlScalar { Text: var text } ? text : entry.Key;

    // A space on a model of a table: the data set that it is searched on, in the place of the one that the table shows.
    private sealed record Use(TuningSpace Space, ModelEntry Model, DatasetEntry Dataset, DatasetEntry Shown, string Table);
}
