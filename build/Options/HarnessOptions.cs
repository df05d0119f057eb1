using System.Globalization;
using System.Text.RegularExpressions;
using Cake.Core;
using Harness.Declarations;
using Harness.Measuring.Capability.Tasks;
using Harness.Models.Checkpoints;
using Harness.Planning;
using Harness.Running;

namespace Harness.Build.Options;

/// <summary>The harness's own options, read from the command line.</summary>
public sealed partial record HarnessOptions
{
    /// <summary>Scale that the experiments are resolved for. Default <c>embedded</c>.</summary>
    public required string Scale { get; init; }

    /// <summary>
    /// Number of worker processes, at least 1. Default: the number of cores; 1 at the paper scale, where each holds a model of many
    /// gigabytes, and on a GPU.
    /// </summary>
    public required int Jobs { get; init; }

    /// <summary>What the command line and the environment change in the declarations.</summary>
    public required ExperimentOverrides Overrides { get; init; }

    /// <summary>Folder of finished cells. Default <c>.store</c> in the clone.</summary>
    public required string Store { get; init; }

    /// <summary>Folder of tables and figures. Default <c>results</c> in the clone.</summary>
    public required string Results { get; init; }

    /// <summary>Whether to say what would be computed, and why, instead of computing it.</summary>
    public required bool Explain { get; init; }

    /// <summary>Whether results become the committed snapshots.</summary>
    public required bool Accept { get; init; }

    /// <summary>Targets of the experiments that <c>--target=Verify</c> is for, or null for all that have a snapshot.</summary>
    public IReadOnlyList<string>? Experiments { get; init; }

    /// <summary>What <c>--target=Edit</c> is to do; null for other targets.</summary>
    public EditCommand? Edit { get; init; }

    /// <summary>Arguments of the benchmarks' program.</summary>
    public IReadOnlyList<string> Benchmark { get; init; } = [];

    /// <summary>Whether the declarations are changed, so that the results are nobody's table: they go to a folder of their own.</summary>
    public bool IsCustom =>
        Overrides.Seed is not null || Overrides.Edits is not null || Overrides.Editors is not null || Overrides.Set.Count > 0
            || Overrides.Tasks.Count > 0;

    /// <summary>
    /// Folder name below <see cref="Results"/>: the scale, or <c>scale-custom</c> for a variant; <c>-fast</c> behind it for other kernels.
    /// </summary>
    public string ResultsName => $"{Scale}{(IsCustom ? "-custom" : "")}{(Overrides.IsFast ? "-fast" : "")}";

    /// <summary>Reads and checks all options; unknown names and wrong values are errors, reported together.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="tasks">The folder of <c>HARNESS_TASKS</c>, or null.</param>
    /// <exception cref="InputException">An option is wrong, or the folder's tasks are.</exception>
    public static HarnessOptions Read(ICakeArguments arguments, string? tasks = null)
    {
        var errors = OptionList.Mistakes(arguments).ToList();
        var (isEdit, isVerify) = (IsWanted(arguments, EditCommand.Target), IsWanted(arguments, "Verify"));
        var scale = OneOf(arguments, "scale", ["embedded", "small", PaperScale], errors);
        var device = isEdit ? KeyContext.Cpu : OneOf(arguments, "device", [KeyContext.Cpu, KeyContext.Cuda], errors);
        var seed = Number(arguments, "seed", 0, long.MaxValue, errors);
        var jobs = Number(arguments, "jobs", 1, 1024, errors);
        var isFast = OneOf(arguments, "numerics", [NumericsEnvironment.Portable, NumericsEnvironment.Fast],
            errors) == NumericsEnvironment.Fast;
        var assignments = Assignments(arguments, errors);
        var results = PathOf(arguments, "results") ?? Clone.At("results");
        var options = new HarnessOptions
        {
            Scale = scale,
            Jobs = (int)(jobs ?? (scale == PaperScale || device != KeyContext.Cpu ? 1 : Environment.ProcessorCount)),
            Overrides = isEdit ? ExperimentOverrides.None with { IsFast = isFast } : new ExperimentOverrides
            {
                Device = device,
                IsFast = isFast,
                Edits = (int?)Number(arguments, "edits", 1, int.MaxValue, errors),
                Seed = seed,
                Editors = arguments.HasArgument("editors")
                    ? [.. Values(arguments, "editors").SelectMany(value => value.Split(',', Trimmed))]
                    : null,
                Set = assignments,
                Tasks = TaskFolder.ContentsOf(tasks),
            },
            Store = PathOf(arguments, "store") ?? Clone.At(".store"),
            Results = results,
            Experiments = arguments.HasArgument("experiments")
                ? [.. Values(arguments, "experiments").SelectMany(value => value.Split(',', Trimmed))]
                : null,
            Explain = Flag(arguments, "explain"),
            Accept = Flag(arguments, "accept"),
            Edit = isEdit ? EditCommand.Read(arguments, assignments, seed, jobs, errors) : null,
            Benchmark = BenchmarkArguments(arguments, results, errors),
        };
        _ = OneOf(arguments, "executor", ["local"], errors);
        if (isFast && (options.Accept || isVerify))
            errors.Add("--numerics=fast: numbers of this machine's own kernels are never made or compared as snapshots; " +
                "leave it out of Verify and --accept");
        if (errors.Count == 0 && options.IsCustom && (options.Accept || isVerify))
        {
            errors.Add($"{(isVerify ? "--target=Verify" : "--accept")}: a run with --seed, --edits, --editors, " +
                "--set or HARNESS_TASKS is a variant; snapshots are of the declared experiments only");
        }

        return errors.Count == 0 ? options : throw new InputException(string.Join(Environment.NewLine + "       ", errors));
    }

