using System.Diagnostics;
using System.Runtime.Versioning;

namespace Harness.Tests.Scripts;

/// <summary>
/// tests/numerics/emulate.sh with an emulator that is a script: it runs the canary on this processor and may change what it prints.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class EmulateScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("emulate-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Equal_canaries_are_one_class()
    {
        var (exitCode, output, errors) = Run(Emulator("exec \"$@\""));
        Assert.Equal((0, ""), (exitCode, errors));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(["this machine", "Haswell", "Skylake-Client", "EPYC"], lines[..^1].Select(line => line[..16].TrimEnd()));
        Assert.Single(lines[..^1].Select(line => line[16..]).Distinct());
        Assert.Equal("one class on all of them", lines[^1]);
    }

    [Fact]
    public void A_processor_with_other_bytes_is_an_error_that_names_the_computation()
    {
        var (exitCode, output, errors) =
            Run(Emulator("\"$@\" | if [ $cpu = EPYC ]; then sed 's/^[0-9a-f]* float32 svd$/ffffffffffff float32 svd/'; else cat; fi"));
        Assert.Equal((1, "Error: the classes differ: numbers are not the same on these processors"), (exitCode, errors.TrimEnd()));
        Assert.EndsWith("  > ffffffffffff float32 svd", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_emulator_says_how_to_install_it()
    {
        var (exitCode, output, errors) = Run("/nowhere/qemu");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("Error: /nowhere/qemu is missing: install it with: apt-get install qemu-user-static ", errors,
            StringComparison.Ordinal);
    }

    private string Emulator(string run)
    {
        var file = Path.Combine(folder, "qemu");
        File.WriteAllText(file, $"#!/bin/bash\ncpu=$2\nshift 2\n{run}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return file;
    }

    private static (int ExitCode, string Output, string Errors) Run(string emulator)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Scripts", "tests", "numerics", "emulate.sh");
        var start = new ProcessStartInfo("/bin/bash", [script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["QEMU"] = emulator;
        start.Environment["DLL"] = typeof(Build.Program).Assembly.Location;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
