using System.Globalization;
using Harness.Experiments.Declarations.Yaml;

namespace Harness.Experiments.Declarations;

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
}

/// <summary>
/// Turns the editors of a scale into rows: an entry may name its <c>editor</c> where the row has a name of its own, and <c>vary</c> makes one row
/// of each value, or of each combination where several axes vary one row.
/// </summary>
internal sealed class DeclaredRows(DeclarationErrors errors)
{
    /// <summary>The option that stands for the number of edits.</summary>
    public const string EditsOption = "edits";

    /// <summary>Keys of a row that are not the editor's options: its editor, and the sweep that its options come from.</summary>
    private const string EditorKey = "editor", ChosenKey = "chosen-by";

    /// <summary>The rows in table order: those of one entry stand together, along the first axis first.</summary>
    public IReadOnlyList<DeclaredRow> Read(YamlMap editors, IReadOnlyList<VaryFile> axes)
    {
        foreach (var axis in axes)
        {
            foreach (var name in axis.Editors ?? [])
            {
                if (editors.Find(name.Text) is null)
                    errors.AddUnknown(name.Place, "editor", name.Text, [.. editors.Keys]);
            }
        }

        return [.. editors.Entries.Select(Row).SelectMany(row => Vary(row, [.. axes.Where(axis => Varies(axis, row))]))];
    }

    /// <summary>The axes by name, with all values that any entry gives them.</summary>
    public static IReadOnlyList<AxisEntry> Axes(IReadOnlyList<VaryFile> axes) =>
    [
        .. axes.GroupBy(axis => axis.Axis).Select(same => new AxisEntry(same.Key, [.. same.SelectMany(axis => axis.Values.Select(value => value.Text)).Distinct()])
        {
            IsLogarithmic = same.Any(axis => axis.Logarithmic),
        }),
    ];

    private static bool Varies(VaryFile axis, DeclaredRow row) =>
        row.Editor != EditorOptions.Original && (axis.Editors is null || axis.Editors.Any(name => name.Text == row.Series));

    private DeclaredRow Row(YamlEntry entry)
    {
        if (entry.Value is not YamlMap map)
            return new DeclaredRow(entry.Key, entry.Key, entry.Key, entry.Place, entry.Value);
        var editor = map.Find(EditorKey) is YamlScalar { Text: var named } ? named : entry.Key;
        return new DeclaredRow(entry.Key, entry.Key, editor, entry.Place, map.Without(EditorKey).Without(ChosenKey));
    }

    private IEnumerable<DeclaredRow> Vary(DeclaredRow row, IReadOnlyList<VaryFile> axes)
    {
        IEnumerable<DeclaredRow> rows = [row];
        foreach (var axis in axes)
            rows = [.. rows.SelectMany(one => axis.Values.Select(value => At(one, axis, value)))];
        return axes.Count == 0 ? rows : rows.Select(one => one with { Name = $"{one.Series}@{string.Join(',', one.At.Select(place => place.Value))}" });
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
        var patch = (YamlMap)axis.Option.Text.Split('.').Reverse()
            .Aggregate(item, (inner, key) => new YamlMap(value.Place, [new YamlEntry(value.Place, key, inner)]));
        return row.Options is YamlMap map ? placed with { Options = map.Merge(patch) } : placed;
    }
}
