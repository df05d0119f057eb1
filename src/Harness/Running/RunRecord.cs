using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Harness.Models.Checkpoints;
using Harness.Planning;
using Harness.Reports;

namespace Harness.Running;

/// <summary>
/// When, where and from which sources a run made a result: <c>table1.run.json</c> beside it, which differs from run to run and is therefore
/// neither committed nor compared.
/// </summary>
public sealed partial class RunRecord
{
    /// <summary>Extension of its file.</summary>
    public const string Extension = ".run.json";

    private readonly TimeProvider clock;
    private readonly DateTimeOffset started;
    private readonly long from;
    private readonly string command;
    private readonly (string Commit, bool IsClean)? source;

    /// <summary>A run begins.</summary>
    /// <param name="root">The folder of the sources: its commit is that of now, before the run writes results.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="clock">Measures time.</param>
    public RunRecord(string root, IEnumerable<string> arguments, TimeProvider clock)
    {
        this.clock = clock;
        (started, from) = (clock.GetUtcNow(), clock.GetTimestamp());
        command = string.Join(' ', arguments.Select(WithoutSecrets).Prepend("./build.sh"));
        source = SourceOf(root);
    }

    /// <summary>Seconds since the run began.</summary>
    public double Seconds => clock.GetElapsedTime(from).TotalSeconds;

    /// <summary>Writes the record of one experiment.</summary>
    /// <param name="report">What was made.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="jobs">Number of workers.</param>
    /// <param name="cells">Number of its cells.</param>
    /// <param name="computed">Those that the run computed.</param>
    public void Write(Report report, string folder, int jobs, int cells, int computed)
    {
        var experiment = report.Experiment;
        var machine = Provenance.OfThisMachine(
            KeyContext.Current.Libtorch, KeyContext.For(experiment.Overrides.Device).Numerics);
        var text = ReportFile.Text(new JsonObject
        {
            ["experiment"] = $"{experiment.Paper}/{experiment.Name}",
            ["command"] = command,
            ["started"] = started.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["seconds"] = Math.Round(Seconds, 1),
            ["commit"] = source?.Commit,
            ["clean"] = source?.IsClean,
            ["cells"] = new JsonObject { ["computed"] = computed, ["reused"] = cells - computed },
            ["machine"] = new JsonObject
            {
                ["processor"] = machine.Machine,
                ["cores"] = Environment.ProcessorCount,
                ["workers"] = jobs,
                ["operating-system"] = machine.OperatingSystem,
                ["dotnet"] = machine.DotNet,
                ["libtorch"] = machine.LibTorch,
                ["numerics-class"] = machine.NumericsClass,
            },
        });
        ResultsFolder.InTurn(folder, () => DurableFile.WriteText(Path.Combine(folder, experiment.Name + Extension), text));
    }

    // Access tokens of the hub, and passwords in addresses: they have no place on a command line, but some write them there.
    private static string WithoutSecrets(string argument) => Secret().Replace(argument, "…");

    [GeneratedRegex(@"\bhf_\w{8,}|(?<=://)[^/@\s]+(?=@)")]
    private static partial Regex Secret();

    // Results that earlier runs wrote do not make the sources unclean. Null where the folder is no clone's, or git is not there.
    private static (string Commit, bool IsClean)? SourceOf(string root) =>
        Git(root, "rev-parse", "--show-toplevel", "HEAD")?.Split('\n') is [var top, var commit]
        && Path.GetFullPath(top) == Path.GetFullPath(root)
        && Git(root, "status", "--porcelain", "--", ".", ":(exclude)results") is { } changes
            ? (commit, changes.Length == 0)
            : null;

    private static string? Git(string folder, params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", folder, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
