using System.Globalization;

namespace Harness.Running.Workers;

/// <summary>What a process's memory looked like while it lived, to say afterwards whether it died for want of it.</summary>
/// <param name="Peak">Most bytes that it held so far; 0 where the system does not say.</param>
/// <param name="Killed">Processes that the system had killed for memory when the watch began; null where it does not say.</param>
internal readonly record struct ProcessMemory(long Peak, long? Killed)
{
    private const string Machine = "/proc/vmstat", Group = "/sys/fs/cgroup/memory.events";

    /// <summary>Begins a watch.</summary>
    public static ProcessMemory Of(int process) => new(PeakOf(process), KilledSoFar());

    /// <summary>The same a moment later, when the process may be gone.</summary>
    public ProcessMemory Later(int process) => this with { Peak = Math.Max(Peak, PeakOf(process)) };

    /// <summary>Who ended a process by SIGKILL, and what to do.</summary>
    public string Verdict
    {
        get
        {
            var held = Peak > 0 ? string.Create(CultureInfo.InvariantCulture, $"; it held {Peak / (double)(1L << 30):0.00} GiB") : "";
            return (Killed, KilledSoFar()) switch
            {
                ({ } before, { } now) when now > before => $"the system ran out of memory{held}: fewer --jobs, or more memory",
                ({ }, { }) => $"by somebody, not by the system for want of memory{held}",
                _ => $"by the system if memory ran out: then fewer --jobs{held}",
            };
        }
    }

    private static long PeakOf(int process) => Number($"/proc/{process}/status", "VmHWM:") is { } kib ? kib << 10 : 0;

    // Of the machine, and of the control group that a container or a job is in.
    private static long? KilledSoFar() => (Number(Machine, "oom_kill"), Number(Group, "oom_kill")) switch
    {
        (null, null) => null,
        var (machine, group) => (machine ?? 0) + (group ?? 0),
    };

    private static long? Number(string file, string name)
    {
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var found, var value, ..] && found == name
                    && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    return number;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another system, or a process that is gone.
        }

        return null;
    }
}
