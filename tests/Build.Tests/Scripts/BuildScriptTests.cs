using System.Diagnostics;
using System.Runtime.Versioning;
using Harness.Running;

namespace Harness.Tests.Scripts;

/// <summary>What build.sh says on machines that lack something. Nothing is built.</summary>
[SupportedOSPlatform("linux")]
public sealed class BuildScriptTests : IDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Scripts", "build.sh");
    private readonly string folder = Directory.CreateTempSubdirectory("build-script-").FullName;

    [Fact]
    public void A_LIBTORCH_without_libtorch_is_one_clear_error()
    {
        var (exitCode, output, errors) = Run([("LIBTORCH", "/nonexistent")]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("Error: LIBTORCH=/nonexistent has no lib/libtorch_cpu.so, or neither version.py nor build-version; " +
            "set it to a PyTorch", errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("version.py", "__version__ = '1.13.1+cpu'", "1.13.1")]
    [InlineData("build-version", "2.9.0+cu128", "2.9.0")]
    [InlineData("version.py", "", "unknown")]
    public void A_LIBTORCH_of_another_version_is_one_clear_error(string file, string text, string version)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lib"));
        File.WriteAllText(Path.Combine(folder, "lib", "libtorch_cpu.so"), "");
        File.WriteAllText(Path.Combine(folder, file), text);
        var (exitCode, _, errors) = Run([("LIBTORCH", folder)]);
        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"Error: LIBTORCH={folder} is version {version}, expected 2.10.*, which the TorchSharp package was built for; " +
                "install that one, or unset LIBTORCH", errors.TrimEnd());
    }

    [Theory]
    [InlineData("gpu", "", "Error: TORCH=gpu: expected cpu or cuda, or nothing, which is cpu")]
    [InlineData("cpu", "/torch", "Error: TORCH=cpu and LIBTORCH=/torch: expected one of them; unset the other")]
    public void A_wrong_TORCH_is_one_clear_error(string torch, string libtorch, string error)
    {
        var (exitCode, output, errors) = Run([("TORCH", torch), ("LIBTORCH", libtorch)]);
        Assert.Equal((1, "", error), (exitCode, output, errors.TrimEnd()));
    }

    [Theory]
    [InlineData("echo glibc 2.31", "glibc 2.31")]
    [InlineData("exit 1", "not glibc")]
    public void An_old_C_library_is_one_clear_error(string getconf, string found)
    {
        var path = PathWithout("getconf");
        WriteCommand("getconf", getconf);
        var (exitCode, _, errors) = Run([("PATH", path)]);
        Assert.Equal(1, exitCode);
        Assert.Equal($"Error: this system's C library is {found}, expected glibc 2.34 or later, which the TorchSharp package needs; " +
            "use Debian 12, Ubuntu 22.04 or a later one", errors.TrimEnd());
    }

    // NuGet's own words, shortened.
    [Theory]
    [InlineData("error NU1301: Unable to load the service index for source https://packages.example/v3/index.json.",
        "NuGet found neither in /packages nor at its sources all that is needed (NU1301: Unable to load the service index for source " +
            "https://packages.example/v3/index.json.); " +
        "connect this machine to the network once, or name a source that has it: dotnet nuget add source <address or folder>")]
    [InlineData("error : No space left on device : '/packages/libtorch'",
        "no space left on the disk; /packages needs room for the packages (1.2 GB with libtorch for CPUs) and ARTIFACTS 0.1 GB: free as " +
            "much, or set NUGET_PACKAGES to a folder on a disk that has it")]
    public void A_failed_restore_is_one_clear_error(string said, string error)
    {
        var path = PathWithout("dotnet");
        WriteCommand("dotnet", $"[ \"$1\" = --version ] && echo 10.0.100 && exit 0\necho \"{said}\"\nexit 1");
        var root = Path.GetDirectoryName(Script)!;
        foreach (var sources in (string[])["src", "build"])
            Directory.CreateDirectory(Path.Combine(root, sources));
        File.WriteAllText(Path.Combine(root, "Harness.sln"), "");
        var (exitCode, output, errors) = Run([("PATH", path), ("NUGET_PACKAGES", "/packages")]);
        Assert.Equal((1, "Building build/Build.csproj (the first time: restores packages, about a minute; log: artifacts/build.log) ..."),
            (exitCode, output.TrimEnd()));
        Assert.Equal("Error: Building build/Build.csproj: "
            + error.Replace("ARTIFACTS", Path.Combine(root, "artifacts"), StringComparison.Ordinal), errors.TrimEnd());
    }

    [Theory]
    [InlineData("Harness.sln", "--target=Test")]
    [InlineData("Harness.sln", "-t", "benchmark", "--dryrun=false")]
    [InlineData("build/Build.csproj", "--target=Test", "--dryrun")]
    [InlineData("build/Build.csproj", "-target=Benchmark", "--Tree=true")]
    [InlineData("build/Build.csproj", "--target=Test", "--help")]
    [InlineData("build/Build.csproj", "--target=Table1")]
    public void Tests_are_built_to_be_run_and_not_to_be_shown(string project, params string[] arguments)
    {
        var clone = NewClone("clone");
        var path = PathWithout("dotnet");
        WriteCommand("dotnet", "[ \"$1\" = --version ] && echo 10.0.100\nexit 0");
        var (_, output, _) = Run([("PATH", path)], folder, Path.Combine(clone, "build.sh"), arguments);
        Assert.StartsWith($"Building {project} (", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("build.sh")]
    [InlineData("../../bin/harness")]
    public void It_may_be_called_from_anywhere_and_through_links(string called)
    {
        var clone = NewClone("Mein Klon ü");
        var place = Directory.CreateDirectory(Path.Combine(folder, "models", "here")).FullName;
        var links = Directory.CreateDirectory(Path.Combine(folder, "deep", "links")).FullName;
        File.CreateSymbolicLink(Path.Combine(links, "second"), Path.Combine("..", "..", "Mein Klon ü", "build.sh"));
        File.CreateSymbolicLink(Path.Combine(folder, "bin"), links);
        File.CreateSymbolicLink(Path.Combine(links, "harness"), Path.Combine(links, "second"));
        var path = PathWithout("dotnet");
        WriteCommand("dotnet",
            "[ \"$1\" = --version ] && echo 10.0.100 && exit 0\n[ \"$1\" = build ] && exit 0\npwd\nprintf '%s\\n' \"$@\"");

        var script = called == "build.sh" ? Path.Combine(clone, called) : called;
        var (exitCode, output, errors) = Run([("PATH", path), ("CDPATH", folder)], place, script, "--facts=my facts.jsonl");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(
            [
                $"Building build/Build.csproj (the first time: restores packages, about a minute; log: {clone}/artifacts/build.log) ...",
                place,
                $"{clone}/artifacts/bin/Build/release/Harness.Build.dll",
                "--facts=my facts.jsonl",
            ],
            output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_relative_LIBTORCH_is_where_the_user_stands()
    {
        var (exitCode, _, errors) = Run([("LIBTORCH", "torch")], folder, Script, "--tree");
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"Error: LIBTORCH={folder}/torch has no lib/libtorch_cpu.so", errors);
    }

    [Fact]
    public void A_missing_SDK_names_the_version_and_where_to_get_it()
    {
        var (exitCode, _, errors) = Run([("PATH", PathWithout("dotnet")), ("HOME", folder)]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Error: the .NET SDK is missing: install version 10.0.100 or a later 10 (https://dotnet.microsoft.com/download)",
            errors);
    }

    [Fact]
    public void The_program_gets_the_environment_that_its_workers_get()
    {
        var names = NumericsEnvironment.Always.Keys.Concat(NumericsEnvironment.Kernels.Keys).ToList();
        foreach (var arguments in (string[][])[[], ["--numerics=portable"], ["--target=Table1", "--numerics=fast"], ["--numerics", "fast"]])
        {
            var worker = new Dictionary<string, string?> { ["ATEN_CPU_CAPABILITY"] = "avx512" };
            NumericsEnvironment.Set(worker, arguments.Contains("fast") || arguments.Contains("--numerics=fast"));
            Assert.Equal(worker.OrderBy(pair => pair.Key, StringComparer.Ordinal),
                Pinned(arguments).OrderBy(pair => pair.Key, StringComparer.Ordinal));
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

    // What the script needs of a clone.
    private string NewClone(string name)
    {
        var clone = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        foreach (var file in (string[])["build.sh", "global.json", "Directory.Packages.props"])
            File.Copy(Path.Combine(Path.GetDirectoryName(Script)!, file), Path.Combine(clone, file));
        foreach (var sources in (string[])["src", "build", "tests"]) Directory.CreateDirectory(Path.Combine(clone, sources));
        File.WriteAllText(Path.Combine(clone, "Harness.sln"), "");
        return clone;
    }

    // A folder with everything that the script calls but some.
    private string PathWithout(params string[] missing)
    {
        string[] needed = ["bash", "dirname", "mkdir", "sed", "grep", "head", "readlink", "cut", "paste", "dotnet", "uname", "getconf",
            "sort", "tr", "find", "xargs", "sha256sum", "rm"];
        var places = Environment.GetEnvironmentVariable("PATH")!.Split(':').Concat(["/sbin", "/usr/sbin"]).ToList();
        foreach (var name in needed.Except(missing))
        {
            var target = places.Select(place => Path.Combine(place, name)).First(File.Exists);
            // A link to the real file: dotnet finds its SDKs beside itself.
            File.CreateSymbolicLink(Path.Combine(folder, name), target);
        }

        return folder;
    }

    private void WriteCommand(string name, string body)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_shell_that_may_open_few_files_is_one_clear_error()
    {
        var wrapper = Path.Combine(folder, "few.sh");
        File.WriteAllText(wrapper, $"ulimit -n 64\nexec bash '{Script}' --tree\n");
        var (exitCode, _, errors) = Run([], Path.GetDirectoryName(Script)!, wrapper);
        Assert.Equal((1, "Error: this shell may open 64 files, expected at least 256; raise it (ulimit -n 1024) or ask who administers "
            + "the machine"), (exitCode, errors.TrimEnd()));
    }

    private static (int ExitCode, string Output, string Errors) Run((string Name, string Value)[] variables) =>
        Run(variables, Path.GetDirectoryName(Script)!, Script, "--tree");

    private static (int ExitCode, string Output, string Errors) Run(
        (string Name, string Value)[] variables, string place, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash", [script, .. arguments])
        {
            WorkingDirectory = place,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("LIBTORCH");
        start.Environment.Remove("TORCH");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
