using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Declarations;
using Harness.Reports;

namespace Harness.Claims;

/// <summary>
/// <c>that</c>: <c>editor.metric</c>, then one comparison, or several joined by <c>and</c>: one of <c>&gt; &gt;= &lt; &lt;=</c>, then
/// <c>editor.metric</c> or <c>others.metric</c> with an optional margin (<c>- 2</c>, <c>+ 10</c>), or a number; all in the metric's unit.
/// Editors are rows by name, with their places on axes (<c>emmet@256.s</c>, <c>locft-bf@2,down.reliability</c>). <c>others</c> are all
/// editors but the left one and those behind <c>except</c>; <c>original</c> is not an editor. <c>each</c> on the left is every editor, each
/// a place of its own. <c>on</c>: <c>every dataset and model</c>, <c>almost every dataset and model</c> (at least nine in ten),
/// <c>most datasets and models</c> (more than half), or names of data sets and models joined by <c>and</c>; where only data sets are named
/// every model is meant, and the other way round.
/// </summary>
internal sealed partial class ClaimParser(ClaimEntry entry, Experiment experiment)
{
    private const string Others = "others";
    private const string Each = "each";

    private static readonly OrderedDictionary<string, Reach> Reaches = new()
    {
        ["every dataset and model"] = Reach.Every,
        ["almost every dataset and model"] = Reach.AlmostEvery,
        ["most datasets and models"] = Reach.Most,
    };

    private readonly string[] editors = KnownEditors(experiment);

    public Claim Parse()
    {
        var comparisons = NextComparison().Split(entry.That.Trim());
        if (Start().Match(comparisons[0]) is not { Success: true } start)
            throw Mistake();
        var (editor, metric) = (start.Groups["left"].Value, start.Groups["leftMetric"].Value);
        Quantity[] left = editor == Each ? [.. Editors([]).Select(name => Quantity(name, metric))] : [Quantity(editor, metric)];
        string[] ends = [start.Groups["rest"].Value, .. comparisons.Skip(1)];
        var (datasets, models) = Places();
        return new Claim
        {
            Entry = entry,
            Left = left,
            Terms = [.. ends.Select(end => Term(end, editor, metric))],
            Datasets = datasets,
            Models = models,
            Reach = Reaches.GetValueOrDefault(entry.On.Trim()),
        };
    }

    private ClaimTerm Term(string text, string leftEditor, string leftMetric)
    {
        if (Comparison().Match(text) is not { Success: true } match)
            throw Mistake();
        var (number, except) = (match.Groups["number"], match.Groups["except"].Captures.Select(capture => capture.Value).ToList());
        var right = number.Success ? null : Right(match.Groups["right"].Value, match.Groups["rightMetric"].Value, [leftEditor, .. except]);
        CheckUnits(leftMetric, right ?? []);
        var relation = match.Groups["relation"].Value switch
        {
            ">" => Relation.Greater,
            ">=" => Relation.AtLeast,
            "<" => Relation.Less,
            _ => Relation.AtMost,
        };
        return new(relation, right, number.Success ? Number(number.Value) : Margin(match.Groups["margin"].Value));
    }

    // The left side and what is left out of others.
    private Quantity[] Right(string editor, string metric, IReadOnlyList<string> except)
    {
        if (editor != Others)
            return except.Count == 1 ? [Quantity(editor, metric)] : throw Error("'except' stands behind 'others' only");
        if (except[0] == Each) throw Error("'each' is compared with one editor or a number, not with others");
        if (except.FirstOrDefault(name => !editors.Contains(name)) is { } unknown) throw Unknown("editor", unknown, editors);
        return [.. Editors(except).Select(name => Quantity(name, metric))];
    }

    private IEnumerable<string> Editors(IReadOnlyList<string> except) =>
        experiment.Editors.Select(editor => editor.Name).Where(name => !experiment.IsOriginal(name) && !except.Contains(name));

    private void CheckUnits(string left, IEnumerable<Quantity> right)
    {
        var unit = Metric.Find(left).Unit;
        foreach (var other in right.Where(other => Metric.Find(other.Metric).Unit != unit))
        {
            throw Error($"{left} is in {Digits.Symbol(unit)} and {other.Metric} in {Digits.Symbol(Metric.Find(other.Metric).Unit)}: "
                + "expected metrics of one unit on both sides");
        }
    }

    private Quantity Quantity(string editor, string metric)
    {
        if (editor == Others) throw Error("'others' stands on the right side only");
        if (editor == Each) throw Error("'each' stands on the left side only");
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
        if (Reaches.ContainsKey(entry.On.Trim())) return (datasets, models);

        string[] named = [.. entry.On.Split(" and ").Select(name => name.Trim())];
        if (named.FirstOrDefault(name => !datasets.Contains(name) && !models.Contains(name)) is { } found)
        {
            var text = $"'on' names '{found}'{Nearest.Suggestion(found, [.. Reaches.Keys, .. datasets, .. models])}";
            var reaches = string.Join(", ", Reaches.Keys.Select(reach => $"'{reach}'"));
            throw Error($"{Sentence(text)} Expected {reaches}, or names joined by 'and'. "
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

    private InputException Mistake() => Error("expected 'editor.metric > editor.metric', with >, >=, < or <=; on the right also "
        + "'others.metric' or a number, a margin as in '- 2', and further comparisons behind 'and'");

    private InputException Error(string text) => new($"{experiment.Paper}/{experiment.Name}: claim '{entry.That}': {Sentence(text)}");

    private static string Sentence(string text) => text.EndsWith('?') || text.EndsWith('.') ? text : text + ".";

    private static double Margin(string text) => text.Length == 0 ? 0 : Number(SpaceRun().Replace(text, ""));

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    // A row's name ends at the last point: a place on an axis may have points of its own.
    [GeneratedRegex(@"^(?<left>[\w@,.:+/-]+)\.(?<leftMetric>[\w-]+)\s*(?<rest>[<>].*)$")]
    private static partial Regex Start();

    [GeneratedRegex(@"\s+and\s+(?=[<>])")]
    private static partial Regex NextComparison();

    [GeneratedRegex(@"^(?<relation>>=|<=|>|<)\s*"
        + @"(?:(?<number>-?\d+(?:\.\d+)?)|(?<right>[\w@,.:+/-]+)\.(?<rightMetric>[\w-]*\w)(?:\s+(?<margin>[+-]\s*\d+(?:\.\d+)?))?"
        + @"(?:\s+except\s+(?<except>[\w@.:+/-]+)(?:,\s*(?<except>[\w@.:+/-]+))*)?)$")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpaceRun();
}
