using Harness.Declarations;
using Harness.Inference;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;

namespace Harness.Reports;

/// <summary>What a metric's numbers are shown in.</summary>
public enum MetricUnit
{
    /// <summary>Hundredths of a whole; stored as fractions.</summary>
    Percent,

    /// <summary>How many times something else: <c>1.25×</c>.</summary>
    Ratio,

    /// <summary>Natural units of information.</summary>
    Nats,

    /// <summary>Wall-clock seconds.</summary>
    Seconds,

    /// <summary>A hundredfold that is no percentage, as the papers give n-gram entropy.</summary>
    Hundredths,

    /// <summary>A count, or another number that has no unit.</summary>
    Number,

    /// <summary>2²⁰ bytes.</summary>
    Mebibytes,
}

/// <summary>Which cells measure a metric.</summary>
public enum MetricSource
{
    /// <summary>Answers to the questions of the cases, after all edits.</summary>
    Answers,

    /// <summary>The same right after each edit.</summary>
    EachAnswer,

    /// <summary>Texts that are generated beside the answers.</summary>
    Texts,

    /// <summary>Questions and texts that no edit is about.</summary>
    Probes,

    /// <summary>The edit itself.</summary>
    Edit,

    /// <summary>States of the unedited model, put back into corrupted runs.</summary>
    Traces,

    /// <summary>The seconds of edits, which are one machine's: another run's differ.</summary>
    Times,
}

/// <summary>
/// A metric that experiments may show: what it is and how it is taken from a row's raw series. A new one is a line of
/// <see cref="Catalogue"/>, and the code that measures the series which it names.
/// </summary>
/// <param name="Name">The name that experiments use.</param>
/// <param name="Unit">What it is shown in.</param>
/// <param name="Source">Where its series come from.</param>
/// <param name="Meaning">For the notes below a table, without the name: <c>mean seconds of …</c>.</param>
public sealed record Metric(string Name, MetricUnit Unit, MetricSource Source, string Meaning)
{
    /// <summary>
    /// Multiple choice about facts that were not edited; a table that shows it shows the tasks of <c>HARNESS_TASKS</c> too.
    /// </summary>
    public const string Capability = "capability";

    private const string Compares = "it compares with the unedited model";
    private const string NeedsEdit = "it is about an edit";
    private static readonly Protocol[] Answering = [Protocol.TfToken, Protocol.TfAll, Protocol.WildEm, Protocol.WildEmQa];
    private static readonly Protocol[] Pairs = [Protocol.NllPair];

