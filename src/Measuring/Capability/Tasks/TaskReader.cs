using Harness.Measuring.Yaml;
using Document = System.Collections.Generic.IReadOnlyDictionary<string, object?>;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>One question of a task, ready to be asked.</summary>
/// <param name="Context">Description and question.</param>
/// <param name="Choices">At least two texts, none of them empty.</param>
/// <param name="Right">Indexes of the right choices, at least one.</param>
public sealed record TaskQuestion(string Context, IReadOnlyList<string> Choices, IReadOnlyList<int> Right);

/// <summary>
/// A multiple-choice task in lm-evaluation-harness's format, without examples: each choice's log-likelihood behind the context is summed,
/// and the likeliest choice is taken, the first among equals.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="TargetDelimiter">What stands between context and choice. Default one space.</param>
/// <param name="Metric">
/// <c>acc</c>: the likeliest choice is right. <c>acc_norm</c>: the same of log-likelihoods divided by the characters (code points) of the
/// choice, the delimiter not counted; taken where the task lists nothing else.
/// </param>
/// <param name="Questions">In the order of the data.</param>
/// <param name="File">Where it was declared, for errors.</param>
public sealed record LikelihoodTask(
    string Name, string TargetDelimiter, string Metric, IReadOnlyList<TaskQuestion> Questions, string File);

/// <summary>
/// Reads tasks in lm-evaluation-harness's YAML, over local data, whole and before anything is asked. What the format can and this reader
/// cannot (code, examples in the prompt, other output types and metrics, data sets of the hub, Jinja beyond <see cref="TaskTemplate"/>) is
/// refused by name.
/// </summary>
public static class TaskReader
{
    internal const string Accuracy = "acc", Normalised = "acc_norm";

    private static readonly string[] Keys =
    [
        "task", "dataset_path", "dataset_name", "dataset_kwargs", "test_split", "validation_split", "output_type", "doc_to_text",
        "doc_to_choice", "doc_to_target", "target_delimiter", "description", "num_fewshot", "metric_list",

        // Without effect here: labels, splits for examples, and the search for tasks in training data.
        "task_alias", "tag", "metadata", "training_split", "fewshot_split", "fewshot_delimiter", "repeats",
        "should_decontaminate", "doc_to_decontamination_query",
    ];

    /// <summary>Reads every <c>*.yaml</c> of a folder, in ordinal order of the names.</summary>
    /// <exception cref="InputException">The folder has none, one is unsound, or two have the same name.</exception>
    public static IReadOnlyList<LikelihoodTask> ReadFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: found no folder, expected one with tasks, *.yaml; check its path");
        string[] files = [.. Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)];
        if (files.Length == 0) throw new InputException($"{folder}: found no *.yaml, expected at least one task; put one there");
        LikelihoodTask[] tasks = [.. files.Select(ReadFile)];
        return tasks.GroupBy(task => task.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is not { } twice
            ? tasks
            : throw new InputException(
                $"{twice.Last().File}: 'task': found '{twice.Key}', the name of {twice.First().File} too, expected each once; rename one");
    }

    /// <summary>Reads one task and its data. Relative paths of data are relative to the task's folder.</summary>
    /// <exception cref="InputException">Says file, key, what was found and what was expected.</exception>
    public static LikelihoodTask ReadFile(string file)
    {
        var yaml = TaskYaml.Read(file);
        yaml.CheckKeys(Keys);
        yaml.OneOf("output_type", null, "multiple_choice");
        yaml.OneOf("num_fewshot", "0", "0");
        yaml.OneOf("repeats", "1", "1");
        var name = yaml.Text("task");
        var prompts = new TaskPrompts(yaml);
        Document[] documents = [.. DataFiles(file, yaml).SelectMany(TaskData.Read)];
        var columns = documents.SelectMany(document => document.Keys).ToHashSet(StringComparer.Ordinal);
        TaskQuestion[] questions = [.. documents.Select((document, i) => prompts.Question(document, i + 1, columns))];
        return new LikelihoodTask(name, yaml.Text("target_delimiter", " "), Metric(yaml), questions, file);
    }

    // Without a list both are meant.
    private static string Metric(TaskYaml yaml)
    {
        var metrics = new List<string>();
        foreach (var item in yaml.Maps("metric_list"))
        {
            item.CheckKeys("metric", "aggregation", "higher_is_better");
            item.OneOf("aggregation", "mean", "mean");
            item.OneOf("higher_is_better", "true", "true", "True");
            metrics.Add(item.OneOf("metric", null, Accuracy, Normalised));
        }

        return metrics.Count == 0 || metrics.Contains(Accuracy) ? Accuracy : Normalised;
    }

    // As the data sets library has it: files without names of splits are the split "train".
    private static IEnumerable<string> DataFiles(string file, TaskYaml yaml)
    {
        yaml.OneOf("dataset_path", null, "json");
        if (yaml.Find("dataset_name") is not null)
            throw yaml.Error("dataset_name", "found a name, expected none for local data; remove it");
        var kwargs = yaml.Map("dataset_kwargs");
        kwargs.CheckKeys("data_files");
        var key = yaml.Find("test_split") is not null ? "test_split" : "validation_split";
        var split = yaml.Text(key);
        var files = kwargs.Find("data_files");
        if (files is YamlMap named)
        {
            var splits = kwargs.Map("data_files");
            return splits.Find(split) is not null ? Paths(splits, split, file) : throw yaml.Error(
                key, $"found '{split}', expected one of {string.Join(", ", named.Keys)}, the splits of data_files; correct it");
        }

        return split == "train" ? Paths(kwargs, "data_files", file) : throw yaml.Error(
            key, $"found '{split}', expected train, as data_files names no splits; write 'data_files: {{{split}: …}}'");
    }

    private static IEnumerable<string> Paths(TaskYaml yaml, string key, string file)
    {
        var paths = yaml.Find(key) is YamlList ? yaml.Texts(key) : [yaml.Text(key)];
        return paths.Select(path => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, path));
    }
}
