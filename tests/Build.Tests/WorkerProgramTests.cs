using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Running.Workers;

namespace Harness.Tests;

/// <summary>Processes of the program that are started as workers.</summary>
[SupportedOSPlatform("linux")]
public sealed class WorkerProgramTests : IDisposable
{
    private static readonly string Program = typeof(Build.Program).Assembly.Location;
    private readonly string folder = Directory.CreateTempSubdirectory("worker-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_worker_with_concurrent_collection_refuses_to_work()
    {
        var start = new ProcessStartInfo("dotnet", [Program, "worker"]) { RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment["DOTNET_gcConcurrent"] = "1";
        using var worker = Process.Start(start)!;
        worker.StandardInput.Close();
        Assert.Equal(
            "worker: found concurrent garbage collection, expected none; start it with DOTNET_gcConcurrent=0, as the harness does",
            worker.StandardError.ReadToEnd().TrimEnd());
        worker.WaitForExit();
        Assert.Equal(1, worker.ExitCode);
    }

    // It answers, so that it found none: the test above. .NET collects on a second thread where nobody says no.
    [Fact]
    public async Task The_harness_starts_workers_without_concurrent_collection()
    {
        await using var worker = new ProcessWorker(new WorkerCommand("dotnet", [Program, "worker"]), folder);
        var mistake = await Assert.ThrowsAsync<InputException>(() => worker.RunAsync(Request(), _ => { }, default));
        Assert.Contains("the worker's libtorch is ", mistake.Message, StringComparison.Ordinal);
        Assert.True(worker.IsAlive);
    }

    [Theory]
    [InlineData("KILL", "was ended by SIGKILL (by ")]
    [InlineData("ABRT", "was ended by SIGABRT (libtorch or the runtime gave up); its log is ")]
    public async Task A_killed_worker_says_by_what(string signal, string told)
    {
        // The shell becomes the program, which waits for input meanwhile. The runtime swallows the first SIGABRT that is no abort().
        var command = $"(sleep 1; kill -s {signal} $$; sleep 0.2; kill -s {signal} $$) 2> /dev/null & DOTNET_DbgEnableMiniDump=0 exec " +
            $"dotnet '{Program}' worker < <(sleep 5 2> /dev/null)";
        await using var worker = new ProcessWorker(new WorkerCommand("/bin/bash", ["-c", command]), folder);
        var crash = await Assert.ThrowsAsync<WorkerCrashException>(() => worker.RunAsync(Request(), _ => { }, default));
        Assert.StartsWith($"the worker process {told}", crash.Message, StringComparison.Ordinal);
        Assert.Contains($"; its log is {folder}/worker-", crash.Message, StringComparison.Ordinal);
    }

    private WorkerRequest Request() => new()
    {
        Key = "key",
        Kind = CellKind.Edit,
        Name = "edit",
        Options = [],
        Seed = 1,
        Parts = new JsonObject { ["libtorch"] = "0.0.0" },
        Inputs = new Dictionary<string, string>(),
        Store = folder,
    };
}
