using System.Diagnostics;
using System.Xml.Linq;

namespace Harness.Build.Testing;

/// <summary>What a run of the test projects came to.</summary>
/// <param name="Passed">Tests that passed.</param>
/// <param name="Failed">Tests that failed; at least 1 where a test process broke down.</param>
public sealed record TestRun(int Passed, int Failed)
{
    /// <summary>
    /// Runs every test project of <paramref name="testsFolder"/>, built beside this program, and prints what the runner says.
    /// </summary>
    /// <param name="testsFolder">Folder with one folder per test project.</param>
    /// <param name="logFolder">Gets the runner's log, tests.trx.</param>
    public static TestRun Of(string testsFolder, string logFolder)
    {
        var assemblies = Directory.GetFiles(testsFolder, "*.Tests.csproj", SearchOption.AllDirectories)
            .Select(project => Path.GetFileNameWithoutExtension(project)).Order(StringComparer.Ordinal).Select(AssemblyOf).ToList();
        assemblies.ForEach(assembly => CheckBuilt(assembly, "tests", "Test"));
        var log = Path.Combine(logFolder, "tests.trx");
        Directory.CreateDirectory(logFolder);
        File.Delete(log);
        string[] logging = ["--logger", $"trx;LogFileName={Path.GetFullPath(log)}", "--results-directory", Path.GetFullPath(logFolder)];
        // There lies the global.json that names the SDK.
        var start = new ProcessStartInfo(
            "dotnet", ["test", .. assemblies, "--nologo", "--verbosity", "quiet", .. logging])
        { WorkingDirectory = Clone.Root };
        using var runner = Process.Start(start)!;
        runner.WaitForExit();
        return Read(log, runner.ExitCode);
    }

    /// <summary>
    /// Reads a runner's log; one that is missing, or that shows no failure although the runner failed or ran nothing, counts as one
    /// failure.
    /// </summary>
    public static TestRun Read(string log, int exitCode)
    {
        if (!File.Exists(log))
            return new TestRun(0, 1);
        var counters = XDocument.Load(log).Descendants().Single(element => element.Name.LocalName == "Counters");
        var (passed, failed) = (Count("passed"), Count("failed") + Count("error") + Count("timeout") + Count("aborted"));
        return new TestRun(passed, failed == 0 && (exitCode != 0 || passed == 0) ? 1 : failed);

        int Count(string name) => (int?)counters.Attribute(name) ?? 0;
    }

    /// <summary>Runs a program of tests/, built beside this one; its exit code.</summary>
    /// <param name="name">Its folder there, <c>Benchmarks</c>.</param>
    /// <param name="target">The target that builds it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InputException">It is not built.</exception>
    public static int OfProgram(string name, string target, IReadOnlyList<string> arguments)
    {
        var program = AssemblyOf(name);
        CheckBuilt(program, name.ToLowerInvariant(), target);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static void CheckBuilt(string assembly, string what, string target)
    {
        if (!File.Exists(assembly))
            throw new InputException($"{assembly}: the {what} are not built; start them with ./build.sh --target={target}");
    }

    // This program lies in artifacts/bin/Build/release, a test project in artifacts/bin/<project>/release.
    internal static string AssemblyOf(string project)
    {
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.GetFullPath(Path.Combine(own, "..", "..", project, Path.GetFileName(own), $"{project}.dll"));
    }
}
