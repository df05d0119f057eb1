using Harness.Declarations.Yaml;

namespace Harness.Declarations;

/// <summary>How people write the papers' models and data sets (experiments/names.yaml): <c>LLaMA-2-7B</c> for <c>llama2-7b</c>.</summary>
internal sealed class PaperNames
{
    private readonly DeclarationErrors errors;
    private readonly bool isRead;
    private readonly Dictionary<string, string> models, datasets;

    /// <summary>Reads the file's map; names that are no text are noted.</summary>
    public PaperNames(YamlMap map, DeclarationErrors errors)
    {
        this.errors = errors;
        var binder = new YamlBinder(errors);
        var file = binder.Bind<NamesFile>(map, "the names' file");
        isRead = file is not null;
        Dictionary<string, string> Read(YamlMap? names) => (names?.Entries ?? [])
            .Select(entry => (entry.Key, Title: binder.Bind<YamlScalar>(entry.Value, $"'{entry.Key}'")?.Text))
            .Where(name => name.Title is not null).ToDictionary(name => name.Key, name => name.Title!, StringComparer.Ordinal);
        (models, datasets) = (Read(file?.Models), Read(file?.Datasets));
    }

    /// <summary>A model as people write it; its key where that is unknown, which <see cref="Check"/> reports.</summary>
    public string Model(string name) => models.GetValueOrDefault(name, name);

    /// <summary>The same for a data set.</summary>
    public string Dataset(string name) => datasets.GetValueOrDefault(name, name);

    /// <summary>Notes the models and data sets of an experiment that have no name; none where the names' file itself was wrong.</summary>
    public void Check(ExperimentFile file)
    {
        if (!isRead) return;
        foreach (var model in file.Models.Where(model => !models.ContainsKey(model.Text)))
            errors.AddUnknown(model.Place, "model", model.Text, models.Keys);
        foreach (var dataset in file.Datasets.Where(dataset => !datasets.ContainsKey(dataset.Text)))
            errors.AddUnknown(dataset.Place, "data set", dataset.Text, datasets.Keys);
    }

    private sealed record NamesFile
    {
        public required YamlMap Models { get; init; }
        public required YamlMap Datasets { get; init; }
    }
}
