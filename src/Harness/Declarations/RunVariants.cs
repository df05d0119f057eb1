using System.Globalization;
using System.Text.RegularExpressions;

namespace Harness.Declarations;

/// <summary>
/// The runs that one command line asks for: one for each seed of <c>--seed=1,2,3</c> and each value of <c>--set=rome.layer=1,2</c>, all
/// combinations of several. A comma separates values only outside of brackets, braces and quotes, so that an option that is a list itself
/// is not taken for several values: <c>memit.layers=[1,2]</c> is one value and <c>memit.layers=[1],[1,2]</c> are two.
/// </summary>
public static partial class RunVariants
{
    private const int MostRuns = 100;

    // A comma separates assignments only before the next "editor.option=".
    [GeneratedRegex(@",(?=[\w-]+(\.[\w-]+)+=)", RegexOptions.ExplicitCapture)]
    private static partial Regex NextAssignment();

    /// <summary>The assignments of all <c>--set</c> options, each with its value or values.</summary>
    /// <param name="options">What stands behind each <c>--set=</c>.</param>
    /// <param name="wrong">Told of an option that is assigned twice: later assignments win over declarations, not over the user's
    /// own.</param>
    public static IReadOnlyList<string> Assignments(IReadOnlyList<string> options, Action<string> wrong)
    {
        List<string> all = [.. options.Where(value => value.Length > 0).SelectMany(value => NextAssignment().Split(value)).Distinct()];
        foreach (var same in all.GroupBy(text => text.Split('=')[0]).Where(same => same.Count() > 1))
        {
            wrong($"found {string.Join(" and ", same.Select(text => $"'{text}'"))}, expected one assignment; "
                + $"leave the others out, or write {string.Join(',', [same.First(), .. same.Skip(1).Select(ValueOf)])} to run each");
        }

        return all;
    }

    /// <summary>The seeds of <c>--seed</c>, in their order.</summary>
    /// <param name="text">Its value, or null where it is not given.</param>
    /// <param name="wrong">Told what is wrong.</param>
    public static IReadOnlyList<long> Seeds(string? text, Action<string> wrong)
    {
        var seeds = new List<long>();
        foreach (var part in text?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
                wrong($"found '{part}', expected a whole number of at least 0, or several: --seed=1,2,3");
            else if (seeds.Contains(seed))
                wrong($"found '{part}' twice; leave one out");
            else
                seeds.Add(seed);
        }

        return seeds;
    }

    /// <summary>One set of overrides for each run, seeds first; those in common alone where there is neither seed nor assignment.</summary>
    /// <param name="common">What all runs have.</param>
    /// <param name="seeds">Seeds instead of the declared one; none for that.</param>
    /// <param name="assignments">As from <see cref="Assignments"/>.</param>
    /// <param name="errors">Told what is wrong.</param>
    public static IReadOnlyList<ExperimentOverrides> Of(
        ExperimentOverrides common, IReadOnlyList<long> seeds, IReadOnlyList<string> assignments, List<string> errors)
    {
        IEnumerable<ExperimentOverrides> runs = seeds.Count == 0 ? [common] : seeds.Select(seed => common with { Seed = seed });
        long count = Math.Max(1, seeds.Count);
        foreach (var assignment in assignments)
        {
            var values = Values(ValueOf(assignment));
            if (values.Count > 1 && values.Any(string.IsNullOrWhiteSpace))
                errors.Add($"--set={assignment}: found an empty value in the list, expected one on each side of a comma");
            foreach (var twice in values.CountBy(value => value).Where(value => value.Value > 1))
                errors.Add($"--set={assignment}: found '{twice.Key}' twice; leave one out");
            var option = assignment[..^ValueOf(assignment).Length];
            var before = runs;
            runs = before.SelectMany(run => values.Select(value => run with { Set = [.. run.Set, option + value] }));
            if ((count *= values.Count) <= MostRuns) continue;
            errors.Add($"--seed and --set: found {count} runs or more, expected at most {MostRuns}; ask for fewer values at once");
            return [common];
        }

        return [.. runs];
    }

    /// <summary>What a run has of its own, as it is written on the command line: <c>--seed=2 --set=rome.layer=1</c>.</summary>
    public static string NameOf(ExperimentOverrides run) => string.Join(' ',
        [.. run.Seed is { } seed ? [$"--seed={seed}"] : Array.Empty<string>(), .. run.Set.Select(assignment => $"--set={assignment}")]);

    /// <summary>Reads experiments once for each run.</summary>
    /// <param name="runs">As from <see cref="Of"/>.</param>
    /// <param name="load">Reads them for one.</param>
    /// <exception cref="InputException">What is wrong with any run, each mistake once, and so each assignment, for however many rows and
    /// models it will not do.</exception>
    public static IReadOnlyList<ExperimentCatalog> Load(
        IReadOnlyList<ExperimentOverrides> runs, Func<ExperimentOverrides, ExperimentCatalog> load)
    {
        var (catalogs, mistakes) = (new List<ExperimentCatalog>(), new List<string>());
        foreach (var run in runs)
        {
            try
            {
                catalogs.Add(load(run));
            }
            catch (InputException mistake)
            {
                mistakes.AddRange(mistake.Message.Split(Environment.NewLine));
            }
        }

        string[] assignments = [.. runs.SelectMany(run => run.Set).Select(text => $"{ExperimentOverrides.PlaceOf(text)}: ").Distinct()];
        string Cause(string line) => Array.Find(assignments, text => line.StartsWith(text, StringComparison.Ordinal)) ?? line;
        return mistakes.Count == 0 ? catalogs
            : throw new InputException(string.Join(Environment.NewLine, mistakes.DistinctBy(Cause)));
    }

    private static string ValueOf(string assignment) =>
        assignment.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? assignment[(at + 1)..] : "";

    private static List<string> Values(string text)
    {
        var (values, from, depth, quote) = (new List<string>(), 0, 0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0') quote = text[i] == quote ? '\0' : quote;
            else if (text[i] is '"' or '\'') quote = text[i];
            else if (text[i] is '[' or '{') depth++;
            else if (text[i] is ']' or '}') depth--;
            else if (text[i] == ',' && depth == 0)
            {
                values.Add(text[from..i].Trim());
                from = i + 1;
            }
        }

        return [.. values, text[from..].Trim()];
    }
}
