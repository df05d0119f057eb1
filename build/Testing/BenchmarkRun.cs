using System.Diagnostics;

namespace Harness.Build.Testing;

/// <summary>Runs the program of tests/Benchmarks.</summary>
public static class BenchmarkRun
{
    /// <summary>Runs it with these arguments; its exit code.</summary>
    /// <exception cref="InputException">It is not built.</exception>
    public static int Of(IReadOnlyList<string> arguments)
    {
        var program = TestRun.AssemblyOf("Benchmarks");
        if (!File.Exists(program))
            throw new InputException($"{program}: the benchmarks are not built; start them with ./build.sh --target=Benchmark");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]))!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
