using Harness.Declarations.Yaml;
using Harness.Editing;
using Harness.Measuring.Yaml;
using Harness.Tuning;

namespace Harness.Declarations;

/// <summary>
/// Resolves the rows of one scale: their options, those for single data sets and models, and what the command line sets.
/// </summary>
/// <param name="registry">The editors.</param>
/// <param name="set">What the command line sets, by editor or by row.</param>
/// <param name="errors">Takes every mistake.</param>
/// <param name="atOnce">Edits that come at once where they come one after another; null where the editors' own options say.</param>
/// <param name="tuned">What rows take that say <c>tuned</c>.</param>
internal sealed class EditorOptions(
    IReadOnlyList<EditorDescriptor> registry, YamlMap set, DeclarationErrors errors, int? atOnce = null, TunedOptions? tuned = null)
{
    private readonly YamlBinder binder = new(errors);

    /// <summary>The table's rows with their options, in file order.</summary>
    public IReadOnlyList<EditorEntry> Read(IReadOnlyList<DeclaredRow> rows)
    {
        var entries = new List<EditorEntry>();
        foreach (var row in rows)
        {
            if (row.Editor != EditorEntry.Original && Find(row.Editor) is null)
                errors.AddUnknown(row.Place, "editor", row.Editor, [EditorEntry.Original, .. registry.Select(known => known.Name)]);
            else if (OptionsOf(row, tuned?.Models[0]) is { } item && Bind(row, item) is { } options)
                entries.Add(new EditorEntry(row.Name, options is Nothing ? null : options)
                {
                    Editor = row.Editor,
                    Series = row.Series,
                    At = row.At,
                    Edits = row.Edits,
                    ChosenBy = row.ChosenBy,
                });
        }

        return entries;
    }

    /// <summary>
    /// The options that overrides give to single data sets and models; later overrides win, the command line wins over all.
    /// </summary>
    public IReadOnlyList<SpecificOptions> ReadSpecific(
        ScaleFile scale, IReadOnlyList<DeclaredRow> rows, IReadOnlyList<string> datasets, IReadOnlyList<string> models)
    {
        foreach (var entry in scale.Overrides)
        {
            Check("editor", entry.Editor, [.. scale.Editors.Keys]);
            Check("data set", entry.Dataset, datasets);
            Check("model", entry.Model, models);
        }

        var specific = new List<SpecificOptions>();
        foreach (var dataset in datasets)
        {
            foreach (var model in models)
            {
                foreach (var row in rows)
                {
                    var patches = scale.Overrides.Where(patch => patch.Editor.Text == row.Series
                        && (patch.Dataset is null || patch.Dataset.Text == dataset)
                        && (patch.Model is null || patch.Model.Text == model)).ToList();
                    var isChosen = row.Tuned is not null && tuned is not null && tuned.Models.Contains(model);
                    if ((patches.Count == 0 && !isChosen) || OptionsOf(row, isChosen ? model : null) is not YamlMap options)
                        continue;
                    var merged = patches.Aggregate(options, (sofar, patch) => sofar.Merge(patch.Options));
                    if (Bind(row, merged) is { } bound and not Nothing)
                        specific.Add(new SpecificOptions(dataset, model, row.Name, bound));
                }
            }
        }

        return specific;
    }

    // What was chosen on a model, under the row's own options.
    private YamlItem? OptionsOf(DeclaredRow row, string? model) =>
        row.Tuned is null || tuned is null || model is null || row.Options is not YamlMap own ? row.Options
            : tuned.Find(row.Tuned, model, row.Place, errors)?.Merge(own);

    /// <summary>
    /// Checks that a model has the layers whose statistics an editor needs; an imported one's are known when it is loaded, and checked
    /// then.
    /// </summary>
    public void CheckLayers(DeclaredRow row, object? options, ModelEntry model)
    {
        if (options is null || Find(row.Editor) is not { } descriptor || model.Source is not TrainedModel trained)
            return;
        var layers = trained.Options.Shape.Layers;
        foreach (var layer in descriptor.StatisticsLayers(options).Where(layer => layer < 0 || layer >= layers))
        {
            errors.Add(Assigned(row, $"{layer}") ?? row.Place, $"editor '{row.Editor}': found layer {layer}, of which it needs key " +
                $"statistics, expected 0 to {layers - 1}, the layers of model '{model.StandIn}'.");
        }
    }

    /// <summary>The assignment of the command line that gives a row this value, or null.</summary>
    private YamlPlace? Assigned(DeclaredRow row, string value)
    {
        return Holding(set.Find(row.Series)) ?? Holding(set.Find(row.Editor));

        YamlPlace? Holding(YamlItem? item) => item switch
        {
            YamlScalar scalar => scalar.Text == value ? scalar.Place : null,
            YamlList list => list.Items.Select(Holding).FirstOrDefault(place => place is not null),
            YamlMap map => map.Entries.Select(entry => Holding(entry.Value)).FirstOrDefault(place => place is not null),
            _ => null,
        };
    }

    private object? Bind(DeclaredRow row, YamlItem item)
    {
        var owner = row.Name == row.Editor ? $"editor '{row.Editor}'" : $"editor '{row.Editor}' of row '{row.Name}'";
        var merged = item;
        foreach (var name in (string[])[row.Editor, .. row.Series == row.Editor ? Array.Empty<string>() : [row.Series]])
            merged = merged is YamlMap map && set.Find(name) is YamlMap patch ? map.Merge(patch) : merged;
        var options = Find(row.Editor) is { } descriptor
            ? binder.Bind(descriptor.OptionsType, merged, owner)
            : binder.Bind<Nothing>(merged, owner);
        foreach (var violation in (options as IEditorOptions)?.Validate() ?? [])
            errors.Add(PlaceOf(violation, (YamlMap)merged), $"{owner}: {violation}.");
        return options is IEditorOptions known ? InBatches(known, row, owner) : options;
    }

    private IEditorOptions? InBatches(IEditorOptions options, DeclaredRow row, string owner)
    {
        if (atOnce is not { } size)
            return options;
        if (options.Sequential(size) is { } sequential)
            return sequential;
        errors.Add(row.Place, $"{owner}: found edits-protocol sequential with {size} at once, expected an editor that works so; " +
            "leave it out or change edits-at-once.");
        return null;
    }

    /// <summary>The place of the key that a violation, "name.part: found …", is about; the map's where the key has its default.</summary>
    private static YamlPlace PlaceOf(string violation, YamlMap map)
    {
        var place = map.Place;
        YamlItem? at = map;
        foreach (var key in violation.Split(':')[0].Split('.'))
        {
            at = (at as YamlMap)?.Find(key);
            place = at?.Place ?? place;
        }

        return place;
    }

    private EditorDescriptor? Find(string editor) => registry.FirstOrDefault(known => known.Name == editor);

    private void Check(string what, YamlScalar? name, IReadOnlyList<string> known)
    {
        if (name is not null && !known.Contains(name.Text))
            errors.AddUnknown(name.Place, what, name.Text, known);
    }

    /// <summary>The options of the unedited model: none.</summary>
    private sealed record Nothing;
}

/// <summary>Options of one editor from assignments alone, where there is no experiment.</summary>
public static class EditorAssignments
{
    /// <summary>Makes the options record of an editor; what is not assigned has its default.</summary>
    /// <param name="editor">The editor.</param>
    /// <param name="assignments">As in <see cref="ExperimentOverrides.Set"/>; later ones win.</param>
    /// <exception cref="InputException">Every assignment that is wrong, one a line, and every option that has neither default nor
    /// value.</exception>
    public static object Bind(EditorDescriptor editor, IReadOnlyList<string> assignments)
    {
        var errors = new DeclarationErrors();
        var set = new ExperimentOverrides { Set = assignments }.ReadSet(errors);
        foreach (var other in set.Entries.Where(entry => entry.Key != editor.Name))
            errors.Add(other.Value.Place,
                $"found editor '{other.Key}', expected {editor.Name}, which --editor names; correct it or leave it out.");
        var place = new YamlPlace("--set", 0, 0);
        var bound = new EditorOptions([editor], set, errors)
            .Read([new DeclaredRow(editor.Name, editor.Name, editor.Name, place, new YamlMap(place, []))]);
        errors.ThrowIfAny();
        return bound[0].Options!;
    }
}
