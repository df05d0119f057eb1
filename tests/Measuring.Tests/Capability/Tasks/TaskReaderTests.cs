using Harness.Measuring.Capability.Tasks;

namespace Harness.Tests.Capability.Tasks;

public sealed class TaskReaderTests : IDisposable
{
    private const string Good = """
        tag: [ai2_arc]
        task: arc
        dataset_path: json
        dataset_kwargs:
          data_files: { test: data.jsonl }
        test_split: test
        output_type: multiple_choice
        doc_to_text: "Question: {{question}}\nAnswer:"
        doc_to_choice: "{{choices.text}}"
        doc_to_target: "{{choices.label.index(answerKey)}}"
        metric_list:
          - metric: acc
            aggregation: mean
            higher_is_better: true
        metadata: { version: 1.0 }
        """;

    private const string Data = """
        {"question": "Who?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "B", "label": "1", "both": [0, 1], "truth": true}
        {"question": "What?", "choices": {"text": ["v", "w"], "label": ["A", "B"]}, "answerKey": "A", "label": "0", "both": [1], "truth": false}
        """;

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    public TaskReaderTests() => Write("data.jsonl", Data);

    private string Task => Path.Combine(root.FullName, "arc.yaml");

    [Fact]
    public void Reads_a_task_as_the_harness_does()
    {
        var task = Read(Good);
        Assert.Equal(("arc", " "), (task.Name, task.TargetDelimiter));
        Assert.Equal("acc", task.Metric);
        Assert.Equal(["Question: Who?\nAnswer:", "Question: What?\nAnswer:"], task.Questions.Select(question => question.Context));
        Assert.Equal([["x", "y"], ["v", "w"]], task.Questions.Select(question => question.Choices));
        Assert.Equal([[1], [0]], task.Questions.Select(question => question.Right));
    }

    [Fact]
    public void A_list_of_objects_a_default_split_and_columns_will_do()
    {
        Write("data.json", "[" + string.Join(',', Data.Split('\n', StringSplitOptions.RemoveEmptyEntries)) + "]");
        var yaml = Good.Replace("{ test: data.jsonl }", "[data.json, data.jsonl]", StringComparison.Ordinal)
            .Replace("test_split: test", "validation_split: train", StringComparison.Ordinal)
            .Replace("\"Question: {{question}}\\nAnswer:\"", "question\ndescription: \"Answer. \"", StringComparison.Ordinal)
            .Replace("\"{{choices.text}}\"", "{ first: \"no\", second: 'yes' }\ntarget_delimiter: \"\"", StringComparison.Ordinal);
        var task = Read(yaml[..yaml.IndexOf("metric_list", StringComparison.Ordinal)]);
        Assert.Equal("acc", task.Metric);
        Assert.Equal(4, task.Questions.Count);
        Assert.Equal("", task.TargetDelimiter);
        Assert.Equal("Answer. Who?", task.Questions[2].Context);
        Assert.Equal(["no", "yes"], task.Questions[2].Choices);
    }

    [Theory]
    [InlineData("1", 1, 1)]
    [InlineData("\"{{label}}\"", 1, 0)]
    [InlineData("truth", 1, 0)]
    [InlineData("\"{{choices.text[0]}}\"", 0, 0)]
    [InlineData("\"{{choices['label'].index(answerKey)}}\"", 1, 0)]
    public void The_right_choice_is_a_number_or_a_text(string target, int first, int second) =>
        Assert.Equal([[first], [second]], Read(With("doc_to_target", target)).Questions.Select(question => question.Right));

    [Fact]
    public void Several_choices_may_be_right() =>
        Assert.Equal([[0, 1], [1]], Read(With("doc_to_target", "both")).Questions.Select(question => question.Right));

