using System.Text.Json.Nodes;
using Harness.Planning;
using Harness.Running;
using Harness.Running.Workers;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running.Workers;

public sealed class WorkerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Answers_each_request_and_survives_what_cells_throw()
    {
        var store = new CellStore(folder.Path);
        var requests = string.Concat(((string[])["good", "mistake", "crash"])
            .Select(name => CanonicalJson.ToText(WorkerRequest.For(SampleCells.Cell(name), store)) + "\n"));
        var replies = new StringWriter { NewLine = "\n" };
        Worker.Serve(new StringReader(requests), replies, (request, progress, _) =>
        {
            progress.Report("half way");
            return request.Name switch
            {
                "good" => 1.5,
                "mistake" => throw new InputException("wrong file"),
                _ => throw new NotSupportedException("oh"),
            };
        });
        var read = replies.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(CanonicalJson.FromText<WorkerReply>)
            .ToList();
        Assert.Equal(
            [WorkerEvent.Progress, WorkerEvent.Done, WorkerEvent.Progress, WorkerEvent.InputError, WorkerEvent.Progress, WorkerEvent.Crash],
            read.Select(reply => reply.Event));
        Assert.Equal(("half way", 1.5, "wrong file"), (read[0].Text, read[1].Seconds, read[3].Text));
        Assert.StartsWith("System.NotSupportedException: oh\n   at ", read[5].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d", "1.13.1", "f00", null)]
    [InlineData("e", "1.13.1", "f00", "the code of Harness.Measuring has changed since the plan was made: found d, expected e; run again")]
    [InlineData("d", "2.6", "f00",
        "the worker's libtorch is 1.13.1, the plan's is 2.6; install the same version on every machine of the run")]
    [InlineData("d", "1.13.1", "bar", "the worker's numerics is f00, the plan's is bar; "
        + "start the program through build.sh, which sets the numerics environment, and use machines of one class")]
    public void Refuses_a_cell_that_was_planned_with_other_code_or_arithmetic(
        string studies, string libtorch, string numerics, string? message)
    {
        var request = WorkerRequest.For(SampleCells.Cell("edit"), new CellStore(folder.Path)) with
        {
            Parts = new JsonObject
            {
                ["code"] = new JsonObject { ["Harness.Measuring"] = studies },
                ["libtorch"] = libtorch,
                ["numerics"] = numerics,
            },
        };
        var context = new KeyContext((_, _) => new Dictionary<string, string> { ["Harness.Measuring"] = "d" }, "1.13.1", "f00");
        Assert.Equal(message, Record.Exception(() => CellJob.CheckContext(request, context))?.Message);
    }

    [Fact]
    public void A_full_disk_is_the_store_s_error()
    {
        var store = new CellStore(folder.Path);
        var job = new CellJob(store, (_, _, _) => throw new IOException("No space left on device", 28), TimeProvider.System);
        Assert.Equal(
            $"store {store.Folder}: cannot be written (No space left on device); "
            + "free space there, make the folder writable or choose another with --store, and run again; finished cells are kept",
            Assert.Throws<InputException>(() =>
                job.Run(WorkerRequest.For(SampleCells.Cell("edit"), store), new Progress<string>(), default)).Message);
        Assert.Empty(Directory.GetDirectories(store.Folder));
    }
}
