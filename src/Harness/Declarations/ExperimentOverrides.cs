using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Yaml;
using Harness.Planning;

namespace Harness.Declarations;

/// <summary>What the command line and the environment change in the declarations.</summary>
public sealed record ExperimentOverrides
{
    private const int LongestShown = 200;

    /// <summary>Nothing changed.</summary>
    public static ExperimentOverrides None { get; } = new();

    /// <summary>Seed instead of the declared one (<c>--seed=21</c>), or null.</summary>
    public long? Seed { get; init; }

    /// <summary>Number of edit cases instead of the declared one (<c>--edits=10</c>), or null.</summary>
    public int? Edits { get; init; }

    /// <summary>Where tensors are computed (<c>--device=cuda</c>). Default <c>cpu</c>.</summary>
    public string Device { get; init; } = KeyContext.Cpu;

    /// <summary>Whether this machine's best kernels compute (<c>--numerics=fast</c>). Default: the portable ones.</summary>
    public bool IsFast { get; init; }

    /// <summary>Editors to keep (<c>--editors=rome,memit</c>), or null for all; the declared order stays.</summary>
    public IReadOnlyList<string>? Editors { get; init; }

    /// <summary>
    /// Editor options to try, each <c>editor.option=value</c> or <c>editor.option.part=value</c> (<c>--set=rome.layer=2</c>); the value is
    /// YAML.
    /// </summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>
    /// The tasks of <c>HARNESS_TASKS</c> by name, each with its SHA-256 (<see cref="TaskFolder.ContentsOf"/>): what shows <c>capability</c>
    /// shows them too.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tasks { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether a declaration is changed, so that the results are nobody's table: they go to a folder of their own. A seed that is the
    /// declared one changes nothing.
    /// </summary>
    public bool IsCustom => Seed is not null || Edits is not null || Editors is not null || Set.Count > 0 || Tasks.Count > 0;

    /// <summary>The <see cref="Set"/> entries as YAML: a map from editors to the options to be merged into theirs.</summary>
    internal YamlMap ReadSet(DeclarationErrors errors)
    {
        var all = new YamlMap(new YamlPlace("--set", 0, 0), []);
        foreach (var text in Set)
        {
            var place = PlaceOf(text);
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var path = equals < 0 ? [] : text[..equals].Split('.');
            if (path.Length is < 2 or > YamlReader.MostDeep || path.Any(string.IsNullOrWhiteSpace))
                errors.Add(place, "expected editor.option=value, for example --set=rome.layer=2.");
            else if (YamlReader.ReadValue(text[(equals + 1)..], place.File, errors) is { } value)
                all = all.Merge((YamlMap)path.Reverse()
                    .Aggregate(At(value, place), (inner, key) => new YamlMap(place, [new YamlEntry(place, key, inner)])));
        }

        return all;
    }

    /// <summary>An assignment as errors name it.</summary>
    internal static YamlPlace PlaceOf(string assignment) =>
        new($"--set={(assignment.Length <= LongestShown ? assignment : assignment[..LongestShown] + "…")}", 0, 0);

    private static YamlItem At(YamlItem item, YamlPlace place) => item switch
    {
        YamlMap map =>
            map with { Place = place, Entries = [.. map.Entries.Select(entry => new YamlEntry(place, entry.Key, At(entry.Value, place)))] },
        YamlList list => list with { Place = place, Items = [.. list.Items.Select(entry => At(entry, place))] },
        _ => item with { Place = place },
    };
}
