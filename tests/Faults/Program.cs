using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Harness.Faults.Scenarios;

namespace Harness.Faults;

/// <summary>
/// Disturbs a study of seconds in every way that is known, and counts what is lost: <c>./build.sh --target=Faults</c>, the quick set;
/// <c>--long</c>: all of it, hours.
/// </summary>
internal static class Program
{
    private const long Seed = 1;

    private static readonly Scenario[] All =
    [
        new GroupKills(), new WorkerKills(), new CommitKills(), new Signals(), new Builds(2, 2, 20), new Builds(3, 1, 20),
        new FullDisks(ofStore: true, 2, 40), new FullDisks(ofStore: false, 1, 20), new ReadOnlyPlaces(), new Surroundings(),
        new Damages("store", 6, 500), new Damages("results", 2, 200), new Damages("snapshots", 3, 200),
        new Damages("declarations", 2, 100),
    ];

    private static int Main(string[] args)
    {
        try
        {
            return Run(args);
        }
        catch (InputException mistake)
        {
            Console.Error.WriteLine($"Error: {mistake.Message}");
            return 1;
        }
    }

    private static int Run(string[] args)
    {
        var (isLong, only, results) = Arguments(args);
        var scratch = Directory.CreateTempSubdirectory("faults-").FullName;
        var rows = new List<(Scenario Scenario, string? Missing, Tally Tally)>();
        try
        {
            var clone = TrialClone.Make(Path.Combine(scratch, "clone"));
            foreach (var scenario in All.Where(scenario => only is null || only.Contains(scenario.Name)))
            {
                var count = scenario.Count(isLong);
                if (count == 0) continue;
                var tally = new Tally(Console.WriteLine);
                var missing = scenario.Missing;
                if (missing is null) scenario.Try(clone, count, new SeededRandom(Seed, scenario.Name), tally);
                rows.Add((scenario, missing, tally));
                Console.WriteLine(missing is null
                    ? $"{scenario.Name}: {tally.Tried} tried, {tally.Tried - tally.Losses.Count} survived, {tally.Losses.Count} lost"
                    : $"{scenario.Name}: not tried: {missing}");
            }
        }
        finally
        {
            Shell.Run("rm", "-rf", scratch);
        }

        if (results is not null) Write(results, isLong, rows);
        var lost = rows.Sum(row => row.Tally.Losses.Count);
        Console.WriteLine($"{rows.Sum(row => row.Tally.Tried)} faults tried, {lost} lost");
        return lost == 0 ? 0 : 1;
    }

    private static void Write(string folder, bool isLong, IReadOnlyList<(Scenario Scenario, string? Missing, Tally Tally)> rows)
    {
        Directory.CreateDirectory(folder);
        var set = isLong ? "long" : "quick";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            # What was disturbed, and what was lost

            A study of {TrialClone.Cells} small cells (`tests/Faults/study`), disturbed by `./build.sh --target=Faults{(isLong ? " --long" : "")}`. Survived: the
            run, or the same command afterwards, gives the bytes of an undisturbed run; what fails says why in one line, exit code 1; no
            process, lock or draft stays behind. Chance: seed {Seed}.

            | fault | tried | survived | lost |
            |---|---:|---:|---:|

            """);
        foreach (var (scenario, missing, tally) in rows)
        {
            text.AppendLine(missing is null
                ? $"| {scenario.What} | {tally.Tried} | {tally.Tried - tally.Losses.Count} | {tally.Losses.Count} |"
                : $"| {scenario.What} | not tried: {missing} | | |");
        }

        foreach (var (scenario, _, tally) in rows.Where(row => row.Tally.Losses.Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {scenario.Name}\n\n");
            foreach (var loss in tally.Losses) text.Append(CultureInfo.InvariantCulture, $"- {loss}\n");
        }

        File.WriteAllText(Path.Combine(folder, $"{set}.md"), text.ToString());
        File.WriteAllText(Path.Combine(folder, $"{set}.json"), new JsonObject(rows.Select(row => KeyValuePair.Create(
            row.Scenario.Name, (JsonNode?)new JsonObject
            {
                ["what"] = row.Scenario.What,
                ["tried"] = row.Tally.Tried,
                ["lost"] = row.Tally.Losses.Count,
                ["missing"] = row.Missing,
            }))).ToJsonString(new() { WriteIndented = true }) + "\n");
        Console.WriteLine($"written: {Path.Combine(folder, set)}{{.md,.json}}");
    }

    private static (bool IsLong, string[]? Only, string? Results) Arguments(string[] args)
    {
        var (isLong, only, results) = (false, (string[]?)null, (string?)null);
        foreach (var argument in args)
        {
            switch (argument.Split('=', 2))
            {
                case ["--long"]: isLong = true; break;
                case ["--results", var folder]: results = folder; break;
                case ["--only", var names]:
                    only = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                    if (only.FirstOrDefault(name => All.All(scenario => scenario.Name != name)) is { } wrong)
                    {
                        throw new InputException(
                            $"--only: found '{wrong}', expected some of {string.Join(", ", All.Select(one => one.Name))}");
                    }

                    break;
                default: throw new InputException($"found '{argument}', expected --long, --only=NAME,NAME or --results=FOLDER");
            }
        }

        return (isLong, only, results);
    }
}
