using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>The tasks of <c>HARNESS_TASKS</c>: known by what they ask, wherever their files lie.</summary>
public static partial class TaskFolder
{
    /// <summary>Environment variable that names a folder of tasks, as <see cref="TaskReader.ReadFolder"/> reads it.</summary>
    public const string Variable = "HARNESS_TASKS";

    /// <summary>What stands before a task's name in the name of its series and of its metric.</summary>
    public const string Prefix = "task-";

    /// <summary>The folder that the environment names; null where it names none.</summary>
    public static string? Current() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>
    /// SHA-256 of each task by its name, in ordinal order: lower-case hexadecimal, over everything that its numbers depend on (prompts,
    /// choices, right answers, metric), not over what its files say besides. None where there is no folder.
    /// </summary>
    /// <param name="folder">The folder, or null.</param>
    /// <exception cref="InputException">It is no folder, has no task, or one of them is unsound or has a name that no metric can
    /// have.</exception>
    public static IReadOnlyDictionary<string, string> ContentsOf(string? folder)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var task in Read(folder))
        {
            if (!MetricName().IsMatch(task.Name))
            {
                throw new InputException(
                    $"{task.File}: 'task': found '{task.Name}', expected letters, digits, '_' and '-', as it names a column; rename it");
            }

            contents[task.Name] = ContentOf(task);
        }

        return contents;
    }

    /// <summary>Reads planned tasks, in ordinal order of their names.</summary>
    /// <param name="folder">The folder, or null.</param>
    /// <param name="planned">What <see cref="ContentsOf"/> gave for them.</param>
    /// <exception cref="InputException">As for <see cref="ContentsOf"/>, or one is not what it was.</exception>
    public static IReadOnlyList<LikelihoodTask> Find(string? folder, IReadOnlyDictionary<string, string> planned)
    {
        var tasks = Read(folder).ToDictionary(task => task.Name, StringComparer.Ordinal);
        return [.. planned.OrderBy(wanted => wanted.Key, StringComparer.Ordinal).Select(wanted =>
        {
            var content = tasks.TryGetValue(wanted.Key, out var task) ? ContentOf(task) : null;
            return content == wanted.Value ? task! : throw new InputException(
                $"{Variable}: task '{wanted.Key}': found {(content is null ? "none" : $"SHA-256 {content}")}, " +
                    $"expected {wanted.Value} as planned; "
                + "run again to ask it as it is now, or bring its files back");
        })];
    }

    private static IReadOnlyList<LikelihoodTask> Read(string? folder) => folder is null ? []
        : Directory.Exists(folder) ? TaskReader.ReadFolder(folder)
        : throw new InputException(
            $"{Variable}: found no folder '{folder}', expected one with tasks of lm-evaluation-harness, *.yaml, and their data; " +
                "correct or unset it");

    private static string ContentOf(LikelihoodTask task) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        CanonicalJson.ToText(new { task.Name, task.TargetDelimiter, task.Metric, task.Questions }))));

    // As claims name metrics.
    [GeneratedRegex(@"\A[\w-]*\w\z", RegexOptions.ECMAScript)]
    private static partial Regex MetricName();
}
