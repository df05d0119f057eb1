using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Harness.Faults;

/// <summary>One run of the harness's program, in a group of processes of its own.</summary>
internal sealed class ProgramRun : IDisposable
{
    /// <summary>A run that takes longer hangs: undisturbed it takes ten seconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    private readonly Process process;
    private readonly StringBuilder output = new(), errors = new();

    /// <summary>Starts it.</summary>
    /// <param name="command">What to run, the program first.</param>
    /// <param name="folder">Where.</param>
    /// <param name="environment">What is set, or unset by null, besides what this process has.</param>
    public ProgramRun(IReadOnlyList<string> command, string folder, IEnumerable<(string Name, string? Value)> environment)
    {
        var start = new ProcessStartInfo("setsid", command)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it has not ended.</summary>
    public bool IsRunning => !process.HasExited;

    /// <summary>Its exit code; a signal is 128 and its number.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>What it printed so far.</summary>
    public string Output { get { lock (output) return output.ToString(); } }

    /// <summary>What it printed as errors so far.</summary>
    public string Errors { get { lock (errors) return errors.ToString(); } }

    /// <summary>Waits for its end.</summary>
    /// <returns>Whether it ended in time.</returns>
    public bool Wait(TimeSpan? longest = null)
    {
        if (!process.WaitForExit(longest ?? Longest)) return false;
        process.WaitForExit();
        return true;
    }

    /// <summary>Sends a signal to one process of it, or to the whole group.</summary>
    public void Signal(string signal, int? member = null) => Shell.Run("kill", "-s", signal, "--", $"{member ?? -process.Id}");

    /// <summary>Sends a signal to the program alone, not to its workers.</summary>
    public void SignalProgram(string signal) => Signal(signal, process.Id);

    /// <summary>Its workers' process ids.</summary>
    public IReadOnlyList<int> Workers => [.. Members().Where(id => id != process.Id)];

    /// <summary>Processes of its group that still live, which there are none of a while behind its end.</summary>
    public bool LeavesProcesses()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (!Members().Any()) return false;
            Thread.Sleep(100);
        }

        return true;
    }

    public void Dispose()
    {
        if (IsRunning) Signal("KILL");
        process.WaitForExit(TimeSpan.FromSeconds(20));
        process.Dispose();
    }

    private IEnumerable<int> Members()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            var fields = StatOf(id);
            if (fields is [not "Z", _, var group, ..] && group == process.Id.ToString(CultureInfo.InvariantCulture)) yield return id;
        }
    }

    private static string[] StatOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }
}

/// <summary>Small commands of the system.</summary>
internal static class Shell
{
    /// <summary>Runs a command; its exit code, its output thrown away.</summary>
    public static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode;
    }
}
