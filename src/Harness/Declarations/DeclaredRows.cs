using System.Globalization;
using Harness.Declarations.Yaml;
using Harness.Measuring.Yaml;
using Harness.Tuning;

namespace Harness.Declarations;

/// <summary>A row of a table as it is declared.</summary>
/// <param name="Name">Its name, with its places on the axes.</param>
/// <param name="Series">Its name without them.</param>
/// <param name="Editor">Name in the editor registry, or <c>original</c>.</param>
/// <param name="Place">Where it is declared.</param>
/// <param name="Options">The editor's options; a map unless something else was written by mistake.</param>
internal sealed record DeclaredRow(string Name, string Series, string Editor, YamlPlace Place, YamlItem Options)
{
    /// <summary>Its places on the axes.</summary>
    public IReadOnlyList<AxisPlace> At { get; init; } = [];

    /// <summary>Number of edits where it is varied.</summary>
    public int? Edits { get; init; }

    /// <summary>The sweep that its options come from, <c>tuning/city</c>.</summary>
    public string? ChosenBy { get; init; }

    /// <summary>The space of tuning/spaces.yaml whose chosen options it takes, under its own; null where all are its own.</summary>
    public string? Tuned { get; init; }
}

/// <summary>
/// Turns the editors of a scale into rows: an entry may name its <c>editor</c> where the row has a name of its own, and <c>vary</c> makes
/// one row of each value, or of each combination where several axes vary one row.
/// </summary>
/// <param name="errors">Takes every mistake.</param>
/// <param name="sweeps">What <c>chosen-by</c> may name.</param>
internal sealed class DeclaredRows(DeclarationErrors errors, IReadOnlyList<string> sweeps)
{
    /// <summary>The option that stands for the number of edits.</summary>
    public const string EditsOption = "edits";

    /// <summary>
    /// Keys of a row that are not the editor's options: its editor, the sweep that its options come from, and the space that was searched
    /// for them.
    /// </summary>
    private const string EditorKey = "editor", ChosenKey = "chosen-by", TunedKey = "tuned";

    private readonly YamlBinder binder = new(errors);

    /// <summary>The rows in table order: those of one entry stand together, along the first axis first.</summary>
    /// <param name="editors">The entries.</param>
    /// <param name="axes">What they are varied over.</param>
    /// <param name="chosenBy">The sweep of the entries that name none.</param>
    public IReadOnlyList<DeclaredRow> Read(YamlMap editors, IReadOnlyList<VaryFile> axes, YamlScalar? chosenBy = null)
    {
        var sweep = Sweep(chosenBy);
        foreach (var axis in axes)
        {
            foreach (var name in axis.Editors ?? [])
            {
                if (editors.Find(name.Text) is null)
                    errors.AddUnknown(name.Place, "editor", name.Text, [.. editors.Keys]);
            }
        }

        return [.. editors.Entries.Select(entry => Row(entry, sweep))
            .SelectMany(row => Vary(row, [.. axes.Where(axis => Varies(axis, row))]))];
    }

    /// <summary>The axes by name, with all values that any entry gives them.</summary>
    public static IReadOnlyList<AxisEntry> Axes(IReadOnlyList<VaryFile> axes) =>
    [
        .. axes.GroupBy(axis => axis.Axis)
            .Select(same => new AxisEntry(same.Key, [.. same.SelectMany(axis => axis.Values.Select(value => value.Text)).Distinct()])
        {
            IsLogarithmic = same.Any(axis => axis.Logarithmic),
        }),
    ];

    private static bool Varies(VaryFile axis, DeclaredRow row) =>
        row.Editor != EditorEntry.Original && (axis.Editors is null || axis.Editors.Any(name => name.Text == row.Series));

    private DeclaredRow Row(YamlEntry entry, string? sweep)
    {
        if (entry.Value is not YamlMap map)
            return new DeclaredRow(entry.Key, entry.Key, entry.Key, entry.Place, entry.Value);
        var editor = Text(map, EditorKey, entry.Key)?.Text ?? entry.Key;
        var own = Sweep(Text(map, ChosenKey, entry.Key));
        var tuned = Tuned(Text(map, TunedKey, entry.Key), editor);
        return new DeclaredRow(
            entry.Key, entry.Key, editor, entry.Place, map.Without(EditorKey).Without(ChosenKey).Without(TunedKey))
        {
            ChosenBy = editor == EditorEntry.Original ? null
                : tuned is null ? own ?? sweep : $"{ExperimentSource.Tuning}/{ChosenOptions.SpacesFile}: {tuned}",
            Tuned = tuned,
        };
    }

    // True is the space of the editor's name.
    private string? Tuned(YamlScalar? value, string editor)
    {
        if (value is not null && editor == EditorEntry.Original)
            errors.Add(value.Place, $"'tuned': found it for '{EditorEntry.Original}', expected an editor's row; leave it out.");
        return value switch
        {
            null or { Plain: true, Text: "false" } => null,
            _ when editor == EditorEntry.Original => null,
            { Plain: true, Text: "true" } => editor,
            _ => value.Text,
        };
    }

    private YamlScalar? Text(YamlMap map, string key, string row) =>
        map.Find(key) is { } item ? binder.Bind<YamlScalar>(item, $"'{key}' of row '{row}'") : null;

    private string? Sweep(YamlScalar? name)
    {
        if (name is not null && !sweeps.Contains(name.Text))
            errors.AddUnknown(name.Place, "sweep", name.Text, sweeps);
        return name?.Text;
    }

    private IEnumerable<DeclaredRow> Vary(DeclaredRow row, IReadOnlyList<VaryFile> axes)
    {
        IEnumerable<DeclaredRow> rows = [row];
        foreach (var axis in axes)
            rows = [.. rows.SelectMany(one => axis.Values.Select(value => At(one, axis, value)))];
        return axes.Count == 0 ? rows
            : rows.Select(one => one with { Name = $"{one.Series}@{string.Join(',', one.At.Select(place => place.Value))}" });
    }

    private DeclaredRow At(DeclaredRow row, VaryFile axis, YamlScalar value)
    {
        var placed = row with { At = [.. row.At, new AxisPlace(axis.Axis, value.Text)] };
        if (axis.Option.Text == EditsOption)
        {
            if (int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var edits) && edits > 0)
                return placed with { Edits = edits };
            errors.Add(value.Place, $"axis '{axis.Axis}': found '{value.Text}', expected a number of edits, at least 1.");
            return placed;
        }

        // A list is written in one value: layers varies over [0], [1] …
        YamlItem item = axis.AsList ? new YamlList(value.Place, [value]) : value;
        return row.Options is YamlMap map ? placed with { Options = map.Merge(Nested(axis.Option.Text, item)) } : placed;
    }

    /// <summary>An option as it would be declared: <c>tuning.batch-size</c> is a map within a map.</summary>
    internal static YamlMap Nested(string path, YamlItem value) => (YamlMap)path.Split('.').Reverse()
        .Aggregate(value, (inner, key) => new YamlMap(value.Place, [new YamlEntry(value.Place, key, inner)]));
}
