using Cake.Core;

namespace Harness.Build.Options;

/// <summary>An option of the command line.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What its value is, in capitals; empty for a flag.</param>
/// <param name="For">The targets that use it.</param>
/// <param name="Help">What it does, in a few words; README.md says more.</param>
/// <param name="IsList">Whether it may be repeated; of others one value counts.</param>
internal abstract record CommandOption(string Name, string Value, TargetKinds For, string Help, bool IsList)
{
    /// <summary>As it is written: <c>--jobs=N</c>.</summary>
    public string Usage => Value.Length == 0 ? $"--{Name}" : $"--{Name}={Value}";
}

/// <summary>An option and how it is read.</summary>
internal sealed record CommandOption<T>(string Name, string Value, TargetKinds For, string Help, bool IsList, OptionReader<T> Read)
    : CommandOption(Name, Value, For, Help, IsList);

/// <summary>Makes an option's value of all that were given, of none too.</summary>
/// <param name="values">What was given, in order.</param>
/// <param name="wrong">Is told what is wrong: <c>found …, expected …</c>.</param>
internal delegate T OptionReader<out T>(IReadOnlyList<string> values, Action<string> wrong);

/// <summary>The options of one command line, read with all mistakes collected.</summary>
internal sealed class GivenOptions(ICakeArguments arguments)
{
    /// <summary>The mistakes so far, one line each.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Whether an option stands there.</summary>
    public bool Has(CommandOption option) => arguments.HasArgument(option.Name);

    /// <summary>An option's value.</summary>
    public T Of<T>(CommandOption<T> option) => option.Read(Values(option.Name), mistake =>
    {
        var line = $"--{option.Name}: {mistake}";
        if (!Errors.Contains(line)) Errors.Add(line);
    });

    /// <summary>
    /// Notes options that there are not, that none of the targets uses, that lack their value, or that have several; without a target
    /// nothing runs, and every option will do.
    /// </summary>
    public void CheckAll()
    {
        var targets = Of(OptionList.Target);
        var wanted = targets.Aggregate(
            targets.Count == 0 ? TargetKinds.All : TargetKinds.None, (kinds, target) => kinds | TargetKind.Of(target));
        foreach (var name in arguments.GetArguments().Keys)
        {
            string[] values = [.. Values(name).Distinct(StringComparer.Ordinal)];
            if (OptionList.Every.FirstOrDefault(option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } option)
                Errors.Add($"unknown option '--{name}'{DidYouMean(name)} (--help lists them all)");
            else if ((option.For & wanted) == 0 && option.For != TargetKinds.All)
                Errors.Add(Unused(option, targets, wanted));
            else if (option.Value.Length == 0 && values.FirstOrDefault(value => value is not ("" or "true" or "false")) is { } word)
                Errors.Add($"--{option.Name}: found '{word}', expected nothing, true or false");
            else if (option.Value.Length > 0 && values.Any(string.IsNullOrWhiteSpace))
                Errors.Add($"--{option.Name}: has no value; write {option.Usage}");
            else if (values.Length > 1 && !option.IsList)
                Errors.Add($"--{option.Name}: found {string.Join(" and ", values.Select(value => $"'{value}'"))}, expected one value; " +
                    "leave the others out");
        }
    }

    private IReadOnlyList<string> Values(string name) => [.. arguments.GetArguments(name) ?? []];

    // "editors" for Edit, "editor" for an experiment: one is meant where the other is written.
    private static string Unused(CommandOption option, IEnumerable<string> targets, TargetKinds wanted)
    {
        var twin = OptionList.Every.FirstOrDefault(
            other => (other.For & wanted) != 0 && (other.Name + "s" == option.Name || option.Name + "s" == other.Name));
        return $"--{option.Name}: found with {string.Join(" ", targets.Select(target => $"--target={target}"))}, " +
            $"expected with {TargetKind.Text(option.For)} only; {(twin is null ? "leave it out" : $"write {twin.Usage}")}";
    }

    private static string DidYouMean(string name) =>
        Nearest.To(name, OptionList.Every.Select(option => option.Name)) is { } near ? $"; did you mean '--{near}'?" : "";
}
