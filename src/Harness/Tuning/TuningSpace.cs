using System.Globalization;
using System.Text.Json;
using Harness.Declarations;
using Harness.Editing;
using Harness.Measuring.Metrics;
using Harness.Measuring.Yaml;

namespace Harness.Tuning;

/// <summary>A round of successive halving.</summary>
/// <param name="Settings">Settings that are tried.</param>
/// <param name="Edits">Edits that each is tried with.</param>
/// <param name="Seeds">The seeds that each is tried on.</param>
/// <param name="Datasets">How many of the data sets each is tried on, the first ones; null for all.</param>
internal sealed record TuningRound(int Settings, int Edits, IReadOnlyList<long> Seeds, int? Datasets = null);

/// <summary>How one scale is searched.</summary>
/// <param name="Protocol">How answers are scored.</param>
/// <param name="Locality">What locality compares.</param>
/// <param name="DrawSeed">Seed of the draws.</param>
/// <param name="Widenings">Times that an option's values go on beyond an end.</param>
/// <param name="Rounds">The rounds, in order.</param>
/// <param name="Datasets">The data sets that stand in the place of tables', by these.</param>
internal sealed record TuningPlan(
    Protocol Protocol, LocalityDefinition Locality, long DrawSeed, int Widenings, IReadOnlyList<TuningRound> Rounds,
    IReadOnlyDictionary<string, YamlEntry> Datasets)
{
    /// <summary>Every seed, in the order in which the rounds take them.</summary>
    public IReadOnlyList<long> Seeds => Rounds[^1].Seeds;

    /// <summary>Edits of the last round.</summary>
    public int Edits => Rounds[^1].Edits;
}

/// <summary>The options of one editor that are searched, in one set-up.</summary>
/// <param name="Name">Its name, by which rows ask for what was chosen.</param>
/// <param name="Editor">The editor.</param>
/// <param name="Source">Where the paper names the options.</param>
/// <param name="Edits">How the edits reach the editor.</param>
/// <param name="When">Options that a row has which it is for; empty: any.</param>
/// <param name="Fixed">Options that are the same in every setting.</param>
/// <param name="Options">What is searched; empty where there is nothing to tune.</param>
/// <param name="Place">Where it is declared.</param>
internal sealed record TuningSpace(
    string Name, EditorDescriptor Editor, string Source, EditsProtocol Edits, YamlMap When, YamlMap Fixed,
    IReadOnlyList<SpaceOption> Options, YamlPlace Place)
{
    /// <summary>Settings of the whole grid.</summary>
    public long GridSize => Options.Aggregate(1L, (product, option) => product * option.Values.Count);

    /// <summary>Whether a row of a table, by its options as they are declared, is searched here.</summary>
    public bool Fits(DeclaredRow row, EditsProtocol edits) =>
        row.Editor == Editor.Name && edits == Edits && row.Options is YamlMap options && Holds(options, When);

    /// <summary>The options of a setting as they would be declared in a row.</summary>
    public YamlMap Declared(IReadOnlyList<OptionValue> values) => Options.Zip(values).Aggregate(
        Fixed, (map, one) => map.Merge(DeclaredRows.Nested(one.First.Path, one.Second.Item)));

    private static bool Holds(YamlMap options, YamlMap wanted) => wanted.Entries.All(entry => (entry.Value, options.Find(entry.Key)) switch
    {
        (YamlMap inner, YamlMap found) => Holds(found, inner),
        (var value, { } found) => OptionValue.TextOf(value) == OptionValue.TextOf(found),
        _ => false,
    });
}

/// <summary>An option and its values, in order.</summary>
/// <param name="Path">Its name, with points into nested ones.</param>
/// <param name="Values">Its values.</param>
internal sealed record SpaceOption(string Path, IReadOnlyList<OptionValue> Values)
{
    /// <summary>Whether it is an axis: several ascending numbers.</summary>
    public bool IsOrdered => Values.Count > 1 && Values.All(value => value.Number is not null);

    /// <summary>Whether its values are layers, from 0 to the model's last.</summary>
    public bool IsLayer => Path.Split('.')[^1] is "layer" or "layers";
}

/// <summary>One value of an option.</summary>
/// <param name="Text">As it is shown, and what makes it the same as another.</param>
/// <param name="Item">As it would be declared.</param>
/// <param name="Number">The number that it is, or that is the only one of a list; null for anything else.</param>
internal sealed record OptionValue(string Text, YamlItem Item, double? Number)
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Reads a value.</summary>
    public static OptionValue Of(YamlItem item) => new(TextOf(item), item, NumberOf(item is YamlList { Items: [var only] } ? only : item));

    /// <summary>The same kind of value with another number.</summary>
    public OptionValue With(double number)
    {
        var scalar = new YamlScalar(Item.Place, number.ToString(CultureInfo.InvariantCulture), Plain: true);
        return Of(Item is YamlList ? new YamlList(Item.Place, [scalar]) : scalar);
    }

    /// <summary>YAML as a text in one line; equal numbers, however they are written, have equal texts.</summary>
    public static string TextOf(YamlItem item) => item switch
    {
        YamlMap map => $"{{ {string.Join(", ", map.Entries.Select(entry => $"{entry.Key}: {TextOf(entry.Value)}"))} }}",
        YamlList list => $"[{string.Join(", ", list.Items.Select(TextOf))}]",
        YamlScalar { IsNull: true } => "~",
        YamlScalar { Plain: true } scalar => NumberOf(scalar)?.ToString(CultureInfo.InvariantCulture) ?? scalar.Text,
        YamlScalar scalar => JsonSerializer.Serialize(scalar.Text, CanonicalJson.Settings),
        _ => throw new ArgumentOutOfRangeException(nameof(item), item, "an item of YAML"),
    };

    private static double? NumberOf(YamlItem item) => item is YamlScalar { Plain: true } scalar
        && double.TryParse(scalar.Text, Decimal, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>One point of a space.</summary>
/// <param name="Number">Its place in the order of the space, from 1; those that widening adds come behind.</param>
/// <param name="Values">The value of each option.</param>
internal sealed record Setting(int Number, IReadOnlyList<OptionValue> Values)
{
    /// <summary>For people: <c>layer 2, value.clamp 4</c>.</summary>
    public string Text(TuningSpace space) => Values.Count == 0 ? "as fixed"
        : string.Join(", ", space.Options.Zip(Values, (option, value) => $"{option.Path} {value.Text}"));
}
