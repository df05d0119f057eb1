using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Harness.Running.Cluster;

/// <summary>A task of a job array, as the queue shows it.</summary>
/// <param name="Id">Job and task, <c>8812_3</c>.</param>
/// <param name="Name">Name of its job.</param>
/// <param name="State">Slurm's word: <c>PENDING</c>, <c>RUNNING</c>, <c>TIMEOUT</c> …</param>
/// <param name="Reason">Why it waits or has ended.</param>
public sealed record SlurmTask(string Id, string Name, string State, string Reason)
{
    /// <summary>Whether it has not ended.</summary>
    public bool IsLive => Waits || Runs;

    /// <summary>Whether it waits for its turn.</summary>
    public bool Waits => State is "PENDING" or "CONFIGURING" or "REQUEUED" or "REQUEUE_HOLD" or "SPECIAL_EXIT";

    /// <summary>Whether it runs, or may go on running.</summary>
    public bool Runs => State is "RUNNING" or "COMPLETING" or "SUSPENDED" or "STOPPED" or "SIGNALING" or "STAGE_OUT" or "RESIZING";

    /// <summary>How many tasks wait, and why: <c>6 wait (Priority)</c>.</summary>
    internal static string Waiting(IReadOnlyList<SlurmTask> tasks)
    {
        var waiting = tasks.Where(task => task.Waits).ToList();
        return $"{waiting.Count} wait"
            + (waiting.Count > 0 ? $" ({string.Join(", ", waiting.Select(task => task.Reason).Distinct().Take(3))})" : "");
    }
}

/// <summary>The commands of Slurm that are needed.</summary>
public interface ISlurm
{
    /// <summary>Submits a job array; its id.</summary>
    /// <exception cref="SlurmException">It was refused, or nobody answers.</exception>
    string Submit(IReadOnlyList<string> options, string script);

    /// <summary>This user's tasks under names that begin so, ended ones too as long as the controller remembers them.</summary>
    /// <exception cref="SlurmException">Nobody answers.</exception>
    IReadOnlyList<SlurmTask> Queue(string prefix);

    /// <summary>Cancels all tasks of a name.</summary>
    /// <exception cref="SlurmException">Nobody answers.</exception>
    void Cancel(string name);

    /// <summary>Largest number of tasks of an array; null where it is not told.</summary>
    int? LargestArray();
}

/// <summary>A command of Slurm failed.</summary>
/// <param name="message">What it said.</param>
public sealed class SlurmException(string message) : Exception(message)
{
    /// <summary>Whether the controller did not answer: it may later.</summary>
    public bool IsSilence => Message.Contains("contact slurm controller", StringComparison.OrdinalIgnoreCase)
        || Message.Contains("timed out", StringComparison.OrdinalIgnoreCase)
        || Message.Contains("Connection refused", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there is no room for as many jobs.</summary>
    public bool IsLimit => Message.Contains("Limit", StringComparison.Ordinal);
}

/// <summary>Slurm's own programs, found by PATH.</summary>
public sealed class SlurmPrograms : ISlurm
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public string Submit(IReadOnlyList<string> options, string script)
    {
        var said = Run("sbatch", ["--parsable", .. options, script]);
        return said.Trim().Split('\n')[^1].Split(';')[0];
    }

    /// <inheritdoc />
    public IReadOnlyList<SlurmTask> Queue(string prefix) =>
    [
        .. from line in Run("squeue", ["--me", "--states=all", "-r", "-h", "--Format=JobArrayID:40,Name:60,State:24,Reason:60"]).Split('\n')
           where line.Length > 124
           let task = new SlurmTask(line[..40].Trim(), line[40..100].Trim(), line[100..124].Trim(), line[124..].Trim())
           where task.Name.StartsWith(prefix, StringComparison.Ordinal)
           select task,
    ];

    /// <inheritdoc />
    public void Cancel(string name) => Run("scancel", ["--me", $"--name={name}"]);

    /// <inheritdoc />
    public int? LargestArray() => Run("scontrol", ["show", "config"]).Split('\n').Select(line => line.Split('=', 2))
        .FirstOrDefault(pair => pair is [var name, _] && name.Trim() == "MaxArraySize") is [_, var value]
            && int.TryParse(value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size - 1 : null;

    private static string Run(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // What an outer job says about itself is not meant for this one.
        foreach (var name in start.Environment.Keys.Where(IsOfJob).ToList()) start.Environment.Remove(name);
        try
        {
            using var process = Process.Start(start)!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(Longest))
            {
                process.Kill(entireProcessTree: true);
                throw new SlurmException($"{program} timed out after {Longest.TotalSeconds:0} s");
            }

            const StringSplitOptions Lines = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
            return process.ExitCode == 0 ? output.Result
                : throw new SlurmException($"{program}: {string.Join("; ", errors.Result.Split('\n', Lines))}");
        }
        catch (Win32Exception failure)
        {
            throw new InputException($"--executor=slurm: found no {program} here ({failure.Message}), expected Slurm's commands; "
                + "run on a login node of the cluster, or leave the option out", failure);
        }
    }

    private static bool IsOfJob(string name) => name != "SLURM_CONF"
        && (name.StartsWith("SLURM_", StringComparison.Ordinal) || name.StartsWith("SBATCH_", StringComparison.Ordinal));
}