    /// <summary>All metrics but those of tasks, in the order in which people are told of them.</summary>
    public static IReadOnlyList<Metric> Catalogue { get; } =
    [
        .. AfterAllAndEach("reliability", "on the edit prompts"),
        .. AfterAllAndEach("generality", "on their rephrasings"),
        .. AfterAllAndEach("locality", "on questions that the edits are not about", Compares),
        .. AfterAllAndEach("portability", "on questions one hop away"),
        .. AfterAllAndEach(Criteria.LogicalGeneralisation, "on what follows by logic, such as the inverse of the edit"),
        .. AfterAllAndEach(Criteria.CompositionalityI, "on questions one hop behind the edited object"),
        .. AfterAllAndEach(Criteria.CompositionalityII, "on questions one hop before the edited subject"),
        .. AfterAllAndEach(Criteria.SubjectAliasing, "on the edit under another name of its subject"),
        .. AfterAllAndEach(Criteria.Preservation, "on other objects of the edited subject and relation, which stay"),
        .. AfterAllAndEach(Criteria.RelationSpecificity, "on other relations of the edited subject, which stay"),
        .. AfterAllAndEach(Criteria.MultiHop, "on questions along a chain of facts, the best of their phrasings"),
        .. AfterAllAndEach(Criteria.InstanceWise, "on the facts of such a chain, the worst of all"),
        new("retention", MetricUnit.Percent, MetricSource.EachAnswer, "reliability after all edits over reliability right after each")
        {
            Protocols = Answering,
            Components = ["reliability", "reliability-each"],
            Combine = means => means[1] > 0 ? means[0] / means[1] : 0,
            NotOfOriginal = NeedsEdit,
        },
        new("harmonic-mean", MetricUnit.Percent, MetricSource.Answers, "harmonic mean of reliability, generality and locality")
        {
            Protocols = Answering,
            Components = ["reliability", "generality", "locality"],
            Combine = Harmonic,
            IsHarmonic = true,
            NotOfOriginal = Compares,
        },
        Pair("es", "efficacy: share of edit prompts where the new answer is likelier than the true one", "efficacy"),
        Pair("em", "efficacy magnitude: by how much the new answer's probability exceeds the true one's", "efficacy magnitude"),
        Pair("ps", "share of rephrasings where the new answer is likelier than the true one", "paraphrase"),
        Pair("pm", "magnitude of ps", "paraphrase magnitude"),
        Pair("ns", "share of neighbouring prompts where the true answer is likelier than the new one", "neighbourhood"),
        Pair("nm", "magnitude of ns", "neighbourhood magnitude"),
        Pair("s", "harmonic mean of es, ps and ns", "score") with
        {
            Components = ["es", "ps", "ns"],
            Combine = Harmonic,
            IsHarmonic = true,
        },
        new("ge", MetricUnit.Hundredths, MetricSource.Texts, "fluency: weighted entropy of bi- and trigrams in generated texts, bits × 100")
        {
            Words = "generation entropy",
        },
        Probe(Capability, "multiple choice about facts that were not edited") with { Components = ["choice"] },
        Probe("recall-same-subject", "recall of facts that were not edited, with the subject of an edit"),
        Probe("recall-same-relation", "recall of facts that were not edited, with the relation of an edit"),
        Probe("recall-unrelated", "recall of facts that were not edited, unrelated to the edits"),
        Lower("perplexity-ratio", MetricUnit.Ratio, MetricSource.Probes, "perplexity of held-out texts over the unedited model's",
            Compares) with
        {
            Components = ["perplexity"],
            Combine = means => Math.Exp(means[0]),
        },
        Lower("kl", MetricUnit.Nats, MetricSource.Probes,
            "divergence of the edited model's next-token distribution from the unedited one's on held-out prompts", Compares, "divergence"),
        Lower("change", MetricUnit.Percent, MetricSource.Edit, "size of the weights' change relative to the weights", NeedsEdit,
            "weight change"),
        Lower("change-attention", MetricUnit.Percent, MetricSource.Edit,
            "the same of the attention's weights alone, mean over layers", NeedsEdit, "attention's change") with { Items = "layers" },
        Lower("change-mlp", MetricUnit.Percent, MetricSource.Edit, "the same of the MLP's weights alone, mean over layers", NeedsEdit,
            "MLP's change") with { Items = "layers" },
        Lower("changed-numbers", MetricUnit.Number, MetricSource.Edit, "how many of the weights' numbers the edit changes", NeedsEdit,
            "changed numbers"),
        OfEdit("updates", MetricUnit.Number, "steps", "updates by an optimiser, of all edits together"),
        OfEdit("rounds", MetricUnit.Number, "rounds", "rounds of Delicate Fine-Tuning"),
        OfEdit("old-size", MetricUnit.Ratio, "old-size",
            "size of the change by the old knowledge over that by the new, in the first round of Delicate Fine-Tuning"),
        OfEdit("old-cosine", MetricUnit.Number, "old-cosine", "cosine of these two changes"),
        new("indirect-effect", MetricUnit.Number, MetricSource.Traces,
            "by how much the answer's probability rises when one state is restored in a run whose subject is corrupted by noise (causal "
            + "tracing, Meng et al. 2022)")
        {
            IsDescriptive = true,
        },
        Lower("seconds", MetricUnit.Seconds, MetricSource.Times, "wall-clock seconds of all edits", NeedsEdit),
        Lower("memory", MetricUnit.Mebibytes, MetricSource.Times,
            "by how much the process's resident memory rises at most during all edits, above what the model takes", NeedsEdit),
        Lower("ratio", MetricUnit.Ratio, MetricSource.Times, "seconds over those of full-ft in the same round", NeedsEdit,
            "times full-ft"),
    ];

    /// <summary>Names that experiments may show, beside those of tasks.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Catalogue.Select(metric => metric.Name)];

    /// <summary>What edits take, whatever they reach.</summary>
    internal static IReadOnlyList<string> Budget { get; } = ["updates", "changed-numbers"];

    /// <summary>The metrics that a protocol scores on the edit prompt itself, one value a case.</summary>
    internal static IReadOnlyList<string> OfEditPrompt { get; } = ["reliability", "es"];

    /// <summary>Raw series, at least one; only items that all of them have are counted. Default: that of the metric's name.</summary>
    public IReadOnlyList<string> Components { get; init; } = [Name];

    /// <summary>The metric from the means of its components, in their order; null where it is the mean of its only one.</summary>
    public Func<IReadOnlyList<double>, double>? Combine { get; init; }

    /// <summary>Whether it is the harmonic mean of shares, so that it is one too. Default false.</summary>
    public bool IsHarmonic { get; init; }

    /// <summary>Whether more is better. Default true.</summary>
    public bool IsHigherBetter { get; init; } = true;

    /// <summary>Whether it describes what was done, so that neither more nor less of it is better. Default false.</summary>
    public bool IsDescriptive { get; init; }

    /// <summary>Why the unedited model has none, for a message; null where it has one.</summary>
    public string? NotOfOriginal { get; init; }

    /// <summary>The protocols that measure it; null where any table may show it, because no case's answer enters it.</summary>
    public IReadOnlyList<Protocol>? Protocols { get; init; }

    /// <summary>What the metric is called where there is room: <c>efficacy</c> for <c>es</c>. Default: its name.</summary>
    public string Words { get; init; } = Name;

