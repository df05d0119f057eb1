using System.Text;
using Harness.Declarations.Yaml;
using Harness.Measuring.Yaml;

namespace Harness.Tuning;

/// <summary>
/// What a search chose at one scale, experiments/tuning/chosen.&lt;scale&gt;.yaml: space → model of models.yaml → options, fixed ones
/// too. The search writes it and rows with <c>tuned</c> read it.
/// </summary>
internal sealed class ChosenOptions
{
    /// <summary>The file of spaces, beside those of what was chosen.</summary>
    public const string SpacesFile = "spaces.yaml";

    private readonly string name;
    private readonly string scale;
    private readonly SortedDictionary<string, SortedDictionary<string, YamlMap>> chosen = new(StringComparer.Ordinal);

    private ChosenOptions(string name, string scale) => (this.name, this.scale) = (name, scale);

    /// <summary>Name of a scale's file.</summary>
    public static string FileOf(string scale) => $"chosen.{scale}.yaml";

    /// <summary>Whether a file of the folder is no sweep.</summary>
    public static bool IsOfSearch(string file) =>
        file == SpacesFile || (file.StartsWith("chosen.", StringComparison.Ordinal) && file.EndsWith(".yaml", StringComparison.Ordinal));

    /// <summary>Reads a scale's file; nothing is chosen where there is none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="errors">Takes every mistake.</param>
    public static ChosenOptions Read(string file, string name, string scale, DeclarationErrors errors)
    {
        var read = new ChosenOptions(name, scale);
        if (!File.Exists(file) || YamlReader.ReadFile(file, name, errors) is not { } map) return read;
        var binder = new YamlBinder(errors);
        foreach (var space in map.Entries)
        {
            foreach (var model in binder.Bind<YamlMap>(space.Value, $"space '{space.Key}'")?.Entries ?? [])
            {
                if (binder.Bind<YamlMap>(model.Value, $"'{model.Key}' of space '{space.Key}'") is { } options)
                    read.Set(space.Key, model.Key, options);
            }
        }

        return read;
    }

    /// <summary>The options of a space on a model; null, and a note, where there are none.</summary>
    /// <param name="space">The space.</param>
    /// <param name="model">The model, by its name in models.yaml.</param>
    /// <param name="row">Where they are asked for.</param>
    /// <param name="errors">Takes the mistake.</param>
    public YamlMap? Find(string space, string model, YamlPlace row, DeclarationErrors errors)
    {
        if (chosen.GetValueOrDefault(space)?.GetValueOrDefault(model) is { } found) return found;
        errors.Add(row, $"'tuned': found nothing chosen for '{space}' on '{model}' in {name}; run ./build.sh --target=Tune "
            + $"--scale={scale} --editors={space} --models={model}, or write the options into the row.");
        return null;
    }

    /// <summary>Chooses options.</summary>
    public void Set(string space, string model, YamlMap options)
    {
        if (!chosen.TryGetValue(space, out var models)) chosen[space] = models = new(StringComparer.Ordinal);
        models[model] = options;
    }

    /// <summary>Drops what is not of these spaces and models.</summary>
    public void Keep(IReadOnlySet<(string Space, string Model)> known)
    {
        foreach (var (space, models) in chosen.ToList())
        {
            foreach (var model in models.Keys.Where(model => !known.Contains((space, model))).ToList()) models.Remove(model);
            if (models.Count == 0) chosen.Remove(space);
        }
    }

    /// <summary>The file's text, sorted by space and model.</summary>
    public string ToText()
    {
        var text = new StringBuilder("# yaml-language-server: $schema=../schema/chosen.schema.json\n");
        text.Append($"# Written by ./build.sh --target=Tune --scale={scale}, not by hand: results/{scale}/tuning/search.md says how.\n");
        foreach (var (space, models) in chosen)
        {
            text.Append($"{space}:\n");
            foreach (var (model, options) in models) text.Append($"  {model}: {OptionValue.TextOf(options)}\n");
        }

        return text.ToString();
    }
}

/// <summary>What was chosen, for the models of one table.</summary>
/// <param name="Chosen">What was chosen at the table's scale.</param>
/// <param name="StandIns">What stands for each of the table's models that the scale has, at least one.</param>
internal sealed record TunedOptions(ChosenOptions Chosen, IReadOnlyDictionary<string, string> StandIns)
{
    /// <summary>The table's models.</summary>
    public IReadOnlyList<string> Models { get; } = [.. StandIns.Keys];

    /// <summary>As <see cref="ChosenOptions.Find"/>, for one of the table's models.</summary>
    public YamlMap? Find(string space, string model, YamlPlace row, DeclarationErrors errors) =>
        Chosen.Find(space, StandIns[model], row, errors);
}
