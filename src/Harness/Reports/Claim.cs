using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Declarations;

namespace Harness.Reports;

/// <summary>One editor's metric.</summary>
/// <param name="Editor">A row's name: the editor's, <c>original</c>, or one with places on axes.</param>
/// <param name="Metric">A known metric.</param>
public sealed record Quantity(string Editor, string Metric)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Editor}.{Metric}";
}

/// <summary>How the two sides of a claim are said to compare.</summary>
public enum Relation
{
    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    AtLeast,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    AtMost,
}

/// <summary>A claim that names only what its experiment has. See <see cref="ClaimParser"/> for the grammar.</summary>
public sealed record Claim
{
    /// <summary>The text that it came from.</summary>
    public required ClaimEntry Entry { get; init; }

    /// <summary>Left side.</summary>
    public required Quantity Left { get; init; }

    /// <summary>How the sides compare.</summary>
    public required Relation Relation { get; init; }

    /// <summary>Right side: one quantity, as many as there are for <c>others</c> (each must be beaten), null for a plain number.</summary>
    public required IReadOnlyList<Quantity>? Right { get; init; }

    /// <summary>
    /// What is added to the right side, as it is shown: points, or the metric's unit. Its margin, or the plain number itself.
    /// </summary>
    public required double Offset { get; init; }

    /// <summary>Data sets on which it is said to hold.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>Models on which it is said to hold.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Reads a claim against its experiment, before anything runs.</summary>
    /// <exception cref="InputException">It does not parse, or names an editor, metric, data set or model that the experiment
    /// lacks.</exception>
    public static Claim Parse(ClaimEntry entry, Experiment experiment) => new ClaimParser(entry, experiment).Parse();
}

/// <summary>
/// <c>that</c>: <c>editor.metric</c>, one of <c>&gt; &gt;= &lt; &lt;=</c>, then <c>editor.metric</c> or <c>others.metric</c> with an
/// optional margin (<c>- 2</c>, <c>+ 10</c>), or a number; both in the metric's unit. Editors are rows by name, with their places on axes
/// (<c>emmet@256.s</c>, <c>locft-bf@2,down.reliability</c>). <c>on</c>: <c>every dataset and model</c>, or names of data sets and models
/// joined by <c>and</c>; where only data sets are named every model is meant, and the other way round. <c>others</c> are all editors but
/// the left one;
/// <c>original</c> is not an editor.
/// </summary>
internal sealed partial class ClaimParser(ClaimEntry entry, Experiment experiment)
{
    private const string Everywhere = "every dataset and model";
    private const string Others = "others";
    private readonly string[] editors = KnownEditors(experiment);

    public Claim Parse()
    {
        if (Comparison().Match(entry.That) is not { Success: true } match)
        {
            throw Error("expected 'editor.metric > editor.metric', with >, >=, < or <=; "
                + "on the right also 'others.metric' or a number, and a margin as in '- 2'");
        }

        var left = Quantity(match.Groups["left"].Value, match.Groups["leftMetric"].Value);
        var right = match.Groups["number"].Success ? null : Right(match.Groups["right"].Value, match.Groups["rightMetric"].Value, left);
        CheckUnits(left, right ?? []);
        var (datasets, models) = Places();
        return new Claim
        {
            Entry = entry,
            Left = left,
            Relation = match.Groups["relation"].Value switch
            {
                ">" => Relation.Greater,
                ">=" => Relation.AtLeast,
                "<" => Relation.Less,
                _ => Relation.AtMost,
            },
            Right = right,
            Offset = match.Groups["number"].Success ? Number(match.Groups["number"].Value) : Margin(match.Groups["margin"].Value),
            Datasets = datasets,
            Models = models,
        };
    }

    private Quantity[] Right(string editor, string metric, Quantity left) => editor == Others
        ? [.. from other in experiment.Editors
              where other.Name != left.Editor && !experiment.IsOriginal(other.Name)
              select Quantity(other.Name, metric)]
        : [Quantity(editor, metric)];

    private void CheckUnits(Quantity left, IEnumerable<Quantity> right)
    {
        var unit = Metric.Find(left.Metric).Unit;
        foreach (var other in right.Where(other => Metric.Find(other.Metric).Unit != unit))
        {
            throw Error($"{left.Metric} is in {Digits.Symbol(unit)} and {other.Metric} in {Digits.Symbol(Metric.Find(other.Metric).Unit)}: "
                + "expected metrics of one unit on both sides");
        }
    }

    private Quantity Quantity(string editor, string metric)
    {
        if (editor == Others) throw Error("'others' stands on the right side only");
        if (!editors.Contains(editor)) throw Unknown("editor", editor, editors);
        if (!experiment.Metrics.Contains(metric)) throw Unknown("metric", metric, experiment.Metrics);
        if (experiment.IsOriginal(editor) && Metric.Find(metric).NotOfOriginal is { } reason)
            throw Error($"{metric} of '{editor}' is not defined: {reason}, expected an editor");
        return new(editor, metric);
    }

    private (string[] Datasets, string[] Models) Places()
    {
        string[] datasets = [.. experiment.Datasets.Select(d => d.Name)];
        string[] models = [.. experiment.Models.Select(m => m.Name)];
        if (entry.On.Trim() == Everywhere) return (datasets, models);

        string[] named = [.. entry.On.Split(" and ").Select(name => name.Trim())];
        if (named.FirstOrDefault(name => !datasets.Contains(name) && !models.Contains(name)) is { } found)
        {
            var text = $"'on' names '{found}'{Nearest.Suggestion(found, [Everywhere, .. datasets, .. models])}";
            throw Error($"{Sentence(text)} Expected '{Everywhere}', or names joined by 'and'. "
                + $"Data sets: {string.Join(", ", datasets)}; models: {string.Join(", ", models)}.");
        }

        string[] namedDatasets = [.. datasets.Where(named.Contains)];
        string[] namedModels = [.. models.Where(named.Contains)];
        return (namedDatasets is [] ? datasets : namedDatasets, namedModels is [] ? models : namedModels);
    }

    // An editor that only the paper's numbers have is no mistake: --editors may have left its row out. Such a claim is not judged.
    private static string[] KnownEditors(Experiment experiment) =>
    [
        .. experiment.Editors.Select(editor => editor.Name).Union(
            experiment.Published.Values.SelectMany(models => models.Values).SelectMany(rows => rows.Keys).Order(StringComparer.Ordinal)),
    ];

    private InputException Unknown(string what, string found, IReadOnlyList<string> known) =>
        Error($"{Sentence($"unknown {what} '{found}'{Nearest.Suggestion(found, known)}")} Known {what}s: {string.Join(", ", known)}");

    private InputException Error(string text) => new($"{experiment.Paper}/{experiment.Name}: claim '{entry.That}': {Sentence(text)}");

    private static string Sentence(string text) => text.EndsWith('?') || text.EndsWith('.') ? text : text + ".";

    private static double Margin(string text) => text.Length == 0 ? 0 : Number(SpaceRun().Replace(text, ""));

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    // A row's name ends at the last point: a place on an axis may have points of its own.
    [GeneratedRegex(@"^\s*(?<left>[\w@,.:+/-]+)\.(?<leftMetric>[\w-]+)\s*(?<relation>>=|<=|>|<)\s*"
        + @"(?:(?<number>-?\d+(?:\.\d+)?)|(?<right>[\w@,.:+/-]+)\.(?<rightMetric>[\w-]*\w)(?:\s+(?<margin>[+-]\s*\d+(?:\.\d+)?))?)\s*$")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpaceRun();
}
