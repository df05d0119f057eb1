using Harness.Editing;
using Harness.Experiments.Declarations.Yaml;

namespace Harness.Experiments.Declarations;

/// <summary>
/// Resolves the editors of one scale: their options, those for single data sets and models, and what the command line sets.
/// </summary>
internal sealed class EditorOptions(IReadOnlyList<EditorDescriptor> registry, YamlMap set, DeclarationErrors errors)
{
    /// <summary>The row of the unedited model.</summary>
    public const string Original = "original";

    private readonly YamlBinder binder = new(errors);

    /// <summary>The table's editors with their options, in file order.</summary>
    public IReadOnlyList<EditorEntry> Read(YamlMap editors)
    {
        var entries = new List<EditorEntry>();
        foreach (var editor in editors.Entries)
        {
            if (editor.Key != Original && Find(editor.Key) is null)
                errors.AddUnknown(editor.Place, "editor", editor.Key, [Original, .. registry.Select(known => known.Name)]);
            else if (Bind(editor.Key, editor.Value) is { } options)
                entries.Add(new EditorEntry(editor.Key, options is Nothing ? null : options));
        }

        return entries;
    }

    /// <summary>
    /// The options that overrides give to single data sets and models; later overrides win, the command line wins over all.
    /// </summary>
    public IReadOnlyList<SpecificOptions> ReadSpecific(ScaleFile scale, IReadOnlyList<string> datasets, IReadOnlyList<string> models)
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
                foreach (var editor in scale.Editors.Entries)
                {
                    var patches = scale.Overrides.Where(patch => patch.Editor.Text == editor.Key
                        && (patch.Dataset is null || patch.Dataset.Text == dataset)
                        && (patch.Model is null || patch.Model.Text == model)).ToList();
                    if (patches.Count == 0 || editor.Value is not YamlMap options)
                        continue;
                    var merged = patches.Aggregate(options, (sofar, patch) => sofar.Merge(patch.Options));
                    if (Bind(editor.Key, merged) is { } bound and not Nothing)
                        specific.Add(new SpecificOptions(dataset, model, editor.Key, bound));
                }
            }
        }

        return specific;
    }

    /// <summary>
    /// Checks that a model has the layers whose statistics an editor needs; an imported one's are known when it is loaded, and checked then.
    /// </summary>
    public void CheckLayers(string editor, object? options, ModelEntry model, YamlPlace place)
    {
        if (options is null || Find(editor) is not { } descriptor || model.Source is not TrainedModel trained)
            return;
        var layers = trained.Options.Shape.Layers;
        foreach (var layer in descriptor.StatisticsLayers(options).Where(layer => layer < 0 || layer >= layers))
            errors.Add(place,
                $"editor '{editor}' needs the key statistics of layer {layer}, but model '{model.StandIn}' has layers 0 to {layers - 1}.");
    }

    private object? Bind(string editor, YamlItem item)
    {
        var owner = $"editor '{editor}'";
        var merged = item is YamlMap map && set.Find(editor) is YamlMap patch ? map.Merge(patch) : item;
        var options = Find(editor) is { } descriptor
            ? binder.Bind(descriptor.OptionsType, merged, owner)
            : binder.Bind<Nothing>(merged, owner);
        foreach (var violation in (options as IEditorOptions)?.Validate() ?? [])
            errors.Add(PlaceOf(violation, (YamlMap)merged), $"{owner}: {violation}.");
        return options;
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
