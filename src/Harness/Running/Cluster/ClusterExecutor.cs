using System.Globalization;
using System.Text;
using Harness.Planning;

namespace Harness.Running.Cluster;

/// <summary>How workers are started.</summary>
/// <param name="Program">The program on the nodes, and its arguments.</param>
/// <param name="Environment">Variables that are set for it.</param>
/// <param name="Folder">Where it is started.</param>
/// <param name="File">The cluster's file; null: defaults.</param>
/// <param name="Numerics">The plan's numerics class.</param>
public sealed record ClusterProgram(
    IReadOnlyList<string> Program, IReadOnlyDictionary<string, string> Environment, string Folder, string? File, string Numerics);

/// <summary>
/// Has the cells of a run made by workers on a Slurm cluster, which take them from the store as a run on one machine does. It only looks:
/// the workers go on without it, and the same command finds them again.
/// </summary>
/// <param name="store">Where cells are; the nodes see it too.</param>
/// <param name="run">The run.</param>
/// <param name="cluster">What is asked for.</param>
/// <param name="slurm">Slurm.</param>
/// <param name="program">What workers run.</param>
/// <param name="say">Shows a line.</param>
/// <param name="clock">Measures time.</param>
public sealed class ClusterExecutor(
    CellStore store, ClusterRun run, ClusterFile cluster, ISlurm slurm, ClusterProgram program, Action<string> say, TimeProvider clock)
{
    // Submissions in a row without one more cell; controllers are silent for longer.
    private const int MostIdle = 3;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(120), MostSilence = TimeSpan.FromMinutes(30);
    private readonly Dictionary<string, (int Memory, int Time)> factors = new(StringComparer.Ordinal);
    private readonly HashSet<string> judged = new(StringComparer.Ordinal);
    private readonly List<string> ends = [];

    /// <summary>Waits until all cells are in the store.</summary>
    /// <param name="wanted">The cells.</param>
    /// <param name="isDetached">Whether to leave as soon as workers are submitted.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <returns>Whether all are there; false where it was left.</returns>
    /// <exception cref="InputException">Slurm refuses, or cells failed through mistakes of the user's.</exception>
    /// <exception cref="RunFailedException">Cells failed through mistakes of ours, or workers end without making any.</exception>
    /// <exception cref="WorkersLeftException">The user interrupted: the workers go on; or somebody ended them.</exception>
    public bool Run(IReadOnlyList<PlannedCell> wanted, bool isDetached, CancellationToken cancellation)
    {
        var all = CellSelection.Missing(wanted, store);
        if (all.Count == 0) return true;
        var (pause, idle, last, shown) = (TimeSpan.FromSeconds(cluster.Poll), 0, all.Count, "");
        var silentSince = (long?)null;
        var isFirst = true;
        while (true)
        {
            try
            {
                var tasks = slurm.Queue(run.JobName);

                // After the look at the queue: a worker that is not there any more has made what it made.
                var missing = CellSelection.Missing(wanted, store);
                if (missing.Count == 0)
                {
                    Try(() => Cancel(run, slurm));
                    return true;
                }

                silentSince = null;
                pause = TimeSpan.FromSeconds(cluster.Poll);

                // How those end that had ended before, or were about to, says nothing of this run.
                if (isFirst) judged.UnionWith(tasks.Where(task => !task.IsLive || task.State == "COMPLETING").Select(task => task.Id));
                Judge(tasks);
                var live = tasks.Where(task => task.IsLive).ToList();
                if (isFirst && live.Count == 0) run.ForgetFailures();
                else if (isFirst) say($"run {run.Id}: found again, {Counted.Of(live.Count, "worker")} of it");
                isFirst = false;
                var failures = run.Failures();
                ThrowIfFailed(wanted, missing, failures);
                var open = cluster.Read.Select(one => one.Name).Where(name => !live.Exists(task => task.Name == JobOf(name)))
                    .Select(name => (Name: name, Count: missing.Count(
                        cell => cluster.ClassOf(cell) == name && !failures.ContainsKey(cell.Key))))
                    .Where(one => one.Count > 0).ToList();
                if (open.Count > 0 && live.Count == 0)
                {
                    idle = missing.Count < last ? 0 : idle + 1;
                    last = missing.Count;
                    if (idle > MostIdle) throw new RunFailedException(Stuck(missing));
                }

                foreach (var (name, count) in open) Submit(name, count);
                if (open.Count == 0) shown = Show(all.Count, missing, live, shown);
                if (isDetached)
                {
                    say($"run {run.Id}: its workers go on; the same command without --detach finds it again, --target=Status shows it");
                    return false;
                }
            }
            catch (SlurmException silence) when (silence.IsSilence)
            {
                silentSince ??= clock.GetTimestamp();
                if (clock.GetElapsedTime(silentSince.Value) > (isFirst ? LongestPause : MostSilence))
                {
                    throw new InputException($"{silence.Message}; see that the controller is up (scontrol ping), and run the same command "
                        + "again: what workers make meanwhile is kept", silence);
                }

                say($"Slurm does not answer ({silence.Message}); asked again in {pause.TotalSeconds:0} s");
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (SlurmException refusal)
            {
                throw new InputException(
                    $"{refusal.Message}; correct it in the cluster's file (--slurm), or ask who administers the cluster", refusal);
            }

            if (cancellation.WaitHandle.WaitOne(pause))
            {
                throw new WorkersLeftException($"Detached: the workers of run {run.Id} go on; the same command finds them again, "
                    + "--target=Status shows them, --target=Cancel ends them.");
            }
        }
    }

    /// <summary>Ends a run's workers, those that wait and those that run.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="SlurmException">Slurm does not answer.</exception>
    public static int Cancel(ClusterRun run, ISlurm slurm)
    {
        var live = slurm.Queue(run.JobName).Where(task => task.IsLive).ToList();
        foreach (var name in live.Select(task => task.Name).Distinct()) slurm.Cancel(name);
        return live.Count;
    }

    private string JobOf(string name) => $"{run.JobName}-{name}";

    private void Submit(string name, int cells)
    {
        var one = cluster.Read.First(one => one.Name == name).Class;
        var (memory, time) = factors.GetValueOrDefault(name, (1, 1));
        var useful = Math.Max(1, (cells + one.Cpus - 1) / one.Cpus);
        var workers = Math.Min(Math.Min(cluster.Workers, useful), slurm.LargestArray() ?? int.MaxValue);
        var script = run.Write($"{name}.sh", ScriptOf(name, one));
        while (true)
        {
            string[] options =
            [
                $"--job-name={JobOf(name)}", $"--array=0-{workers - 1}", "-N1", "-n1", $"-c{one.Cpus}",
                $"--mem={Memory.Times(one.Memory, memory)}",
                $"--time={Math.Min(one.Minutes * time, cluster.LongestMinutes).ToString(CultureInfo.InvariantCulture)}",
                $"--output={run.Logs}/%A_%a.log", "--open-mode=append", "--no-requeue", "--signal=B:TERM@60", "--export=NONE",
                $"--chdir={program.Folder}",
                .. Given("partition", cluster.Partition), .. Given("account", cluster.Account), .. Given("qos", cluster.Qos),
                .. Given("constraint", cluster.Constraint), .. one.Gpus > 0 ? (string[])[$"--gres=gpu:{one.Gpus}"] : [],
            ];
            try
            {
                var job = slurm.Submit(options, script);
                say($"run {run.Id}: {Counted.Of(workers, "worker")} of class '{name}' submitted as job {job}");
                return;
            }
            catch (SlurmException refusal) when (refusal.IsLimit && workers > 1)
            {
                // As many as the limits of account and partition let in; they make all cells all the same.
                workers /= 2;
            }
        }

        static string[] Given(string option, string? value) => value is null ? [] : [$"--{option}={value}"];
    }

    // exec: signals reach the program itself.
    private string ScriptOf(string name, ClusterClass one)
    {
        var text = new StringBuilder("#!/bin/bash\n");
        foreach (var module in cluster.Modules) text.Append(CultureInfo.InvariantCulture, $"module load {module} || exit 1\n");
        foreach (var line in cluster.Setup) text.Append(line).Append('\n');
        foreach (var (variable, value) in program.Environment) Export(variable, value);
        Export(ClusterDuty.Variable, string.Join('\n', run.Folder, name, program.File ?? "", program.Numerics));
        var container = cluster.Container is { } given ? given + " " : "";
        text.Append(CultureInfo.InvariantCulture,
            $"exec {container}{string.Join(' ', program.Program.Select(Quoted))} --jobs={one.Cpus}");
        return text.ToString();

        void Export(string variable, string value) =>
            text.Append(CultureInfo.InvariantCulture, $"export {variable}={Quoted(value)}\n");
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // What ended since the last look, and what that says about the next submission.
    private void Judge(IReadOnlyList<SlurmTask> tasks)
    {
        var ended = tasks.Where(task => !task.IsLive).Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        store.TakeBack(ended);
        if (ended.IsSubsetOf(judged)) return;
        var working = run.Working();
        foreach (var task in tasks.Where(task => ended.Contains(task.Id) && judged.Add(task.Id)))
        {
            var name = task.Name[(run.JobName.Length + 1)..];
            var (memory, time) = factors.GetValueOrDefault(name, (1, 1));
            var at = working.GetValueOrDefault(task.Id) is { } work ? $" at {string.Join(", ", work.Cells)} on {work.Host}" : "";
            if (task.State is not "COMPLETED") ends.Add($"{task.Id} {task.State}{at}");
            switch (task.State)
            {
                case "OUT_OF_MEMORY" when memory == 1:
                    factors[name] = (2, time);
                    say($"worker {task.Id} ran out of memory{at}: once more with twice of it");
                    break;
                case "OUT_OF_MEMORY":
                    throw new InputException($"worker {task.Id} ran out of memory{at}, with twice what class '{name}' asks for; "
                        + "give the class more 'memory' in the cluster's file");
                case "TIMEOUT":
                    factors[name] = (memory, time * 2);
                    say($"worker {task.Id} reached its time limit{at}: the next may take {Duration.Rough(60.0 * Math.Min(
                        cluster.Read.First(one => one.Name == name).Class.Minutes * time * 2, cluster.LongestMinutes))}");
                    break;
                case "CANCELLED":
                    throw new WorkersLeftException(
                        $"Cancelled: somebody ended the workers of run {run.Id} (scancel, or --target=Cancel); "
                        + "finished cells are kept, and the same command goes on from there.");
                case "NODE_FAIL" or "PREEMPTED" or "BOOT_FAIL":
                    say($"worker {task.Id} was lost{at} ({task.State}): another takes over");
                    break;
            }
        }
    }

    private string Show(int total, IReadOnlyList<PlannedCell> missing, List<SlurmTask> live, string before)
    {
        var line = $"{total - missing.Count}/{total} cells, {live.Count(task => task.Runs)} workers run, {SlurmTask.Waiting(live)}";
        if (line != before) say(line);
        return line;
    }

    // When nothing that is left can be made.
    private static void ThrowIfFailed(
        IReadOnlyList<PlannedCell> wanted, IReadOnlyList<PlannedCell> missing, IReadOnlyDictionary<string, ClusterFailure> failures)
    {
        if (failures.Count == 0) return;
        var lost = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in missing)
            if (failures.ContainsKey(cell.Key) || cell.Inputs.Values.Any(input => lost.Contains(input.Key))) lost.Add(cell.Key);
        if (lost.Count < missing.Count) return;
        var lines = failures.Values.GroupBy(failure => failure.Message)
            .Select(same => $"  {string.Join(", ", same.Select(failure => failure.Name).Take(3))}: "
                + same.Key.ReplaceLineEndings("\n    "));
        var message = $"{failures.Count} of {CellSelection.Closure(wanted).Count} cells failed; those that could be computed are kept:\n"
            + string.Join('\n', lines);
        throw failures.Values.All(failure => failure.IsInput) ? new InputException(message) : new RunFailedException(message);
    }

    private string Stuck(IReadOnlyList<PlannedCell> missing)
    {
        var last = ends.Count > 0 ? string.Join("; ", ends.TakeLast(3)) : "they ended at once";
        var log = ends.Count > 0 ? run.LogOf(ends[^1].Split(' ')[0]) : [];
        return $"workers of run {run.Id} end without making any of the {missing.Count} cells left ({last}); "
            + (log.Count > 0 ? $"the last one's log says:\n    {string.Join("\n    ", log)}"
                : $"they left no log in {run.Logs}: do the nodes see that folder? Choose a store on a shared one with --store");
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (SlurmException)
        {
            // Workers without cells end by themselves.
        }
    }
}

/// <summary>The front end stopped looking; the message says what becomes of the workers.</summary>
public sealed class WorkersLeftException(string message) : OperationCanceledException(message);

/// <summary>Amounts of memory as Slurm writes them.</summary>
internal static class Memory
{
    /// <summary><c>4G</c> times 2 is <c>8G</c>.</summary>
    public static string Times(string memory, int factor)
    {
        var digits = memory.TakeWhile(char.IsAsciiDigit).Count();
        return int.TryParse(memory[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            ? $"{amount * factor}{memory[digits..]}" : memory;
    }
}
