using Harness.Measuring.Capability.Tasks;

namespace Harness.Tests.Capability.Tasks;

/// <summary>
/// A folder with the task <c>halves</c>, of which every model answers the first of two questions: both are choices between equals.
/// </summary>
internal sealed class SampleTasks : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("tasks");

    public SampleTasks()
    {
        Write("halves.yaml", """
            task: halves
            dataset_path: json
            dataset_kwargs: { data_files: { test: halves.jsonl } }
            test_split: test
            output_type: multiple_choice
            doc_to_text: question
            doc_to_choice: choices
            doc_to_target: answer
            """);
        Write("halves.jsonl", """
            {"question": "Ann eats", "choices": ["fish", "fish"], "answer": 0}
            {"question": "Bob eats", "choices": ["fish", "fish"], "answer": 1}
            """);
    }

    public string Folder => root.FullName;

    public IReadOnlyDictionary<string, string> Contents => TaskFolder.ContentsOf(Folder);

    public void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);

    /// <summary>Replaces a text in a file, which must hold it.</summary>
    public void Change(string name, string from, string to)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name));
        Assert.Contains(from, text, StringComparison.Ordinal);
        Write(name, text.Replace(from, to, StringComparison.Ordinal));
    }

    public void Dispose() => root.Delete(recursive: true);
}
