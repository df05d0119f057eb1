using System.Text.RegularExpressions;
using Harness.Measuring.Yaml;
using Harness.Models.Templates;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>A map of a task's YAML, read strictly: unknown and duplicate keys, tags and wrong types are errors that say where.</summary>
internal sealed partial class TaskYaml
{
    private readonly string file, path;
    private readonly YamlMappingNode map;

    private TaskYaml(string file, string path, YamlMappingNode map) => (this.file, this.path, this.map) = (file, path, map);

    /// <summary>Reads a file whose one document is a map.</summary>
    /// <exception cref="InputException">It cannot be read or is no such YAML.</exception>
    public static TaskYaml Read(string file)
    {
        try
        {
            var stream = new YamlStream();
            using (var reader = new StreamReader(file)) stream.Load(new BoundedParser(reader));
            return stream.Documents is [{ RootNode: YamlMappingNode root }]
                ? new TaskYaml(file, "", root)
                : throw new InputException($"{file}: found {stream.Documents.Count} documents or no keys, expected one map of "
                    + "lm-evaluation-harness's keys; give one task a file");
        }
        catch (YamlException cause)
        {
            var place = $"{file}({cause.Start.Line},{cause.Start.Column})";
            throw new InputException(
                $"{place}: found no valid YAML ({cause.Message.TrimEnd('.')}), expected a task; correct the file", cause);
        }
        catch (InvalidOperationException cause)
        {
            // YamlDotNet's scanner throws it for some unclosed brackets.
            throw new InputException(
                $"{file}: found no valid YAML, expected a task; a bracket or quote may be missing: correct the file", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{file}: found no readable file ({cause.Message.TrimEnd('.')}), expected a task in YAML; check its path", cause);
        }
    }

    /// <summary>Refuses keys that are not known.</summary>
    public void CheckKeys(params string[] known)
    {
        foreach (var key in map.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(name))
            {
                throw At(key, $"found key '{path}{name}', expected only {string.Join(", ", known)}; "
                    + (Nearest.To(name, known) is { } near
                        ? $"did you mean '{near}'?"
                        : "what it does is not done here; remove it if the task means the same without"));
            }
        }
    }

    /// <summary>The value of a key, or null where it is not there or null.</summary>
    public YamlNode? Find(string key)
    {
        if (!map.Children.TryGetValue(new YamlScalarNode(key), out var value)) return null;
        if (HasTag(value))
            throw Error(key, $"the tag '{value.Tag.Value}'", "a plain value", "code is not run here; put what it computes into the data");
        return value is YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" or null } ? null : value;
    }

    /// <summary>A text; the default where the key is not there.</summary>
    public string Text(string key, string? absent = null) => Find(key) switch
    {
        YamlScalarNode { Value: { } text } => text,
        null => absent ?? throw Error(key, "nothing", "a text", $"add '{path}{key}: …'"),
        var other => throw Error(key, Name(other), "a text", "correct it"),
    };

    /// <summary>A text that must be one of a few.</summary>
    public string OneOf(string key, string? absent, params string[] allowed) => Text(key, absent) is var text && allowed.Contains(text)
        ? text
        : throw Error(key, $"'{text}'", string.Join(" or ", allowed), "no other is understood here");

    /// <summary>A map inside this one.</summary>
    public TaskYaml Map(string key) => Find(key) switch
    {
        YamlMappingNode inner => new TaskYaml(file, $"{path}{key}.", inner),
        null => throw Error(key, "nothing", "keys and values", $"add '{path}{key}:'"),
        var other => throw Error(key, Name(other), "keys and values", "correct it"),
    };

    /// <summary>The maps of a list; none where the key is not there.</summary>
    public IReadOnlyList<TaskYaml> Maps(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Select((item, i) => item is YamlMappingNode inner
            ? new TaskYaml(file, $"{path}{key}[{i}].", inner)
            : throw Error(key, Name(item), "a list of maps", "correct it"))],
        var other => throw Error(key, Name(other), "a list of maps", "correct it"),
    };

    /// <summary>
    /// The texts of a list or of a map's values. What Python's YAML would read as something else (no, on, 1.5) has to be quoted.
    /// </summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var items = Find(key) switch
        {
            YamlSequenceNode list => list.Children,
            YamlMappingNode inner => [.. inner.Children.Values],
            var other => throw Error(key, Name(other), "a list of texts", "correct it"),
        };
        return [.. items.Select(item => item is YamlScalarNode { Value: { } text } scalar && !HasTag(item) && !IsOther(scalar)
            ? text
            : throw Error(key, Name(item), "a list of texts", "put each between quotes"))];
    }

    /// <summary>An error about a key, at its place.</summary>
    public InputException Error(string key, string found, string expected, string remedy) =>
        Error(key, $"found {found}, expected {expected}; {remedy}");

    /// <summary>The same with its whole text: found, expected, what to do.</summary>
    public InputException Error(string key, string message)
    {
        YamlNode place = map.Children.Keys.FirstOrDefault(one => one is YamlScalarNode { Value: var name } && name == key) ?? map;
        return At(place, $"'{path}{key}': {message}");
    }

    /// <summary>Whether a scalar is a whole number for Python's YAML as for ours.</summary>
    public static bool IsNumber(YamlScalarNode scalar, out int number) =>
        PythonText.IsNumber(scalar.Value ?? "", out number) && scalar.Style == ScalarStyle.Plain;

    private InputException At(YamlNode place, string message) => new($"{file}({place.Start.Line},{place.Start.Column}): {message}");

    private static bool HasTag(YamlNode node) => !node.Tag.IsEmpty && !node.Tag.IsNonSpecific;

    private static bool IsOther(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && OtherThanText().IsMatch(scalar.Value ?? "");

    private static string Name(YamlNode? node) => node switch
    {
        YamlScalarNode scalar => $"'{scalar.Value}'",
        YamlSequenceNode => "a list",
        YamlMappingNode => "a map",
        _ => "nothing",
    };

    [GeneratedRegex(@"^(?:|~|null|yes|no|true|false|on|off|[-+]?\.?[0-9][0-9a-fx_.:e+-]*|[-+]?\.(?:inf|nan))$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherThanText();
}
