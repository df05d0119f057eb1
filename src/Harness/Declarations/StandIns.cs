using Harness.Declarations.Yaml;
using Harness.Measuring.Cells;
using Harness.Measuring.Worlds;
using Harness.Measuring.Yaml;
using Harness.Models;

namespace Harness.Declarations;

/// <summary>
/// What experiments/datasets.yaml and experiments/models.yaml declare: the things that stand for a paper's data sets and models at a scale.
/// </summary>
internal sealed class StandIns
{
    private readonly DeclarationErrors errors;
    private readonly YamlBinder binder;
    private readonly OrderedDictionary<string, WorldOptions?> worlds = [];
    private readonly YamlMap datasets;
    private readonly OrderedDictionary<string, (ModelSource Source, int StatisticsTokens)?> models = [];

    /// <summary>Binds everything declared, whether an experiment uses it or not.</summary>
    public StandIns(YamlMap datasetsFile, YamlMap modelsFile, DeclarationErrors errors)
    {
        this.errors = errors;
        binder = new YamlBinder(errors);
        var file = binder.Bind<DatasetsFile>(datasetsFile, "the data sets' file");

        // Every experiment would lack its data sets.
        if (file is null) errors.ThrowIfAny();
        foreach (var world in file?.Worlds?.Entries ?? [])
        {
            var options = binder.Bind<WorldOptions>(world.Value, $"world '{world.Key}'");
            Check(world, options is null ? null : options.Validate);
            worlds.Add(world.Key, options);
        }

        datasets = file?.Datasets ?? new YamlMap(datasetsFile.Place, []);
        foreach (var dataset in datasets.Entries)
            Read(dataset.Key, dataset, edits: 1);
        foreach (var model in modelsFile.Entries)
            models.Add(model.Key, ReadModel(model));
    }

    /// <summary>Names of the data sets, in file order.</summary>
    public IReadOnlyList<string> Datasets => [.. datasets.Keys];

    /// <summary>The data set that stands for <paramref name="name"/>, with the experiment's number of edits; null after an error.</summary>
    public DatasetEntry? Dataset(string name, YamlEntry standIn, int edits)
    {
        var wanted = standIn.Value is YamlScalar { Text: var text } ? text : standIn.Key;
        if (datasets.Entries.FirstOrDefault(entry => entry.Key == wanted) is { } declared)
            return Read(name, declared, edits);
        errors.AddUnknown(standIn.Value.Place, "data set", wanted, [.. datasets.Keys]);
        return null;
    }

    private DatasetEntry? Read(string name, YamlEntry declared, int edits)
    {
        var owner = $"data set '{declared.Key}'";
        if (declared.Value is not YamlMap map)
        {
            errors.Add(declared.Value.Place, $"{owner}: found {declared.Value.Description}, expected keys and values.");
            return null;
        }

        var given = new Dictionary<string, object?> { ["edits"] = edits };
        var options = (DatasetOptions?)binder.Bind(typeof(DatasetOptions), map.Without("world"), owner, given, ["world"]);
        var (worldName, world) = ReadWorld(map, owner);
        if (options is null)
            return null;
        if ((worldName is null) == (options.File is null))
            errors.Add(declared.Place, $"{owner}: expected either 'world' or 'file', found {(worldName is null ? "neither" : "both")}.");
        if (worldName is not null && options.SkippedRecords != 0)
        {
            errors.Add(map.Find("skipped-records")!.Place,
                $"'skipped-records' of {owner}: found {options.SkippedRecords}, expected none: a world has no records; "
                    + "choose another seed.");
        }

        return new DatasetEntry(name, declared.Key, world, options) { WorldName = worldName };
    }

    /// <summary>The model that stands for <paramref name="name"/>; null after an error.</summary>
    public ModelEntry? Model(string name, YamlEntry standIn)
    {
        var wanted = standIn.Value is YamlScalar { Text: var text } ? text : "";
        if (models.TryGetValue(wanted, out var model))
            return model is { } found ? new ModelEntry(name, wanted, found.Source, found.StatisticsTokens) : null;
        errors.AddUnknown(standIn.Value.Place, "model", wanted, models.Keys);
        return null;
    }

    private (string? Name, WorldOptions? World) ReadWorld(YamlMap map, string owner)
    {
        if (map.Find("world") is not { } item || binder.Bind<YamlScalar>(item, $"'world' of {owner}") is not { } name)
            return (null, null);
        if (worlds.TryGetValue(name.Text, out var world))
            return (name.Text, world);
        errors.AddUnknown(item.Place, "world", name.Text, worlds.Keys);
        return (name.Text, null);
    }

    private (ModelSource, int)? ReadModel(YamlEntry entry)
    {
        var owner = $"model '{entry.Key}'";
        return entry.Value is YamlMap map && map.Find("import") is not null ? ReadImported(entry, owner) : ReadTrained(entry, owner);
    }

    private (ModelSource, int)? ReadImported(YamlEntry entry, string owner)
    {
        if (binder.Bind<ImportFile>(entry.Value, owner) is not { } file)
            return null;
        Check(entry, file.Import.Validate);
        return (new ImportedModel(new ImportOptions { Import = file.Import }), file.StatisticsTokens);
    }

    private (ModelSource, int)? ReadTrained(YamlEntry entry, string owner)
    {
        if (binder.Bind<ModelFile>(entry.Value, owner) is not { } file)
            return null;
        var given = new Dictionary<string, object?> { ["vocabulary-size"] = file.Tokenizer.VocabularySize };
        Check(entry, file.Training.Validate);
        var shape = (TransformerConfig?)binder.Bind(typeof(TransformerConfig), file.Shape, $"the shape of {owner}", given);
        Check(entry, shape is null ? null : () => shape.Validate(owner));
        return shape is not null
            ? (new TrainedModel(file.Tokenizer, new ModelOptions { Shape = shape, Training = file.Training }), file.StatisticsTokens)
            : null;
    }

    /// <summary>Notes what a record's own validation says.</summary>
    private void Check(YamlEntry entry, Action? validate)
    {
        try
        {
            validate?.Invoke();
        }
        catch (InputException mistake)
        {
            errors.Add(entry.Place, $"'{entry.Key}': {mistake.Message}");
        }
    }

    private sealed record DatasetsFile
    {
        public YamlMap? Worlds { get; init; }
        public required YamlMap Datasets { get; init; }
    }
}
