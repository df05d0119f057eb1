using Harness.Experiments.Running;
using Harness.Experiments.Running.Workers;
using Harness.Experiments.Tests.Declarations;

namespace Harness.Experiments.Tests.Running.Workers;

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

    [Fact]
    public async Task A_dying_process_is_a_crash_with_its_exit_code_and_last_words()
    {
        await using var worker = Start("read -r line; echo 'free(): invalid pointer' >&2; exit 7");
        var crash = await Assert.ThrowsAsync<WorkerCrashException>(() => worker.RunAsync(Request(), _ => { }, default));
        Assert.Equal("the worker process ended with exit code 7. Its last lines:\nfree(): invalid pointer", crash.Message);
        Assert.False(worker.IsAlive);
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
        Assert.Throws<InputException>(() => new ProcessWorker(new WorkerCommand("/nowhere/harness", []))).Message,
        StringComparison.Ordinal);

    private static ProcessWorker Start(string script) => new(new WorkerCommand("/bin/sh", ["-c", script]));

    private WorkerRequest Request() => WorkerRequest.For(SampleCells.Cell("edit"), new CellStore(folder.Path));
}
