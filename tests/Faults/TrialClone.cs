using System.Security.Cryptography;
using Harness.Running.Cluster;

namespace Harness.Faults;

/// <summary>
/// A clone with a study of seconds in it: the program as it is built, and tests/Faults/study. It knows what an undisturbed run gives.
/// </summary>
internal sealed class TrialClone
{
    /// <summary>The study's target.</summary>
    public const string Target = "Hamlet";

    /// <summary>Number of its cells.</summary>
    public const int Cells = 50;

    // Times, and snapshots, which only --accept writes.
    private static readonly string[] NotCompared = [".run.json", ".verified.json", ".received.json"];

    private TrialClone(string root) => Root = root;

    /// <summary>Its folder.</summary>
    public string Root { get; }

    /// <summary>Its store.</summary>
    public string Store => Path.Combine(Root, ".store");

    /// <summary>Its results.</summary>
    public string Results => Path.Combine(Root, "results");

    /// <summary>Its declarations.</summary>
    public string Experiments => Path.Combine(Root, "experiments");

    /// <summary>SHA-256 of each file of an undisturbed run's results.</summary>
    public IReadOnlyDictionary<string, string> Expected { get; private set; } = new Dictionary<string, string>();

    /// <summary>Makes it and runs the study once, undisturbed.</summary>
    /// <param name="root">A folder that is not there yet.</param>
    /// <exception cref="InputException">The study does not run.</exception>
    public static TrialClone Make(string root)
    {
        var clone = At(root);
        using var run = clone.Start();
        if (!run.Wait() || run.ExitCode != 0)
            throw new InputException($"the study of tests/Faults does not run undisturbed: {run.Errors}{run.Output}");
        clone.Expected = clone.ResultsNow();
        return clone;
    }

    /// <summary>Another clone of the same study elsewhere, empty.</summary>
    public TrialClone Copy(string root)
    {
        var copy = At(root);
        copy.Expected = Expected;
        return copy;
    }

    /// <summary>Removes all that runs have made.</summary>
    public void Clear()
    {
        foreach (var folder in (string[])[Store, Results])
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Starts the study.</summary>
    public ProgramRun Start(params string[] arguments) => StartIn(Root, [], arguments);

    /// <summary>Starts it under other conditions.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="environment">What is set or, by null, unset.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="before">A command that is given the program's as its arguments.</param>
    public ProgramRun StartIn(
        string folder, IEnumerable<(string Name, string? Value)> environment, IReadOnlyList<string> arguments,
        IReadOnlyList<string>? before = null)
    {
        var given = arguments.Any(argument => argument.StartsWith("--target", StringComparison.Ordinal)) ? arguments
            : [$"--target={Target}", .. arguments];
        return new([.. before ?? [], "dotnet", Path.Combine(Root, "artifacts", "bin", "Build", "release", "Harness.Build.dll"), .. given],
            folder, environment);
    }

    /// <summary>What is wrong with a run that had to succeed; null where nothing is.</summary>
    public string? FaultOf(ProgramRun run)
    {
        if (!run.Wait()) return "it hangs";
        if (run.ExitCode != 0) return $"exit code {run.ExitCode}: {Shortened(run)}";
        if (run.LeavesProcesses()) return "processes stay behind";
        return FaultOfResults() ?? FaultOfLeftovers();
    }

    /// <summary>What is wrong with a run that may fail, if by one clear error.</summary>
    public string? FaultOfFailing(ProgramRun run)
    {
        if (!run.Wait()) return "it hangs";
        if (run.LeavesProcesses()) return "processes stay behind";
        if (run.ExitCode == 0) return FaultOfResults();
        if (run.ExitCode != 1) return $"exit code {run.ExitCode}: {Shortened(run)}";
        return run.Errors.Contains("\n   at ", StringComparison.Ordinal) || run.Errors.Contains("Unhandled", StringComparison.Ordinal)
                || run.Errors.Contains("(run again with --verbosity=diagnostic", StringComparison.Ordinal)
                || run.Errors.Contains("Exception; ", StringComparison.Ordinal)
            ? $"no clear error: {Shortened(run)}"
            : run.Errors.Trim().Length == 0 ? "it fails without a word" : null;
    }

    /// <summary>How the results differ from an undisturbed run's.</summary>
    public string? FaultOfResults()
    {
        var now = ResultsNow();
        var differing = Expected.Keys.Union(now.Keys).Where(file => Expected.GetValueOrDefault(file) != now.GetValueOrDefault(file))
            .Order(StringComparer.Ordinal).ToList();
        return differing.Count == 0 ? null : $"other results: {string.Join(", ", differing)}";
    }

    /// <summary>What stayed behind in store and results.</summary>
    public string? FaultOfLeftovers()
    {
        var left = Directory.Exists(Store) ? Directory.GetDirectories(Store, "tmp-*") : [];
        string[] files = Directory.Exists(Results)
            ? [.. Directory.GetFiles(Results, "*.writing", SearchOption.AllDirectories),
                .. Directory.GetFiles(Results, ".turn", SearchOption.AllDirectories)]
            : [];
        return left.Concat(files).FirstOrDefault() is { } stays ? $"{stays} stays behind" : null;
    }

    private static string Shortened(ProgramRun run)
    {
        var text = (run.Errors.Trim() is { Length: > 0 } errors ? errors : run.Output.Trim()).ReplaceLineEndings(" | ");
        return text.Length <= 400 ? text : text[..400] + " …";
    }

    private static TrialClone At(string root)
    {
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var built = Path.GetFullPath(Path.Combine(own, "..", "..", "Build", Path.GetFileName(own)));
        ProgramCopy.Make(root, built, Path.Combine(own, "study"));
        return new TrialClone(root);
    }

    private SortedDictionary<string, string> ResultsNow()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!Directory.Exists(Results)) return found;
        foreach (var file in Directory.EnumerateFiles(Results, "*", SearchOption.AllDirectories))
        {
            if (!NotCompared.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)))
                found[Path.GetRelativePath(Results, file)] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return found;
    }
}
