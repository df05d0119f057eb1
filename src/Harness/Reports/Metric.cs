using Harness.Declarations;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Metrics;

namespace Harness.Reports;

/// <summary>The metrics that experiments may show.</summary>
public static class Metric
{
    /// <summary>The unedited model's row.</summary>
    public const string Original = "original";

    /// <summary>
    /// Multiple choice about facts that were not edited; a table that shows it shows the tasks of <c>HARNESS_TASKS</c> too.
    /// </summary>
    public const string Capability = "capability";

    private const string Compares = "it compares with the unedited model";
    private const string NeedsEdit = "it is about an edit";
    private static readonly string[] Answering = ["tf-token", "tf-all", "wild-em", "wild-em-qa"];
    private static readonly string[] Pairs = ["nll-pair"];

    /// <summary>All definitions, in the order in which people are told of them.</summary>
    public static IReadOnlyList<MetricDefinition> Catalogue { get; } =
    [
        .. AfterAllAndEach("reliability", "on the edit prompts"),
        .. AfterAllAndEach("generality", "on their rephrasings"),
        .. AfterAllAndEach("locality", "on questions that the edits are not about", Compares),
        .. AfterAllAndEach("portability", "on questions one hop away"),
        Pair("es", "efficacy: share of edit prompts where the new answer is likelier than the true one", "efficacy"),
        Pair("em", "efficacy magnitude: by how much the new answer's probability exceeds the true one's", "efficacy magnitude"),
        Pair("ps", "share of rephrasings where the new answer is likelier than the true one", "paraphrase"),
        Pair("pm", "magnitude of ps", "paraphrase magnitude"),
        Pair("ns", "share of neighbouring prompts where the true answer is likelier than the new one", "neighbourhood"),
        Pair("nm", "magnitude of ns", "neighbourhood magnitude"),
        new("s", MetricUnit.Percent, "harmonic mean of es, ps and ns", ["es", "ps", "ns"]) { Combine = Harmonic, Protocols = Pairs,
            Words = "score" },
        new("ge", MetricUnit.Hundredths, "fluency: weighted entropy of bi- and trigrams in generated texts, bits × 100",
            ["ge"]) { Words = "generation entropy" },
        new(Capability, MetricUnit.Percent, "multiple choice about facts that were not edited", ["choice"]),
        Recall("recall-same-subject", "with the subject of an edit"),
        Recall("recall-same-relation", "with the relation of an edit"),
        Recall("recall-unrelated", "unrelated to the edits"),
        new("perplexity-ratio", MetricUnit.Ratio, "perplexity of held-out texts over the unedited model's", ["perplexity"])
        {
            Combine = means => Math.Exp(means[0]),
            IsHigherBetter = false,
            NotOfOriginal = Compares,
        },
        new("kl", MetricUnit.Nats, "divergence of the edited model's next-token distribution from the unedited one's on held-out prompts",
            ["kl"])
        {
            Words = "divergence",
            IsHigherBetter = false,
            NotOfOriginal = Compares,
        },
        new("change", MetricUnit.Percent, "size of the weights' change relative to the weights", ["change"])
        {
            Words = "weight change",
            IsHigherBetter = false,
            NotOfOriginal = NeedsEdit,
        },
        new("seconds", MetricUnit.Seconds, "wall-clock seconds of all edits", ["seconds"])
        {
            IsHigherBetter = false,
            IsTimed = true,
            NotOfOriginal = NeedsEdit,
        },
        new("ratio", MetricUnit.Ratio, "seconds over those of full-ft in the same round", ["ratio"])
        {
            Words = "times full-ft",
            IsHigherBetter = false,
            IsTimed = true,
            NotOfOriginal = NeedsEdit,
        },
    ];

    /// <summary>Names that experiments may show, beside those of tasks.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Catalogue.Select(metric => metric.Name)];

    /// <summary>The definition of a metric.</summary>
    /// <exception cref="InputException">The name is not known.</exception>
    public static MetricDefinition Find(string metric) => Lookup(metric) ?? throw new InputException(
        $"unknown metric '{metric}'{Nearest.Suggestion(metric, Known)} (known metrics: {string.Join(", ", Known)})");

    /// <summary>Whether experiments may show a metric: it is in the catalogue, or a task's.</summary>
    public static bool IsKnown(string metric) => Lookup(metric) is not null;

    /// <summary>The metric of a task: <c>task-arc_easy</c>.</summary>
    public static string OfTask(string task) => TaskFolder.Prefix + task;

    /// <summary>The task whose metric it is; null for any other metric.</summary>
    public static string? TaskOf(string metric) =>
        metric.StartsWith(TaskFolder.Prefix, StringComparison.Ordinal) && metric.Length > TaskFolder.Prefix.Length
            ? metric[TaskFolder.Prefix.Length..] : null;

    /// <summary>What forbids a table of one protocol to show a metric; null where nothing does, and for a name that is not known.</summary>
    public static string? Check(Protocol protocol, string metric)
    {
        var (found, own) = (Catalogue.FirstOrDefault(known => known.Name == metric)?.Protocols, Digits.Id(protocol));
        return found is null || found.Contains(own) ? null
            : $"metric '{metric}' is measured under {Either(found)}, the table's protocol is {own}: a table may not mix protocols";
    }

    /// <summary>Whether an experiment shows seconds or what is made of them, which depend on the machine.</summary>
    public static bool AnyTimed(Experiment experiment) => experiment.Metrics.Any(metric => Find(metric).IsTimed);

    /// <summary>
    /// Whether a row has the metric: what compares with the unedited model, or is about an edit, that model itself has not.
    /// </summary>
    public static bool IsDefined(string editor, string metric) => editor != Original || Find(metric).NotOfOriginal is null;

    /// <summary>Whether a row is the unedited model's, whatever it is called.</summary>
    public static bool IsOriginal(Experiment experiment, string row) =>
        row == Original || experiment.Editors.Any(entry => entry.Name == row && entry.Editor == Original);

    private static MetricDefinition? Lookup(string name) => TaskOf(name) is { } task
        ? new(name, MetricUnit.Percent, $"accuracy on the task {task}, likeliest choice (acc, or acc_norm where the task lists only that)",
            [name])
        : Catalogue.FirstOrDefault(known => known.Name == name);

    private static string Either(IReadOnlyList<string> names) =>
        names is [var only] ? only : $"{string.Join(", ", names.SkipLast(1))} or {names[^1]}";

    /// <summary>n / Σ 1/x; 0 where one of them is 0 or less.</summary>
    private static double Harmonic(IReadOnlyList<double> means) =>
        means.Any(mean => mean <= 0) ? 0 : means.Count / means.Sum(mean => 1 / mean);

    private static MetricDefinition[] AfterAllAndEach(string name, string asked, string? notOfOriginal = null) =>
    [
        new(name, MetricUnit.Percent, $"scores {asked}", [name]) { Protocols = Answering, NotOfOriginal = notOfOriginal },
        new($"{name}-each", MetricUnit.Percent, $"scores {asked}, taken right after each edit", [$"{name}-each"])
        {
            Protocols = Answering,
            NotOfOriginal = notOfOriginal ?? NeedsEdit,
            Words = $"{name} right after each edit",
        },
    ];

    private static MetricDefinition Pair(string name, string meaning, string words) =>
        new(name, MetricUnit.Percent, meaning, [name]) { Protocols = Pairs, Words = words };

    private static MetricDefinition Recall(string name, string which) =>
        new(name, MetricUnit.Percent, $"recall of facts that were not edited, {which}", [name]);
}
