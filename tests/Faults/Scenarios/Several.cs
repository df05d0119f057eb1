using System.Globalization;
using System.Text.RegularExpressions;

namespace Harness.Faults.Scenarios;

/// <summary>Builds on one clone, one store, one results folder at once: all succeed, and each cell is computed by one of them.</summary>
internal sealed partial class Builds(int builds, int quick, int whole)
    : Scenario($"{builds}-builds", $"{builds} builds at once on one clone, one store and one results folder", quick, whole)
{
    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        while (tally.Tried < count)
        {
            // Every other time with a full store, when they meet at the results.
            if (tally.Tried % 2 == 0) clone.Clear();
            else Directory.Delete(clone.Results, recursive: true);
            List<ProgramRun> runs = [.. Enumerable.Range(0, builds).Select(_ =>
            {
                Thread.Sleep(random.Next(300));
                return clone.Start();
            })];
            var ended = runs.Select(run => (Run: run, Ended: run.Wait())).ToList();
            var loss = ended.Exists(one => !one.Ended) ? "one hangs"
                : runs.Select(clone.FaultOf).FirstOrDefault(fault => fault is not null);
            var computed = runs.Sum(run => Computed().Match(run.Output) is { Success: true } match
                ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
            var expected = tally.Tried % 2 == 0 ? TrialClone.Cells : 0;
            tally.Add(loss ?? (computed == expected ? null : $"{computed} cells computed, expected {expected}"));
            runs.ForEach(run => run.Dispose());
        }
    }

    [GeneratedRegex("^([0-9]+) cells computed, [0-9]+ reused in", RegexOptions.Multiline)]
    private static partial Regex Computed();
}
