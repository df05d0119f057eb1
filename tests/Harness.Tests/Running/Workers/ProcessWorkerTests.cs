using Harness.Running;
using Harness.Running.Workers;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running.Workers;

/// <summary>The parent's side of the protocol, against processes that are shell scripts.</summary>
public sealed class ProcessWorkerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Hands_on_progress_and_the_result_in_the_numerics_environment()
    {
        await using var worker = Start("""
            while read -r line; do
              echo noise
              echo '{"event":"progress","seconds":0,"text":"'$MKL_CBWR $OMP_NUM_THREADS'"}'
              echo '{"event":"done","seconds":2.5,"text":"x"}'
            done
            """);
        var lines = new List<string>();
        Assert.Equal(2.5, await worker.RunAsync(Request(), lines.Add, default));
        Assert.Equal(2.5, await worker.RunAsync(Request(), lines.Add, default));
        Assert.Equal(["AVX2,STRICT 1", "AVX2,STRICT 1"], lines);
        Assert.True(worker.IsAlive);
    }

    [Theory]
    [InlineData("exit 7", "ended with exit code 7")]
    [InlineData("kill -s ABRT $$", "was ended by SIGABRT (libtorch or the runtime gave up)")]
    [InlineData("kill -s SEGV $$", "was ended by SIGSEGV (a fault in native code)")]
    public async Task A_dying_process_is_one_line_with_its_end_and_its_log(string end, string told)
    {
        await using var worker = Start($"read -r line; echo 'free(): invalid pointer' >&2; sleep 0.1; {end}");
        var crash = await Assert.ThrowsAsync<WorkerCrashException>(() => worker.RunAsync(Request(), _ => { }, default));
        var log = Assert.Single(Directory.GetFiles(folder.Path, "worker-*.log"));
        Assert.Equal($"the worker process {told}; its log is {log}; run the same command again, finished cells are kept", crash.Message);
        Assert.Equal($"edit, key {Request().Key}, {told}\nfree(): invalid pointer\n", File.ReadAllText(log));
        Assert.False(worker.IsAlive);
    }

    [Fact]
    public async Task A_killed_process_says_whether_memory_ran_out()
    {
        await using var worker = Start("read -r line; sleep 1.5; kill -s KILL $$");
        var crash = await Assert.ThrowsAsync<WorkerCrashException>(() => worker.RunAsync(Request(), _ => { }, default));
        Assert.Matches(File.Exists("/proc/vmstat") && File.ReadAllText("/proc/vmstat").Contains("oom_kill ", StringComparison.Ordinal)
            ? @"^the worker process was ended by SIGKILL \(by somebody, not by the system for want of memory; it held 0\.0\d GiB\); "
            : @"^the worker process was ended by SIGKILL \(by the system if memory ran out: then fewer --jobs", crash.Message);
        Assert.True(crash.IsDeath);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_no_second_failure()
    {
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        await using var worker = new ProcessWorker(new WorkerCommand("/bin/sh", ["-c", "read -r line; exit 7"]), file);
        var crash = await Assert.ThrowsAsync<WorkerCrashException>(() => worker.RunAsync(Request(), _ => { }, default));
        Assert.StartsWith($"the worker process ended with exit code 7; its log cannot be written to {file}/worker-", crash.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fast_numerics_leave_the_kernels_to_the_libraries()
    {
        const string Script =
            """read -r line; echo '{"event":"progress","seconds":0,"text":"'${ATEN_CPU_CAPABILITY:-none} $MKL_CBWR $OMP_NUM_THREADS $DOTNET_gcConcurrent'"}'; echo '{"event":"done","seconds":1,"text":"x"}'; read -r line""";
        var lines = new List<string>();
        foreach (var isFast in (bool[])[false, true])
        {
            await using var worker = new ProcessWorker(new WorkerCommand("/bin/sh", ["-c", Script], isFast), folder.Path);
            await worker.RunAsync(Request(), lines.Add, default);
        }

        Assert.Equal(["avx2 AVX2,STRICT 1 0", "none AUTO 1 0"], lines);
    }

    [Fact]
    public async Task Reported_errors_keep_their_kind_and_text()
    {
        await using var worker = Start("""
            read -r line; echo '{"event":"input-error","seconds":0,"text":"wrong file"}'
            read -r line; echo '{"event":"crash","seconds":0,"text":"oh"}'
            read -r line
            """);
        Assert.Equal("wrong file", (await Assert.ThrowsAsync<InputException>(() => worker.RunAsync(Request(), _ => { }, default))).Message);
        Assert.Equal("oh", (await Assert.ThrowsAsync<WorkerCrashException>(() => worker.RunAsync(Request(), _ => { }, default))).Message);
    }

    [Fact]
    public async Task Cancelling_kills_the_process()
    {
        await using var worker = Start("read -r line; sleep 60");
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker.RunAsync(Request(), _ => { }, cancellation.Token));
        Assert.False(worker.IsAlive);
    }

    [Fact]
    public void A_program_that_cannot_be_started_is_named() => Assert.StartsWith(
        "worker /nowhere/harness: cannot be started (",
        Assert.Throws<InputException>(() => new ProcessWorker(new WorkerCommand("/nowhere/harness", []), folder.Path)).Message,
        StringComparison.Ordinal);

    private ProcessWorker Start(string script) => new(new WorkerCommand("/bin/sh", ["-c", script]), folder.Path);

    private WorkerRequest Request() => WorkerRequest.For(SampleCells.Cell("edit"), new CellStore(folder.Path));
}
