using System.Diagnostics;
using System.Runtime.Versioning;
using Harness.Experiments.Running;

namespace Harness.Tests.Scripts;

/// <summary>What build.sh says on machines that lack something. Every case ends before anything is built.</summary>
[SupportedOSPlatform("linux")]
public sealed class BuildScriptTests : IDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Scripts", "build.sh");
    private readonly string folder = Directory.CreateTempSubdirectory("build-script-").FullName;

    [Fact]
    public void A_wrong_LIBTORCH_is_one_clear_error()
    {
        var (exitCode, output, errors) = Run([("LIBTORCH", "/nonexistent")]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("Error: LIBTORCH=/nonexistent has no lib/libtorch_cpu.so or no include/ATen/core/Tensor.h; set it to a PyTorch", errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("gpu", "", "Error: TORCH=gpu: expected cpu or cuda (the TorchSharp package with that libtorch), or nothing")]
    [InlineData("cpu", "/torch", "Error: TORCH=cpu and LIBTORCH=/torch: expected one of them; unset the other")]
    public void A_wrong_TORCH_is_one_clear_error(string torch, string libtorch, string error)
    {
        var (exitCode, output, errors) = Run([("TORCH", torch), ("LIBTORCH", libtorch)]);
        Assert.Equal((1, "", error), (exitCode, output, errors.TrimEnd()));
    }

    [Fact]
    public void Whoever_may_not_install_gets_the_one_command()
    {
        var (exitCode, output, errors) = Run([("PATH", PathWithout("g++"))]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal(
            "Error: this machine lacks: g++; install them with: sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends g++'",
            errors.TrimEnd());
    }

    [Fact]
    public void A_missing_SDK_names_the_version_and_where_to_get_it()
    {
        var (exitCode, _, errors) = Run([("PATH", PathWithout("dotnet")), ("HOME", folder)]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Error: the .NET SDK is missing: install version 10.0.100 or a later 10 (https://dotnet.microsoft.com/download)", errors);
    }

    [Fact]
    public void The_program_gets_the_environment_that_its_workers_get()
    {
        var names = NumericsEnvironment.Always.Keys.Concat(NumericsEnvironment.Kernels.Keys).ToList();
        foreach (var arguments in (string[][])[[], ["--numerics=portable"], ["--target=Table1", "--numerics=fast"], ["--numerics", "fast"]])
        {
            var worker = new Dictionary<string, string?> { ["ATEN_CPU_CAPABILITY"] = "avx512" };
            NumericsEnvironment.Set(worker, arguments.Contains("fast") || arguments.Contains("--numerics=fast"));
            Assert.Equal(worker.OrderBy(pair => pair.Key, StringComparer.Ordinal), Pinned(arguments).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        }

        // What the script exports for those arguments, of the variables that workers get.
        Dictionary<string, string?> Pinned(string[] arguments)
        {
            var command = $"eval \"$(sed -n '/^pin_numerics() {{/,/^}}/p' '{Script}')\"; pin_numerics \"$@\"; env";
            var start = new ProcessStartInfo("/bin/bash", ["-c", command, "build.sh", .. arguments]) { RedirectStandardOutput = true };
            foreach (var name in names) start.Environment.Remove(name);
            start.Environment["ATEN_CPU_CAPABILITY"] = "avx512";
            using var script = Process.Start(start)!;
            return script.StandardOutput.ReadToEnd().Split('\n').Select(line => line.Split('=', 2))
                .Where(pair => names.Contains(pair[0])).ToDictionary(pair => pair[0], pair => (string?)pair[1]);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // A folder with everything that the script calls before it builds, for somebody who is not root.
    private string PathWithout(params string[] missing)
    {
        string[] needed =
            ["bash", "dirname", "mkdir", "sed", "grep", "head", "readlink", "cut", "paste", "dotnet", "g++", "ldconfig", "apt-get"];
        var places = Environment.GetEnvironmentVariable("PATH")!.Split(':').Concat(["/sbin", "/usr/sbin"]).ToList();
        foreach (var name in needed.Except(missing))
        {
            var target = places.Select(place => Path.Combine(place, name)).FirstOrDefault(File.Exists) ?? "/bin/true";
            // A link to the real file: dotnet finds its SDKs beside itself.
            File.CreateSymbolicLink(Path.Combine(folder, name), target);
        }

        var id = Path.Combine(folder, "id");
        File.WriteAllText(id, "#!/bin/sh\necho 1000\n");
        File.SetUnixFileMode(id, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return folder;
    }

    private static (int ExitCode, string Output, string Errors) Run((string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("/bin/bash", [Script, "--tree"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("LIBTORCH");
        start.Environment.Remove("TORCH");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var script = Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync();
        var output = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        return (script.ExitCode, output, errors.Result);
    }
}
