using System.Text;
using System.Text.Json;
using Harness.Declarations;
using Harness.Models.Checkpoints;
using Harness.Reports;

namespace Harness.Claims;

/// <summary>
/// Every claim of a scale on one page: <c>claims.md</c> and <c>claims.json</c>, collected from the experiments' JSON files, whichever run
/// wrote them. Their bytes depend on those files and the order of the experiments alone. Here the claims of a paper are one family, where a
/// table's own page knows those of the table.
/// </summary>
public static class ClaimsFile
{
    private const string Name = "claims";
    private static readonly Outcome[] Outcomes = Enum.GetValues<Outcome>();

    /// <summary>Writes both files, or deletes old ones where no experiment with a claim has results.</summary>
    /// <param name="experiments">The scale's experiments in catalogue order. Those without a result file are left out.</param>
    /// <param name="folder">Folder of the scale's results, <c>results/embedded</c>; the experiments' files lie in the papers' folders
    /// below.</param>
    /// <returns>The files written; none where no experiment with a claim has results.</returns>
    /// <exception cref="InputException">A result file is not what the harness wrote, or the folder cannot be written.</exception>
    public static IReadOnlyList<string> Write(IReadOnlyList<ExperimentSource> experiments, string folder)
    {
        var files = Files(experiments, folder);
        if (files.Any(file => file.Text is not null)) ResultsFolder.Make(folder);
        foreach (var (file, text) in files)
        {
            if (text is null) File.Delete(file);
            else DurableFile.WriteText(file, text);
        }

        return [.. files.Where(file => file.Text is not null).Select(file => file.Path)];
    }

    /// <summary>Compares both files with what the experiments' files give.</summary>
    /// <param name="experiments">As for <see cref="Write"/>.</param>
    /// <param name="folder">As for <see cref="Write"/>.</param>
    /// <returns>One line for each file that differs, ready to print.</returns>
    /// <exception cref="InputException">A result file is not what the harness wrote.</exception>
    public static IReadOnlyList<string> Compare(IReadOnlyList<ExperimentSource> experiments, string folder) =>
    [
        .. from file in Files(experiments, folder)
           let found = File.Exists(file.Path) ? File.ReadAllText(file.Path) : null
           where found != file.Text
           let expected = file.Text is null ? "none: no report beside it has claims" : "what the reports beside it give"
           select $"{file.Path}: found {(found is null ? "none" : file.Text is null ? "one" : "other claims or verdicts")}, " +
               $"expected {expected}; "
               + "run with --accept to renew it",
    ];

    // A file that is not to be has no text.
    private static (string Path, string? Text)[] Files(IReadOnlyList<ExperimentSource> experiments, string folder)
    {
        var judged = experiments.Select(experiment => (experiment, Read(experiment, folder)))
            .Where(one => one.Item2?.Claims.Count > 0).Select(one => new JudgedExperiment(one.experiment, one.Item2!))
            .GroupBy(one => one.Experiment.Paper).SelectMany(Corrected).ToList();
        var (data, page) = (Path.Combine(folder, $"{Name}.json"), Path.Combine(folder, $"{Name}.md"));
        return judged.Count == 0 ? [(data, null), (page, null)] : [(data, ReportFile.Text(Tree(judged))), (page, Page(judged))];
    }

    private static IEnumerable<JudgedExperiment> Corrected(IEnumerable<JudgedExperiment> paper)
    {
        List<JudgedExperiment> experiments = [.. paper];
        var measured = new Queue<Judgement>(Judgement.Corrected(
            [.. experiments.SelectMany(one => one.File.Claims).Select(claim => claim.Measured)], experiments[0].File.Interval.Confidence));
        return experiments.ConvertAll(one => one with
        {
            File = one.File with { Claims = [.. one.File.Claims.Select(claim => claim with { Measured = measured.Dequeue() })] },
        });
    }

    private static ReportFile? Read(ExperimentSource experiment, string folder)
    {
        var file = Path.Combine(folder, experiment.Paper, $"{experiment.Name}.json");
        if (!File.Exists(file)) return null;
        try
        {
            return ReportFile.Parse(File.ReadAllText(file));
        }
        catch (JsonException error)
        {
            throw new InputException(
                $"{file}: expected a report of {experiment.Paper}/{experiment.Name} with its claims, found {error.Message} "
                + $"Regenerate it with --target={experiment.Target}.", error);
        }
    }

    private static object Tree(List<JudgedExperiment> judged) => new
    {
        judged[0].File.Scale,
        Measured = Counts(judged, claim => claim.Measured),
        Published = Counts(judged, claim => claim.Published),
        Experiments = judged.Select(one => new
        {
            Experiment = $"{one.Experiment.Paper}/{one.Experiment.Name}",
            one.Experiment.Target,
            one.File.Title,
            one.File.Source,
            one.File.Timed,
            one.File.Claims,
        }),
    };

    private static OrderedDictionary<string, int> Counts(List<JudgedExperiment> judged, Func<ReportedClaim, Judgement> judgement) =>
        new(Outcomes.Select(outcome => KeyValuePair.Create(Verdict.Words(outcome), Count(judged, judgement, outcome))));

    private static int Count(List<JudgedExperiment> judged, Func<ReportedClaim, Judgement> judgement, Outcome outcome) =>
        judged.Sum(one => one.File.Claims.Count(claim => judgement(claim).Outcome == outcome));

    private static string Page(List<JudgedExperiment> judged)
    {
        var page = new StringBuilder();
        void Line(string text = "") => page.Append(text).Append('\n');
        var total = judged.Sum(one => one.File.Claims.Count);
        Line($"# What the papers claim, at the {judged[0].File.Scale} scale");
        Line();
        Line($"{total} claims of {judged.Count} tables and figures. Verdicts are corrected for the number of claims of their paper (Holm; "
            + "at most one paper in twenty has a wrong one), p is the claim's own. A place (data set and model) is said to hold where the "
            + "interval of its difference lies on the claimed side. At the ceiling both sides are as good as can be. A claim that does not "
            + "hold at this scale is a finding about this scale.");
        Line();
        Line($"| | {string.Join(" | ", Outcomes.Select(Verdict.Words))} |");
        Line($"|---|{string.Concat(Outcomes.Select(_ => "---:|"))}");
        Line($"| measured here | {string.Join(" | ", Outcomes.Select(outcome => Count(judged, claim => claim.Measured, outcome)))} |");
        var published = Outcomes.Select(outcome => Count(judged, claim => claim.Published, outcome));
        Line($"| the papers' own numbers | {string.Join(" | ", published)} |");
        foreach (var (experiment, file) in judged)
        {
            Line();
            Line($"## {MarkdownTable.Escape(file.Title)}");
            Line();
            Line($"[{experiment.Target}]({experiment.Paper}/{experiment.Name}.md), {MarkdownTable.Escape(file.Source)}"
                + (file.Timed ? "; times of one machine." : "."));
            if (file.Shown.ToList() is { Count: > 0 } names)
                Line($"{string.Join("; ", names.Select(name => $"`{name.Name}` is {MarkdownTable.Escape(name.Shown.Text)}"))}.");
            Line();
            Line("| claim | on | here | the paper's own numbers |");
            Line("|---|---|---|---|");
            foreach (var claim in file.Claims)
                Line(MarkdownTable.ClaimLine(claim.That, claim.On, claim.Source, claim.Measured, claim.Published));
        }

        return page.ToString();
    }

    private sealed record JudgedExperiment(ExperimentSource Experiment, ReportFile File);
}