    /// <summary>What its items are: rows and metrics about the same ones are compared item by item.</summary>
    public string Items
    {
        get => field ?? (Protocols is null ? Components[0] : "cases");
        init;
    }

    /// <summary>Factor from what is stored to what is shown: 100 or 1.</summary>
    public double Scale => Unit is MetricUnit.Percent or MetricUnit.Hundredths ? 100 : 1;

    /// <summary>Name for the head of a column: <c>reliability</c>, and with its unit where that is not percent, <c>kl (nats)</c>.</summary>
    public string Title => Unit is MetricUnit.Percent or MetricUnit.Number ? Name : $"{Name} ({Digits.Symbol(Unit)})";

    /// <summary>A stored number as it is shown, freed from the binary noise of the multiplication.</summary>
    public double Shown(double stored) => Math.Round(stored * Scale, 10);

    /// <summary>Both ends of an interval as they are shown.</summary>
    public Interval Shown(Interval stored) => new(Shown(stored.Low), Shown(stored.High));

    /// <summary>The metric of a name.</summary>
    /// <exception cref="InputException">The name is not known.</exception>
    public static Metric Find(string name) => Lookup(name) ?? throw new InputException(
        $"unknown metric '{name}'{Nearest.Suggestion(name, Known)} (known metrics: {string.Join(", ", Known)})");

    /// <summary>Whether experiments may show a metric: it is in the catalogue, or a task's.</summary>
    public static bool IsKnown(string name) => Lookup(name) is not null;

    /// <summary>The metric of a task: <c>task-arc_easy</c>.</summary>
    public static string OfTask(string task) => TaskFolder.Prefix + task;

    /// <summary>The task whose metric it is; null for any other metric.</summary>
    public static string? TaskOf(string name) =>
        name.StartsWith(TaskFolder.Prefix, StringComparison.Ordinal) && name.Length > TaskFolder.Prefix.Length
            ? name[TaskFolder.Prefix.Length..] : null;

    /// <summary>What forbids a table of one protocol to show a metric; null where nothing does, and for a name that is not known.</summary>
    public static string? Check(Protocol protocol, string name)
    {
        if (Lookup(name)?.Protocols is not { } own || own.Contains(protocol)) return null;
        string[] ids = [.. own.Select(Digits.Id)];
        var either = ids is [var only] ? only : $"{string.Join(", ", ids.SkipLast(1))} or {ids[^1]}";
        return $"metric '{name}' is measured under {either}, the table's protocol is {Digits.Id(protocol)}: a table may not mix protocols";
    }

    /// <summary>Whether an experiment shows seconds or what is made of them, which depend on the machine.</summary>
    public static bool AnyTimed(Experiment experiment) => AnyFrom(MetricSource.Times, experiment);

    /// <summary>Whether an experiment shows a metric of a source.</summary>
    public static bool AnyFrom(MetricSource source, Experiment experiment) =>
        experiment.Metrics.Any(metric => Find(metric).Source == source);

    private static Metric? Lookup(string name) => TaskOf(name) is { } task
        ? Probe(name, $"accuracy on the task {task}, likeliest choice (acc, or acc_norm where the task lists only that)")
        : Catalogue.FirstOrDefault(known => known.Name == name);

    /// <summary>n / Σ 1/x; 0 where one of them is 0 or less.</summary>
    internal static double Harmonic(IReadOnlyList<double> means) =>
        means.Any(mean => mean <= 0) ? 0 : means.Count / means.Sum(mean => 1 / mean);

    private static Metric[] AfterAllAndEach(string name, string asked, string? notOfOriginal = null) =>
    [
        new(name, MetricUnit.Percent, MetricSource.Answers, $"scores {asked}") { Protocols = Answering, NotOfOriginal = notOfOriginal },
        new($"{name}-each", MetricUnit.Percent, MetricSource.EachAnswer, $"scores {asked}, taken right after each edit")
        {
            Protocols = Answering,
            NotOfOriginal = notOfOriginal ?? NeedsEdit,
            Words = $"{name} right after each edit",
        },
    ];

    private static Metric Pair(string name, string meaning, string words) =>
        new(name, MetricUnit.Percent, MetricSource.Answers, meaning) { Protocols = Pairs, Words = words };

    private static Metric Probe(string name, string meaning) => new(name, MetricUnit.Percent, MetricSource.Probes, meaning);

    private static Metric OfEdit(string name, MetricUnit unit, string figure, string meaning) =>
        new(name, unit, MetricSource.Edit, meaning)
        {
            Components = [$"edit/{figure}"],
            IsDescriptive = true,
            NotOfOriginal = NeedsEdit,
        };

    private static Metric Lower(
        string name, MetricUnit unit, MetricSource source, string meaning, string notOfOriginal, string? words = null) =>
        new(name, unit, source, meaning) { IsHigherBetter = false, NotOfOriginal = notOfOriginal, Words = words ?? name };
}
