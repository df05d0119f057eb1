using System.Globalization;
using Harness.Declarations;
using Harness.Declarations.Yaml;
using Harness.Editing;
using Harness.Measuring.Yaml;

namespace Harness.Tuning;

/// <summary>The spaces that are declared, and how a scale is searched: experiments/tuning/spaces.yaml.</summary>
/// <param name="Plan">How the scale is searched.</param>
/// <param name="Spaces">The spaces, in file order.</param>
internal sealed record TuningSpaces(TuningPlan Plan, IReadOnlyList<TuningSpace> Spaces)
{
    /// <summary>Reads the file.</summary>
    /// <param name="map">Its content.</param>
    /// <param name="scale">The scale that is asked for.</param>
    /// <param name="registry">The editors.</param>
    /// <param name="errors">Takes every mistake.</param>
    /// <returns>What it declares; null after a mistake.</returns>
    public static TuningSpaces? Read(YamlMap map, string scale, IReadOnlyList<EditorDescriptor> registry, DeclarationErrors errors)
    {
        var before = errors.Count;
        var binder = new YamlBinder(errors);
        if (binder.Bind<SpacesFile>(map, "the spaces' file") is not { } file) return null;
        if (file.Widenings < 0)
            errors.Add(map.Find("widenings")!.Place, $"'widenings': found '{file.Widenings}', expected at least 0.");
        var plans = file.Scales.Entries.Select(entry => (entry.Key, Plan: ReadScale(file, entry, binder, errors))).ToList();
        if (plans.All(plan => plan.Key != scale))
            errors.AddUnknown(file.Scales.Place, "scale", scale, [.. file.Scales.Keys]);
        var spaces = file.Spaces.Entries.Select(entry => ReadSpace(entry, binder, registry, errors)).OfType<TuningSpace>().ToList();
        return errors.Count > before ? null : new TuningSpaces(plans.First(plan => plan.Key == scale).Plan!, spaces);
    }

    private static TuningPlan? ReadScale(SpacesFile file, YamlEntry entry, YamlBinder binder, DeclarationErrors errors)
    {
        if (binder.Bind<TuningScaleFile>(entry.Value, $"scale '{entry.Key}'") is not { } block) return null;
        var (map, rounds) = ((YamlMap)entry.Value, block.Rounds);
        if (block.Seeds.Any(seed => seed < 0) || block.Seeds.Distinct().Count() < block.Seeds.Count)
        {
            errors.Add(map.Find("seeds")!.Place,
                $"'seeds': found [{string.Join(", ", block.Seeds)}], expected whole numbers from 0, none twice.");
        }

        var place = map.Find("rounds")!.Place;
        if (rounds.Count == 0) errors.Add(place, "'rounds': found none, expected at least one.");
        foreach (var (round, i) in rounds.Select((round, i) => (round, i + 1)))
        {
            if (round.Settings < 1 || round.Edits < 1 || round.Seeds < 1 || round.Seeds > block.Seeds.Count || round.Datasets < 1)
            {
                errors.Add(place, $"round {i}: found {round.Settings} settings, {round.Edits} edits, {round.Seeds} seeds and "
                    + $"{round.Datasets?.ToString(CultureInfo.InvariantCulture) ?? "all"} data sets, expected at least 1 of each and at "
                    + $"most the {block.Seeds.Count} seeds of scale '{entry.Key}'.");
            }
        }

        foreach (var (earlier, later) in rounds.Zip(rounds.Skip(1)))
        {
            if (later.Settings > earlier.Settings || later.Edits < earlier.Edits || later.Seeds < earlier.Seeds)
            {
                errors.Add(place, $"'rounds': found {later.Settings} settings, {later.Edits} edits and {later.Seeds} seeds behind "
                    + $"{earlier.Settings}, {earlier.Edits} and {earlier.Seeds}, expected no more settings and no fewer edits and seeds in "
                    + "a later round.");
            }
        }

        return new TuningPlan(
            file.Protocol, file.Locality, file.DrawSeed, file.Widenings,
            [.. rounds.Select(round => new TuningRound(round.Settings, round.Edits, [.. block.Seeds.Take(round.Seeds)], round.Datasets))],
            (block.Datasets?.Entries ?? []).ToDictionary(one => one.Key));
    }

    private static TuningSpace? ReadSpace(
        YamlEntry entry, YamlBinder binder, IReadOnlyList<EditorDescriptor> registry, DeclarationErrors errors)
    {
        var owner = $"space '{entry.Key}'";
        if (binder.Bind<SpaceFile>(entry.Value, owner) is not { } file) return null;
        var name = file.Editor?.Text ?? entry.Key;
        if (registry.FirstOrDefault(known => known.Name == name) is not { } editor)
        {
            errors.AddUnknown(file.Editor?.Place ?? entry.Place, "editor", name, [.. registry.Select(known => known.Name)]);
            return null;
        }

        var nothing = new YamlMap(entry.Place, []);
        var space = new TuningSpace(
            entry.Key, editor, file.Source, file.EditsProtocol, file.When ?? nothing, file.Fixed ?? nothing,
            [.. (file.Options ?? nothing).Entries.Select(option => ReadOption(option, owner, errors)).OfType<SpaceOption>()], entry.Place);

        // Each value of each option, beside the first of the others.
        if (space.Options.Count < (file.Options?.Entries.Count ?? 0)) return null;
        foreach (var (option, i) in space.Options.Select((option, i) => (option, i)))
        {
            foreach (var value in option.Values)
                Bind(space, [.. space.Options.Select((other, j) => i == j ? value : other.Values[0])], errors);
        }

        if (space.Options.Count == 0) Bind(space, [], errors);
        return space;
    }

    private static SpaceOption? ReadOption(YamlEntry entry, string owner, DeclarationErrors errors)
    {
        if (entry.Value is not YamlList { Items.Count: > 0 } list)
        {
            errors.Add(entry.Value.Place,
                $"'{entry.Key}' of {owner}: found {entry.Value.Description}, expected a list of the values to try, at least one.");
            return null;
        }

        var option = new SpaceOption(entry.Key, [.. list.Items.Select(OptionValue.Of)]);
        foreach (var same in option.Values.GroupBy(value => value.Text).Where(same => same.Count() > 1))
            errors.Add(same.Last().Item.Place, $"'{entry.Key}' of {owner}: '{same.Key}' stands twice in the list.");
        if (option.IsOrdered && option.Values.Zip(option.Values.Skip(1)).FirstOrDefault(pair => pair.First.Number > pair.Second.Number)
            is { Second: { } lower } pair)
        {
            errors.Add(lower.Item.Place, $"'{entry.Key}' of {owner}: found {lower.Text} behind {pair.First.Text}, expected ascending "
                + "numbers: their ends are where the space is widened.");
        }

        return option;
    }

    /// <summary>The options record of a setting.</summary>
    /// <param name="space">The space.</param>
    /// <param name="values">The setting's values.</param>
    /// <param name="errors">Takes every mistake.</param>
    /// <returns>The record; null after a mistake.</returns>
    public static object? Bind(TuningSpace space, IReadOnlyList<OptionValue> values, DeclarationErrors errors)
    {
        var before = errors.Count;
        var atOnce = space.Edits == EditsProtocol.Sequential ? 1 : (int?)null;
        var row = new DeclaredRow(space.Name, space.Name, space.Editor.Name, space.Place, space.Declared(values));
        var entries = new EditorOptions([space.Editor], new YamlMap(space.Place, []), errors, atOnce).Read([row]);
        return errors.Count > before ? null : entries[0].Options;
    }
}
