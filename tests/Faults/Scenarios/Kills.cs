using System.Diagnostics;

namespace Harness.Faults.Scenarios;

/// <summary>
/// The whole group is killed, the same command goes on, and the last run's bytes are those of an undisturbed one.
/// </summary>
internal abstract class KillsOfAll(string name, string what, int quick, int whole) : Scenario(name, what, quick, whole)
{
    public sealed override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        clone.Clear();
        while (tally.Tried < count)
        {
            using var run = StartAndWait(clone, random);
            if (!run.IsRunning)
            {
                // It was done before: its result counts, and the next one begins anew.
                if (clone.FaultOf(run) is { } loss) tally.Add(loss, "a run behind kills");
                clone.Clear();
                continue;
            }

            run.Signal("KILL");
            run.Wait();
            tally.Add(run.LeavesProcesses() ? "processes stay behind" : null);
        }

        using var last = clone.Start();
        if (clone.FaultOf(last) is { } wrong) tally.Add(wrong, "the last run");
    }

    /// <summary>Starts a run, and returns at the moment to kill it, or when it has ended before.</summary>
    protected abstract ProgramRun StartAndWait(TrialClone clone, SeededRandom random);
}

/// <summary>At random moments.</summary>
internal sealed class GroupKills()
    : KillsOfAll("group-kills", "SIGKILL of the whole group at a random moment, then the same command", 5, 200)
{
    protected override ProgramRun StartAndWait(TrialClone clone, SeededRandom random)
    {
        var run = clone.Start();
        run.Wait(TimeSpan.FromSeconds(0.2 + (7 * random.NextDouble())));
        return run;
    }
}

/// <summary>As soon as a manifest is being written, which is just before the rename that commits a cell.</summary>
internal sealed class CommitKills() : KillsOfAll("commit-kills", "SIGKILL of the group around the rename that commits a cell", 2, 50)
{
    protected override ProgramRun StartAndWait(TrialClone clone, SeededRandom random)
    {
        Directory.CreateDirectory(clone.Store);
        using var written = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(clone.Store) { IncludeSubdirectories = true };
        var seen = 0;
        var wanted = 1 + random.Next(6);
        void See(string? path)
        {
            if (path?.EndsWith("manifest.json", StringComparison.Ordinal) == true && Interlocked.Increment(ref seen) == wanted)
                written.Set();
        }

        watcher.Created += (_, change) => See(change.FullPath);
        watcher.Changed += (_, change) => See(change.FullPath);
        watcher.EnableRaisingEvents = true;
        var run = clone.Start();
        var clock = Stopwatch.StartNew();
        while (run.IsRunning && !written.Wait(1) && clock.Elapsed < ProgramRun.Longest)
        {
        }

        Thread.SpinWait(random.Next(200_000));
        return run;
    }
}

/// <summary>One worker is killed; the run goes on and succeeds.</summary>
internal sealed class WorkerKills() : Scenario("worker-kills", "SIGKILL of one worker at a random moment", 2, 50)
{
    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        while (tally.Tried < count)
        {
            clone.Clear();
            using var run = clone.Start();
            run.Wait(TimeSpan.FromSeconds(1 + (6 * random.NextDouble())));
            if (!run.IsRunning || run.Workers is not { Count: > 0 } workers) continue;
            run.Signal("KILL", workers[random.Next(workers.Count)]);
            tally.Add(clone.FaultOf(run));
        }
    }
}

/// <summary>A signal asks the run to end: it does with a word, leaves nothing behind, and the same command goes on.</summary>
internal sealed class Signals() : Scenario("signals", "SIGTERM, SIGINT or SIGHUP to the program, then the same command", 3, 30)
{
    private static readonly string[] All = ["TERM", "INT", "HUP"];

    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        while (tally.Tried < count)
        {
            var signal = All[tally.Tried % All.Length];
            clone.Clear();
            using var run = clone.Start();
            run.Wait(TimeSpan.FromSeconds(1.5 + (5 * random.NextDouble())));
            if (!run.IsRunning) continue;
            run.SignalProgram(signal);
            var loss = !run.Wait(TimeSpan.FromSeconds(30)) ? "it does not end within 30 s"
                : run.ExitCode == 0 ? null
                : !run.Errors.Contains("Interrupted", StringComparison.Ordinal) ? $"it ends without a word: {run.Errors}{run.ExitCode}"
                : run.LeavesProcesses() ? "processes stay behind"
                : clone.FaultOfLeftovers();
            using var next = clone.Start();
            tally.Add(loss ?? clone.FaultOf(next), signal);
        }
    }
}