    private const string PaperScale = "paper";

    // Passed on as they are: the program of the benchmarks checks them.
    private static List<string> BenchmarkArguments(ICakeArguments arguments, string results, List<string> errors)
    {
        string[] measuring = ["only", "rounds", "results"];
        if (PathOf(arguments, "large-model") is { } folder)
        {
            errors.AddRange(measuring.Where(arguments.HasArgument)
                .Select(name => $"--{name}: has no meaning beside --large-model, which measures nothing; leave it out"));
            return [$"--large-model={folder}"];
        }

        return
        [
            .. measuring[..2].Where(arguments.HasArgument).Select(name => $"--{name}={Value(arguments, name)}"),
            $"--results={Path.Combine(results, "benchmarks")}",
        ];
    }

    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    // A comma separates assignments only before the next "editor.option=": values may be lists.
    [GeneratedRegex(@",(?=[\w-]+(\.[\w-]+)+=)", RegexOptions.ExplicitCapture)]
    private static partial Regex NextAssignment();

    // Later assignments win over an editor's defaults, not over the user's own.
    private static List<string> Assignments(ICakeArguments arguments, List<string> errors)
    {
        List<string> all = [
            .. Values(arguments, "set").Where(value => value.Length > 0).SelectMany(value => NextAssignment().Split(value)).Distinct()];
        errors.AddRange(all.GroupBy(text => text.Split('=')[0]).Where(same => same.Count() > 1)
            .Select(same => $"--set: found {string.Join(" and ", same.Select(text => $"'{text}'"))}, expected one value; " +
                "leave the others out"));
        return all;
    }

    internal static ICollection<string> Values(ICakeArguments arguments, string name) => arguments.GetArguments(name) ?? [];

    /// <summary>An option's value; null where it is not given, or without one.</summary>
    internal static string? Value(ICakeArguments arguments, string name) =>
        Values(arguments, name).LastOrDefault() is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    /// <summary>
    /// A file or folder that the user names: where it is relative, relative to where the user stands; <c>~</c> is the home folder.
    /// </summary>
    internal static string? PathOf(ICakeArguments arguments, string name) =>
        Value(arguments, name) is { } path ? RealPath.WithHome(path) : null;

    internal static bool Flag(ICakeArguments arguments, string name) =>
        arguments.HasArgument(name) && Values(arguments, name).LastOrDefault() is not "false";

    internal static string OneOf(ICakeArguments arguments, string name, string[] known, List<string> errors)
    {
        var value = Value(arguments, name) ?? known[0];
        if (!known.Contains(value, StringComparer.Ordinal))
        {
            var later = OptionList.NotYet(name, value);
            errors.Add(later ?? $"--{name}: found '{value}', expected {string.Join(", ", known)}{Nearest.Suggestion(value, known)}");
        }

        return value;
    }

    internal static long? Number(ICakeArguments arguments, string name, long least, long most, List<string> errors)
    {
        if (Value(arguments, name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        var limit = most < long.MaxValue ? $" and at most {most}" : "";
        errors.Add($"--{name}: found '{text}', expected a whole number of at least {least}{limit}");
        return null;
    }

    private static bool IsWanted(ICakeArguments arguments, string target) =>
        Values(arguments, "target").Contains(target, StringComparer.OrdinalIgnoreCase);
}