    [Theory]
    [InlineData("doc_to_text", "\"{% x %}\"", "(8,1): 'doc_to_text': found '{%', a statement of Jinja, " +
        "expected text and {{ expressions }}; put what it computes into the data")]
    [InlineData("doc_to_text", "\"{{label}}\"", "(8,1): 'doc_to_text': document 1: found nothing but the number 1, " +
        "expected a text, as the harness takes a number for that of a choice; correct it")]
    [InlineData("doc_to_text", "both", "(8,1): 'doc_to_text': document 1: found a list of 2 in field 'both', expected a text; " +
        "correct the data")]
    [InlineData("doc_to_choice", "[yes, no]", "(9,1): 'doc_to_choice': found 'yes', expected a list of texts; put each between quotes")]
    [InlineData("doc_to_choice", "\"a {{both}}\"", "(9,1): 'doc_to_choice': document 1: found 'a {{both}}', " +
        "expected a field, a list, or one {{expression}} and nothing beside it; correct it")]
    [InlineData("doc_to_choice", "both", "(9,1): 'doc_to_choice': document 1: found a list of 2, expected a list of texts; " +
        "correct it or the data")]
    [InlineData("doc_to_choice", "[\"a\"]", "(9,1): 'doc_to_choice': document 1: found 1 choices, expected at least two texts; " +
        "correct the data")]
    [InlineData("doc_to_choice", "!function utils.choices", "(9,16): found the tag '!function', expected a plain value; " +
        "code and types are not understood here, write what it stands for.")]
    [InlineData("doc_to_target", "label", "(10,1): 'doc_to_target': document 1: found the text '1', " +
        "expected the number of a choice, 0 to 1, or one of 'x', 'y'; correct it or the data")]
    [InlineData("doc_to_target", "7", "(10,1): 'doc_to_target': document 1: found the number 7, " +
        "expected the number of a choice, 0 to 1, or one of 'x', 'y'; correct it or the data")]
    [InlineData("output_type", "generate_until", "(7,1): 'output_type': found 'generate_until', expected multiple_choice; " +
        "no other is understood here")]
    [InlineData("dataset_path", "allenai/ai2_arc", "(3,1): 'dataset_path': found 'allenai/ai2_arc', expected json; " +
        "no other is understood here")]
    [InlineData("test_split", "dev", "(6,1): 'test_split': found 'dev', expected one of test, the splits of data_files; correct it")]
    [InlineData("task", "", "(2,1): 'task': found nothing, expected a text; add 'task: …'")]
    [InlineData("tag", "x\ntask: twice", "(3,1): duplicate key 'task'; it stands in line 2 already. Remove one of them.")]
    [InlineData("tag", "x\nnum_fewshot: 5", "(2,1): 'num_fewshot': found '5', expected 0; no other is understood here")]
    [InlineData("tag", "x\ndoc_to_txt: y", "(2,1): found key 'doc_to_txt', expected only ")]
    [InlineData("tag", "x\nprocess_docs: !function utils.process_docs", "(2,1): found key 'process_docs', expected only ")]
    public void What_is_not_understood_is_named(string key, string value, string message) => Assert.StartsWith(
        Task + message, Assert.Throws<InputException>(() => Read(With(key, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_mistake_of_a_file_is_named()
    {
        var yaml = With("doc_to_choice", "!function utils.choices")
            .Replace("task: arc", "task: arc\ndoc_to_txt: y", StringComparison.Ordinal);
        string[] expected = ["(3,1): found key 'doc_to_txt'", "(10,16): found the tag '!function'", "(17,1): duplicate key 'task'"];
        Assert.Equal(expected, Assert.Throws<InputException>(() => Read(yaml + "\ntask: arc")).Message.Split('\n')
            .Zip(expected, (line, start) => line.Length > Task.Length + start.Length ? line[Task.Length..][..start.Length] : line));
    }

    [Fact]
    public void Acc_norm_is_taken_where_nothing_else_is_listed()
    {
        Assert.Equal("acc_norm", Read(Good.Replace("metric: acc", "metric: acc_norm", StringComparison.Ordinal)).Metric);
        Assert.Equal("acc", Read(Good.Replace("- metric: acc", "- metric: acc_norm\n  - metric: acc", StringComparison.Ordinal)).Metric);
    }

    [Fact]
    public void Other_metrics_are_refused() => Assert.Equal(
        $"{Task}(12,5): 'metric_list[0].metric': found 'f1', expected acc or acc_norm; no other is understood here",
        Assert.Throws<InputException>(() => Read(Good.Replace("metric: acc", "metric: f1", StringComparison.Ordinal))).Message);

    [Theory]
    [InlineData("[")]
    [InlineData("a: {b: ")]
    [InlineData("- ")]
    public void Depth_is_bounded(string opening)
    {
        var openings = string.Concat(Enumerable.Repeat(opening.Replace("a: ", "", StringComparison.Ordinal), 100_000));
        var nested = $"task: {(opening == "- " ? "\n" : "")}{openings}";
        var error = Assert.Throws<InputException>(() => Read(nested)).Message;
        Assert.StartsWith($"{Task}(", error, StringComparison.Ordinal);
        Assert.EndsWith(": not valid YAML: lists and maps nest deeper than 64.", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_of_aliases_and_open_brackets_are_one_line()
    {
        var lines = Enumerable.Range(0, 9)
            .Select(i => $"k{i}: &a{i} [{string.Join(", ", Enumerable.Repeat(i == 0 ? "x" : $"*a{i - 1}", 9))}]");
        Assert.Contains("more than 1000000 values", Assert.Throws<InputException>(() => Read(string.Join('\n', lines))).Message,
            StringComparison.Ordinal);
        Assert.Contains("alias '*a' has no anchor before it", Assert.Throws<InputException>(() => Read("task: &a [*a]")).Message,
            StringComparison.Ordinal);
        Assert.Contains("not valid YAML", Assert.Throws<InputException>(() => Read("task: [1,\ntag: 2")).Message,
            StringComparison.Ordinal);
        Write("data.jsonl", new string('[', 100_000));
        Assert.Contains("data.jsonl: found no valid JSON at ", Assert.Throws<InputException>(() => Read(Good)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_data_are_named()
    {
        Write("data.jsonl", Data + "\n[1]\n");
        var file = Path.Combine(root.FullName, "data.jsonl");
        Assert.Equal(
            $"{file}(3): found a list of 1, expected an object with the fields of one document; correct the data",
            Assert.Throws<InputException>(() => Read(Good)).Message);
        Write("data.jsonl", "{\n");
        Assert.StartsWith($"{file}(1): found no valid JSON at ", Assert.Throws<InputException>(() => Read(Good)).Message,
            StringComparison.Ordinal);
        Write("data.jsonl", "\n");
        Assert.Equal(
            $"{file}: found no documents, expected one JSON object a line or a list of objects; fill it",
            Assert.Throws<InputException>(() => Read(Good)).Message);
    }

    [Fact]
    public void A_folder_is_read_in_order_of_names_and_names_are_unique()
    {
        Write("b.yaml", Good.Replace("task: arc", "task: b", StringComparison.Ordinal));
        Write("a.yaml", Good.Replace("task: arc", "task: z", StringComparison.Ordinal));
        Assert.Equal(["z", "b"], TaskReader.ReadFolder(root.FullName).Select(task => task.Name));
        Write("c.yaml", Good.Replace("task: arc", "task: z", StringComparison.Ordinal));
        Assert.Equal(
            $"{Path.Combine(root.FullName, "c.yaml")}: 'task': found 'z', the name of {Path.Combine(root.FullName, "a.yaml")} too, " +
                "expected each once; rename one",
            Assert.Throws<InputException>(() => TaskReader.ReadFolder(root.FullName)).Message);
        var empty = root.CreateSubdirectory("empty").FullName;
        Assert.Equal(
            $"{empty}: found no *.yaml, expected at least one task; put one there",
            Assert.Throws<InputException>(() => TaskReader.ReadFolder(empty)).Message);
    }

    public void Dispose() => root.Delete(recursive: true);

    private static string With(string key, string value) => string.Join('\n', Good.Split('\n')
        .Select(line => line.StartsWith(key + ":", StringComparison.Ordinal) ? $"{key}: {value}" : line));

    private LikelihoodTask Read(string yaml)
    {
        Write("arc.yaml", yaml);
        return TaskReader.ReadFile(Task);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(root.FullName, name), text);
}
