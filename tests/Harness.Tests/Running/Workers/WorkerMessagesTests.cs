using Harness.Measuring.Cells;
using Harness.Running;
using Harness.Running.Workers;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running.Workers;

public sealed class WorkerMessagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_request_is_one_line_that_says_all_of_a_cell_and_comes_back()
    {
        var model = SampleCells.Cell("model", CellKind.Model);
        var cell = SampleCells.CellWith(new() { ["editor"] = "rome" }, "edit x/rome", CellKind.Edit, model);
        var line = CanonicalJson.ToText(WorkerRequest.For(cell, new CellStore(folder.Path)));
        Assert.Equal(
            $$"""
            {"device":"cpu","inputs":{"model":"{{model.Key}}"},"key":"{{cell.Key}}","kind":"edit","name":"edit x/rome","options":{"editor":"rome"},
            "parts":{"code":{"edit x/rome":"0"},"inputs":{"model":"{{model.Key}}"},"kind":"edit","options":{"editor":"rome"},"seed":1},"seed":1,
            "store":"{{folder.Path}}"}
            """.Replace("\n", ""),
            line);
        Assert.Equal(line, CanonicalJson.ToText(CanonicalJson.FromText<WorkerRequest>(line)));
    }

    [Theory]
    [InlineData(WorkerEvent.Progress, """{"event":"progress","seconds":0,"text":"two\nlines"}""")]
    [InlineData(WorkerEvent.Done, """{"event":"done","seconds":0,"text":"two\nlines"}""")]
    [InlineData(WorkerEvent.Taken, """{"event":"taken","seconds":0,"text":"two\nlines"}""")]
    [InlineData(WorkerEvent.InputError, """{"event":"input-error","seconds":0,"text":"two\nlines"}""")]
    [InlineData(WorkerEvent.Crash, """{"event":"crash","seconds":0,"text":"two\nlines"}""")]
    public void A_reply_is_one_line_whatever_its_text(WorkerEvent what, string line)
    {
        var reply = new WorkerReply(what, "two\nlines");
        Assert.Equal(line, CanonicalJson.ToText(reply));
        Assert.Equal(reply, CanonicalJson.FromText<WorkerReply>(line));
    }
}
