using System.Text.RegularExpressions;
using Harness.Measuring.Yaml;
using Harness.Models.Templates;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>A map of a task's YAML, whose values are read as Python's YAML would give them to lm-evaluation-harness.</summary>
internal sealed partial class TaskYaml
{
    private readonly YamlMap map;
    private readonly string path;
    private readonly DeclarationErrors errors;

    private TaskYaml(YamlMap map, string path, DeclarationErrors errors) => (this.map, this.path, this.errors) = (map, path, errors);

    /// <summary>Reads a file whose one document is a map.</summary>
    /// <exception cref="InputException">It cannot be read or is no such YAML.</exception>
    public static TaskYaml Read(string file)
    {
        var errors = new DeclarationErrors();
        var map = YamlReader.ReadFile(file, file, errors);
        if (map is null) errors.ThrowIfAny();
        return new TaskYaml(map!, "", errors);
    }

    /// <summary>Refuses keys that are not known, and what the reader noted in the file.</summary>
    /// <exception cref="InputException">Every mistake, one a line.</exception>
    public void CheckKeys(params string[] known)
    {
        foreach (var entry in map.Entries.Where(entry => !known.Contains(entry.Key)))
        {
            errors.Add(entry.Place, $"found key '{path}{entry.Key}', expected only {string.Join(", ", known)}; "
                + (Nearest.To(entry.Key, known) is { } near
                    ? $"did you mean '{near}'?"
                    : "what it does is not done here; remove it if the task means the same without"));
        }

        errors.ThrowIfAny();
    }

    /// <summary>The value of a key, or null where it is not there or null.</summary>
    public YamlItem? Find(string key) => map.Find(key) is { } item and not YamlScalar { IsNull: true } ? item : null;

    /// <summary>A text; the default where the key is not there.</summary>
    public string Text(string key, string? absent = null) => Find(key) switch
    {
        YamlScalar scalar => scalar.Text,
        null => absent ?? throw Error(key, null, "a text", $"add '{path}{key}: …'"),
        var other => throw Error(key, other, "a text", "correct it"),
    };

    /// <summary>A text that must be one of a few.</summary>
    public string OneOf(string key, string? absent, params string[] allowed) => Text(key, absent) is var text && allowed.Contains(text)
        ? text
        : throw Error(key, $"found '{text}', expected {string.Join(" or ", allowed)}; no other is understood here");

    /// <summary>A map inside this one.</summary>
    public TaskYaml Map(string key) => Find(key) is YamlMap inner
        ? new TaskYaml(inner, $"{path}{key}.", errors)
        : throw Error(key, Find(key), "keys and values", $"write '{path}{key}:' with its keys below");

    /// <summary>The maps of a list; none where the key is not there.</summary>
    public IReadOnlyList<TaskYaml> Maps(string key) => Find(key) switch
    {
        null => [],
        YamlList list => [.. list.Items.Select((item, i) => item is YamlMap inner
            ? new TaskYaml(inner, $"{path}{key}[{i}].", errors)
            : throw Error(key, item, "a list of maps", "correct it"))],
        var other => throw Error(key, other, "a list of maps", "correct it"),
    };

    /// <summary>
    /// The texts of a list or of a map's values. What Python's YAML would read as something else (no, on, 1.5) has to be quoted.
    /// </summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var items = Find(key) switch
        {
            YamlList list => list.Items,
            YamlMap inner => [.. inner.Entries.Select(entry => entry.Value)],
            var other => throw Error(key, other, "a list of texts", "correct it"),
        };
        return [.. items.Select(item => item is YamlScalar scalar && !(scalar.Plain && OtherThanText().IsMatch(scalar.Text))
            ? scalar.Text
            : throw Error(key, item, "a list of texts", "put each between quotes"))];
    }

    /// <summary>An error about a key, at its place, with its whole text: found, expected, what to do.</summary>
    public InputException Error(string key, string message) =>
        new($"{map.Entries.FirstOrDefault(entry => entry.Key == key)?.Place ?? map.Place}: '{path}{key}': {message}");

    /// <summary>Whether a scalar is a whole number for Python's YAML as for ours.</summary>
    public static bool IsNumber(YamlScalar scalar, out int number) => PythonText.IsNumber(scalar.Text, out number) && scalar.Plain;

    private InputException Error(string key, YamlItem? found, string expected, string remedy) =>
        Error(key, $"found {found?.Description ?? "nothing"}, expected {expected}; {remedy}");

    [GeneratedRegex(@"^(?:|~|null|yes|no|true|false|on|off|[-+]?\.?[0-9][0-9a-fx_.:e+-]*|[-+]?\.(?:inf|nan))$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherThanText();
}
