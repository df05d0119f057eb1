using System.Globalization;
using System.Text.RegularExpressions;
using Cake.Core;
using Harness.Experiments.Declarations;

namespace Harness.Build.Options;

/// <summary>The harness's own options, read from the command line.</summary>
public sealed partial record HarnessOptions
{
    /// <summary>Scale that the experiments are resolved for. Default <c>embedded</c>.</summary>
    public required string Scale { get; init; }

    /// <summary>Number of worker processes, at least 1. Default: the number of cores.</summary>
    public required int Jobs { get; init; }

    /// <summary>What the command line changes in the declarations.</summary>
    public required ExperimentOverrides Overrides { get; init; }

    /// <summary>Folder of finished cells. Default <c>.store</c>.</summary>
    public required string Store { get; init; }

    /// <summary>Folder of tables and figures. Default <c>results</c>.</summary>
    public required string Results { get; init; }

    /// <summary>Whether to say what would be computed, and why, instead of computing it.</summary>
    public required bool Explain { get; init; }

    /// <summary>Whether results become the committed snapshots.</summary>
    public required bool Accept { get; init; }

    /// <summary>Whether the declarations are changed, so that the results are nobody's table: they go to a folder of their own.</summary>
    public bool IsCustom => Overrides.Seed is not null || Overrides.Editors is not null || Overrides.Set.Count > 0;

    /// <summary>Folder name below <see cref="Results"/>: the scale, or <c>scale-custom</c> for a variant.</summary>
    public string ResultsName => IsCustom ? $"{Scale}-custom" : Scale;

    /// <summary>Reads and checks all options; unknown names and wrong values are errors, reported together.</summary>
    public static HarnessOptions Read(ICakeArguments arguments)
    {
        var errors = OptionList.Unknown(arguments.GetArguments().Keys).ToList();
        var options = new HarnessOptions
        {
            Scale = OneOf(arguments, "scale", ["embedded", "small"], errors),
            Jobs = (int)(Number(arguments, "jobs", 1, 1024, errors) ?? Environment.ProcessorCount),
            Overrides = new ExperimentOverrides
            {
                Seed = Number(arguments, "seed", 0, long.MaxValue, errors),
                Editors = arguments.HasArgument("editors")
                    ? [.. Values(arguments, "editors").SelectMany(value => value.Split(',', Trimmed))]
                    : null,
                Set = [.. Values(arguments, "set").SelectMany(value => NextAssignment().Split(value))],
            },
            Store = Folder(arguments, "store", ".store", errors),
            Results = Folder(arguments, "results", "results", errors),
            Explain = Flag(arguments, "explain", errors),
            Accept = Flag(arguments, "accept", errors),
        };
        _ = OneOf(arguments, "device", ["cpu"], errors);
        _ = OneOf(arguments, "executor", ["local"], errors);
        if (options.Accept && options.IsCustom)
            errors.Add("--accept: a run with --seed, --editors or --set is a variant; snapshots are of the declared experiments only");
        return errors.Count == 0 ? options : throw new InputException(string.Join(Environment.NewLine + "       ", errors));
    }

    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    // A comma separates assignments only before the next "editor.option=": values may be lists.
    [GeneratedRegex(@",(?=[\w-]+(\.[\w-]+)+=)", RegexOptions.ExplicitCapture)]
    private static partial Regex NextAssignment();

    private static ICollection<string> Values(ICakeArguments arguments, string name) => arguments.GetArguments(name) ?? [];

    private static string OneOf(ICakeArguments arguments, string name, string[] known, List<string> errors)
    {
        var value = Values(arguments, name).LastOrDefault() ?? known[0];
        if (!known.Contains(value, StringComparer.Ordinal))
        {
            var later = OptionList.NotYet(name, value);
            errors.Add(later ?? $"--{name}: found '{value}', expected {string.Join(", ", known)}{Nearest.Suggestion(value, known)}");
        }

        return value;
    }

    private static long? Number(ICakeArguments arguments, string name, long least, long most, List<string> errors)
    {
        if (Values(arguments, name).LastOrDefault() is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        var limit = most < long.MaxValue ? $" and at most {most}" : "";
        errors.Add($"--{name}: found '{text}', expected a whole number of at least {least}{limit}");
        return null;
    }

    private static string Folder(ICakeArguments arguments, string name, string normal, List<string> errors)
    {
        var value = Values(arguments, name).LastOrDefault() ?? normal;
        if (string.IsNullOrWhiteSpace(value))
            errors.Add($"--{name}: has no value; write --{name}=FOLDER");
        return value;
    }

    private static bool Flag(ICakeArguments arguments, string name, List<string> errors)
    {
        var value = Values(arguments, name).LastOrDefault();
        if (value is not (null or "" or "true" or "false"))
            errors.Add($"--{name}: found '{value}', expected nothing, true or false");
        return value is "" or "true" || (value is null && arguments.HasArgument(name));
    }
}
