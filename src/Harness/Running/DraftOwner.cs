namespace Harness.Running;

/// <summary>Who makes a cell; written into its draft before anyone can see it.</summary>
/// <param name="Machine">Which machine since which boot, and in which namespace of processes, so that a process id means something.</param>
/// <param name="Host">The machine's name, for people.</param>
/// <param name="Process">Process id there.</param>
/// <param name="Started">When that process began, in the machine's own count; 0 where it is not told. An id may come again.</param>
/// <param name="Token">Another for each draft.</param>
/// <param name="Job">Job and task on a cluster, <c>8812_3</c>; empty elsewhere.</param>
internal sealed record DraftOwner(string Machine, string Host, int Process, long Started, string Token, string Job = "")
{
    /// <summary>Its file in a draft.</summary>
    public const string FileName = "owner.json";

    /// <summary>This machine, as <see cref="Machine"/> names it: 16 hexadecimal digits.</summary>
    public static string ThisMachine { get; } = TextHash.Of(string.Join('\n',
        Environment.MachineName, TextOf("/proc/sys/kernel/random/boot_id"), new FileInfo("/proc/self/ns/pid").LinkTarget ?? ""))[..16];

    /// <summary>This process, with a new token.</summary>
    public static DraftOwner This() => new(
        ThisMachine, Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId), Guid.NewGuid().ToString("N"), ThisJob);

    /// <summary>The job and task that this process runs in; empty where it runs in none.</summary>
    public static string ThisJob { get; } = Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is { } job
        ? $"{job}_{Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID")}" : Environment.GetEnvironmentVariable("SLURM_JOB_ID") ?? "";

    /// <summary>The owner of a draft; null where its file is missing or damaged.</summary>
    public static DraftOwner? Of(string draft) => StoredJson.ReadOrNull<DraftOwner>(Path.Combine(draft, FileName));

    /// <summary>Whether its process lives; null where that cannot be seen from here.</summary>
    public bool? IsAlive => Machine != ThisMachine ? null : Lives(Process) && StartOf(Process) == Started;

    /// <summary>Whether a process of this machine lives.</summary>
    public static bool Lives(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"process {Process} on {Host}";

    // Clock ticks since boot: behind the name, which may hold anything, the start is the twentieth field.
    private static long StartOf(int process) =>
        TextOf($"/proc/{process}/stat") is var stat && stat.LastIndexOf(')') is > 0 and var name
        && stat[(name + 2)..].Split(' ') is { Length: > 19 } fields && long.TryParse(fields[19], out var start) ? start : 0;

    private static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
