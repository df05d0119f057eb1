using Harness.Measuring.Capability.Tasks;

namespace Harness.Tests.Capability.Tasks;

public sealed class TaskFolderTests : IDisposable
{
    private readonly SampleTasks tasks = new();

    public void Dispose() => tasks.Dispose();

    [Fact]
    public void A_task_is_known_by_what_it_asks_and_not_by_its_place()
    {
        var (name, content) = Assert.Single(tasks.Contents);
        Assert.Equal("halves", name);
        Assert.Matches("^[0-9a-f]{64}$", content);
        using var elsewhere = new SampleTasks();
        elsewhere.Change("halves.yaml", "task: halves", "# The same.\ntask: halves");
        Assert.Equal(content, elsewhere.Contents["halves"]);
        Assert.Empty(TaskFolder.ContentsOf(null));
    }

    [Theory]
    [InlineData("halves.jsonl", "Bob", "Cid")]
    [InlineData("halves.jsonl", "[\"fish\", \"fish\"], \"answer\": 1", "[\"fish\", \"meat\"], \"answer\": 1")]
    [InlineData("halves.jsonl", "\"answer\": 1", "\"answer\": 0")]
    [InlineData("halves.yaml", "doc_to_text: question", "doc_to_text: \"Q: {{question}}\"")]
    [InlineData("halves.yaml", "doc_to_target", "target_delimiter: \"\"\ndoc_to_target")]
    [InlineData("halves.yaml", "doc_to_target", "metric_list: [{ metric: acc_norm }]\ndoc_to_target")]
    public void What_changes_its_numbers_changes_its_content(string file, string from, string to)
    {
        var before = tasks.Contents;
        tasks.Change(file, from, to);
        Assert.NotEqual(before["halves"], tasks.Contents["halves"]);
    }

    [Fact]
    public void Planned_tasks_are_found_as_they_were()
    {
        var planned = tasks.Contents;
        tasks.Write("other.yaml",
            File.ReadAllText(Path.Combine(tasks.Folder, "halves.yaml")).Replace("task: halves", "task: a", StringComparison.Ordinal));
        Assert.Equal("halves", Assert.Single(TaskFolder.Find(tasks.Folder, planned)).Name);
        Assert.Equal(["a", "halves"], TaskFolder.Find(tasks.Folder, tasks.Contents).Select(task => task.Name));
    }

    [Fact]
    public void A_task_that_changed_since_it_was_planned_is_refused()
    {
        var planned = tasks.Contents;
        tasks.Change("halves.jsonl", "Bob", "Cid");
        const string advice = "as planned; run again to ask it as it is now, or bring its files back";
        Assert.Equal(
            $"HARNESS_TASKS: task 'halves': found SHA-256 {tasks.Contents["halves"]}, expected {planned["halves"]} {advice}",
            Error(() => TaskFolder.Find(tasks.Folder, planned)));
        Assert.Equal($"HARNESS_TASKS: task 'halves': found none, expected {planned["halves"]} {advice}",
            Error(() => TaskFolder.Find(null, planned)));
    }

    [Fact]
    public void A_folder_without_tasks_is_refused()
    {
        Assert.Equal(
            "HARNESS_TASKS: found no folder '/no/where', expected one with tasks of lm-evaluation-harness, *.yaml, and their data; " +
                "correct or unset it",
            Error(() => TaskFolder.ContentsOf("/no/where")));
        File.Delete(Path.Combine(tasks.Folder, "halves.yaml"));
        Assert.Equal($"{tasks.Folder}: found no *.yaml, expected at least one task; put one there", Error(() => tasks.Contents));
    }

    [Theory]
    [InlineData("two halves")]
    [InlineData("hälfte")]
    [InlineData("halves-")]
    [InlineData("v1.2")]
    public void A_name_that_no_claim_could_hold_is_refused(string name)
    {
        tasks.Change("halves.yaml", "task: halves", $"task: {name}");
        Assert.Equal(
            $"{Path.Combine(tasks.Folder, "halves.yaml")}: 'task': found '{name}', " +
                "expected letters, digits, '_' and '-', as it names a column; rename it",
            Error(() => tasks.Contents));
    }

    private static string Error(Func<object> action) => Assert.Throws<InputException>(action).Message;
}
