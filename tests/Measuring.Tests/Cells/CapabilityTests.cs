using Harness.Measuring.Capability;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Cells;
using Harness.Tests.Capability.Tasks;

namespace Harness.Tests.Cells;

public sealed class CapabilityTests : IDisposable
{
    private const string Tuned = """{ "layer": 1, "tuning": { "epochs": 2, "learning-rate": 0.01 } }""";
    private readonly CellFolder cells = new();

    public void Dispose() => cells.Dispose();

    [Fact]
    public void The_unedited_model_is_asked_but_compared_with_nothing()
    {
        var series = Ask();
        Assert.Equal(["choice", "recall-same-subject", "recall-unrelated"], series.Keys);
        Assert.Equal([0], series["choice"].Select(item => item.Id));
    }

    [Fact]
    public void An_edited_model_is_compared_with_the_unedited_one()
    {
        Edit(Tuned);
        var series = Ask("edit");
        Assert.Equal(["choice", "kl", "perplexity", "recall-same-subject", "recall-unrelated"], series.Keys);
        Assert.Equal(2, series["kl"].Count);
        Assert.All(series["kl"], item => Assert.True(item.Value > 0));
        Assert.Contains("change", CaseLines.ReadSeries(CellKind.Edit, cells.Folder("edit")).Keys);
    }

    [Fact]
    public void Planned_tasks_are_asked_besides_with_and_without_an_edit()
    {
        var folder = Environment.GetEnvironmentVariable(TaskFolder.Variable);
        using var tasks = new SampleTasks();
        try
        {
            Environment.SetEnvironmentVariable(TaskFolder.Variable, tasks.Folder);
            var options = new CapabilityOptions { Tasks = tasks.Contents };
            Edit(Tuned);
            foreach (var inputs in (string[][])[[], ["edit"]])
            {
                var without = Ask(inputs);
                var series = Ask(options, inputs);
                Assert.Equal([.. without.Keys, "task-halves"], series.Keys);
                Assert.Equal([new SeriesItem(0, 1), new SeriesItem(1, 0)], series["task-halves"]);
                Assert.All(without.Keys, name => Assert.Equal(without[name], series[name]));
            }

            tasks.Change("halves.jsonl", "Bob", "Cid");
            Assert.StartsWith("HARNESS_TASKS: task 'halves': found SHA-256 ", Assert.Throws<InputException>(() => Ask(options)).Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable(TaskFolder.Variable, folder);
        }
    }

    private void Edit(string options) =>
        cells.Run(CellKind.Edit, "edit", new EditOptions { Editor = "ft-m", Options = CellFolder.Json(options) });

    private IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Ask(params string[] inputs) => Ask(new CapabilityOptions(), inputs);

    private IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Ask(CapabilityOptions options, params string[] inputs) =>
        CaseLines.ReadSeries(
        CellKind.Capability, cells.Run(CellKind.Capability, "capability", options, inputs));
}
