using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Declarations;
using Harness.Reports;

namespace Harness.Claims;

/// <summary>
/// <c>that</c>: <c>editor.metric</c>, then one comparison, or several joined by <c>and</c>: one of <c>&gt; &gt;= &lt; &lt;=</c>, then
/// <c>editor.metric</c> or <c>others.metric</c> with an optional margin (<c>- 2</c>, <c>+ 10</c>), or a number; all in the metric's unit.
/// Editors are rows by name, with their places on axes (<c>emmet@256.s</c>, <c>locft-bf@2,down.reliability</c>). <c>others</c> are all
/// editors but the left one and those behind <c>except</c>; <c>original</c> is not an editor. <c>on</c>: <c>every dataset and model</c>,
/// <c>most datasets and models</c>, or names of data sets and models joined by <c>and</c>; where only data sets are named every model is
/// meant, and the other way round.
/// </summary>
internal sealed partial class ClaimParser(ClaimEntry entry, Experiment experiment)
{
    private const string Everywhere = "every dataset and model";
    private const string Mostly = "most datasets and models";
    private const string Others = "others";
    private readonly string[] editors = KnownEditors(experiment);

    public Claim Parse()
    {
        var comparisons = NextComparison().Split(entry.That.Trim());
        if (Start().Match(comparisons[0]) is not { Success: true } start)
            throw Mistake();
        var left = Quantity(start.Groups["left"].Value, start.Groups["leftMetric"].Value);
        string[] ends = [start.Groups["rest"].Value, .. comparisons.Skip(1)];
        var (datasets, models) = Places();
        return new Claim
        {
            Entry = entry,
            Left = left,
            Terms = [.. ends.Select(end => Term(end, left))],
            Datasets = datasets,
            Models = models,
            OfMost = entry.On.Trim() == Mostly,
        };
    }

    private ClaimTerm Term(string text, Quantity left)
    {
        if (Comparison().Match(text) is not { Success: true } match)
            throw Mistake();
        var (number, except) = (match.Groups["number"], match.Groups["except"].Captures.Select(capture => capture.Value).ToList());
        var right = number.Success ? null : Right(match.Groups["right"].Value, match.Groups["rightMetric"].Value, left, except);
        CheckUnits(left, right ?? []);
        var relation = match.Groups["relation"].Value switch
        {
            ">" => Relation.Greater,
            ">=" => Relation.AtLeast,
            "<" => Relation.Less,
            _ => Relation.AtMost,
        };
        return new(relation, right, number.Success ? Number(number.Value) : Margin(match.Groups["margin"].Value));
    }

    private Quantity[] Right(string editor, string metric, Quantity left, List<string> except)
    {
        if (editor != Others)
            return except.Count == 0 ? [Quantity(editor, metric)] : throw Error("'except' stands behind 'others' only");
        if (except.Find(name => !editors.Contains(name)) is { } unknown) throw Unknown("editor", unknown, editors);
        return
        [
            .. from other in experiment.Editors
               where other.Name != left.Editor && !experiment.IsOriginal(other.Name) && !except.Contains(other.Name)
               select Quantity(other.Name, metric),
        ];
    }

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
        if (entry.On.Trim() is Everywhere or Mostly) return (datasets, models);

        string[] named = [.. entry.On.Split(" and ").Select(name => name.Trim())];
        if (named.FirstOrDefault(name => !datasets.Contains(name) && !models.Contains(name)) is { } found)
        {
            var text = $"'on' names '{found}'{Nearest.Suggestion(found, [Everywhere, Mostly, .. datasets, .. models])}";
            throw Error($"{Sentence(text)} Expected '{Everywhere}', '{Mostly}', or names joined by 'and'. "
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
