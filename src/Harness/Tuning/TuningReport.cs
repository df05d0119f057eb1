using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Measuring.Metrics;
using Harness.Models.Checkpoints;
using Harness.Reports;

namespace Harness.Tuning;

/// <summary>What was searched and found at a scale: search.json, and out of it search.csv and search.md.</summary>
internal sealed record TuningReport
{
    /// <summary>Name of the files, without extension.</summary>
    public const string Name = "search";

    private static readonly JsonSerializerOptions Indented = new(CanonicalJson.Settings)
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
    };

    /// <summary>The scale.</summary>
    public required string Scale { get; init; }

    /// <summary>How answers were scored.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>What locality compared.</summary>
    public required LocalityDefinition Locality { get; init; }

    /// <summary>The rounds.</summary>
    public required IReadOnlyList<TuningRound> Rounds { get; init; }

    /// <summary>Times that an option's values may go on beyond an end.</summary>
    public required int Widenings { get; init; }

    /// <summary>Every search, by space and model.</summary>
    public required IReadOnlyList<ReportedSearch> Searches { get; init; }

    /// <summary>One line: how many searches, settings and edits.</summary>
    public string Summary => $"{Searches.Count} searches in the table, {Searches.Sum(one => one.Tried)} settings, "
        + $"{Searches.Count(one => one.AtEdge.Count > 0)} still at an edge";

    /// <summary>The report of a folder; null where there is none.</summary>
    /// <exception cref="InputException">The file is not one of this version.</exception>
    public static TuningReport? Read(string folder)
    {
        var file = Path.Combine(folder, $"{Name}.json");
        try
        {
            return File.Exists(file) ? CanonicalJson.FromText<TuningReport>(File.ReadAllText(file)) : null;
        }
        catch (JsonException damage)
        {
            throw new InputException($"{file}: found no report of searches ({damage.Message.TrimEnd('.')}), expected one of this version; "
                + "delete it and search again");
        }
    }

    /// <summary>The report of searches that are done, with those of an earlier one that are still asked for.</summary>
    public static TuningReport Of(
        string scale, TuningPlan plan, IReadOnlyList<(TuningTarget Target, SettingSearch Search)> searches, TuningReport? earlier,
        IReadOnlySet<(string Space, string Model)> known)
    {
        List<ReportedSearch> made = [.. searches.Select(one => ReportedSearch.Of(one.Target, one.Search))];
        return new TuningReport
        {
            Scale = scale,
            Protocol = plan.Protocol,
            Locality = plan.Locality,
            Rounds = plan.Rounds,
            Widenings = plan.Widenings,
            Searches =
            [
                .. made.Concat((earlier?.Searches ?? []).Where(one => known.Contains((one.Space, one.Model))))
                    .DistinctBy(one => (one.Space, one.Model))
                    .OrderBy(one => one.Space, StringComparer.Ordinal).ThenBy(one => one.Model, StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>Writes the three files.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        DurableFile.WriteText(Path.Combine(folder, $"{Name}.json"), JsonSerializer.Serialize(this, Indented) + "\n");
        DurableFile.WriteText(Path.Combine(folder, $"{Name}.csv"), ToCsv());
        DurableFile.WriteText(Path.Combine(folder, $"{Name}.md"), ToMarkdown());
    }

    private string ToCsv()
    {
        var text = new StringBuilder("space,editor,model,round,edits,seeds,setting,options,reliability,generality,locality,score,"
            + "mean,failure,chosen\n");
        foreach (var search in Searches)
        {
            foreach (var round in search.Rounds)
            {
                foreach (var one in round.Settings)
                {
                    string[] fields =
                    [
                        search.Space, search.Editor, search.Model, $"{round.Round}", $"{round.Edits}", string.Join(' ', round.Seeds),
                        $"{one.Setting}", one.Options,
                        .. new[] { one.Reliability, one.Generality, one.Locality, one.Score, one.Mean }.Select(score => Digits.Full(score)),
                        one.Failure ?? "", one.Setting == search.Chosen.Setting ? "yes" : "",
                    ];
                    text.AppendJoin(',', fields.Select(CsvTable.Escape)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    private string ToMarkdown()
    {
        var page = new StringBuilder();
        void Line(string text = "") => page.Append(text).Append('\n');
        static string Of(string text) => MarkdownTable.Escape(text);
        Line($"# The search for every editor's options, {Scale} scale");
        Line();
        Line($"{string.Join("; ", Rounds.Select((round, i) => $"round {i + 1}: {round.Settings} settings, {round.Edits} edits, seed "
            + Digits.List([.. round.Seeds]) + (round.Datasets is { } few ? $", the first {few} of the data sets" : "")))}. "
            + "Kept and chosen: the largest harmonic mean of reliability, generality and locality "
            + $"({Digits.Id(Protocol)}, {Digits.Id(Locality)}), mean over data sets and seeds; then the largest arithmetic mean; then the "
            + $"order of the space. Where the best setting lies at an end of an ordered option, its values go on there, at most "
            + $"{Widenings} times. No table shows these seeds. Every setting: search.csv.");
        Line();
        Line("| space | model | options searched | settings | chosen | score | runner-up | widened | at an edge |");
        Line("|---|---|---|---:|---|---:|---|---|---|");
        foreach (var one in Searches)
        {
            var space = one.Options.Count == 0 ? "nothing to tune"
                : string.Join("<br>", one.Options.Select(option => Of($"{option.Option}: {string.Join(", ", option.Values)}")));
            var second = one.RunnerUp is { } other ? $"{Of(other.Options)} ({Digits.Short(other.Score)})" : Digits.None;
            var editor = one.Editor == one.Space ? Of(one.Space) : $"{Of(one.Space)}<br>({Of(one.Editor)})";
            var drawn = Math.Min(Rounds[0].Settings, one.Grid);
            var settings = $"{drawn} of {one.Grid}{(one.Tried > drawn ? $", {one.Tried - drawn} beyond" : "")}";
            Line($"| {editor} | {Of(one.Model)}<br>{Of(string.Join(", ", one.Datasets))} | {space} | {settings} | "
                + $"{Of(one.Chosen.Options)} | {Digits.Short(one.Chosen.Score)} | {second} | {Listed(one.Widened)} | "
                + $"{Listed(one.AtEdge)} |");
        }

        return page.ToString();

        static string Listed(IReadOnlyList<string> ends) => ends.Count == 0 ? "no" : Of(string.Join(", ", ends));
    }
}

/// <summary>The search of one space on one model. Scores are in percent.</summary>
internal sealed record ReportedSearch
{
    /// <summary>The space.</summary>
    public required string Space { get; init; }

    /// <summary>Its editor.</summary>
    public required string Editor { get; init; }

    /// <summary>The model, by its name in models.yaml.</summary>
    public required string Model { get; init; }

    /// <summary>The data sets, by their names in datasets.yaml.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>The tables that use it.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>Where the options come from.</summary>
    public required string Source { get; init; }

    /// <summary>The options that are the same in every setting.</summary>
    public required string Fixed { get; init; }

    /// <summary>The options and their values, those that widening added among them.</summary>
    public required IReadOnlyList<ReportedOption> Options { get; init; }

    /// <summary>Settings of the whole grid, as it was declared.</summary>
    public required long Grid { get; init; }

    /// <summary>Settings that were tried.</summary>
    public required int Tried { get; init; }

    /// <summary>Edits of all trials, on all data sets and seeds.</summary>
    public required long Edits { get; init; }

    /// <summary>The setting that was chosen, as it scored with the edits of the last round.</summary>
    public required ReportedSetting Chosen { get; init; }

    /// <summary>The next best of those that were tried so; null where there is none.</summary>
    public ReportedSetting? RunnerUp { get; init; }

    /// <summary>Ends beyond which the values went on: <c>layer above (2)</c>, with how often.</summary>
    public required IReadOnlyList<string> Widened { get; init; }

    /// <summary>Ends at which the chosen setting lies though the values could go on.</summary>
    public required IReadOnlyList<string> AtEdge { get; init; }

    /// <summary>Ends at which it lies and beyond which the editor or the model allows nothing.</summary>
    public required IReadOnlyList<string> AtBound { get; init; }

    /// <summary>The rounds, with everything that was tried.</summary>
    public required IReadOnlyList<ReportedRound> Rounds { get; init; }

    /// <summary>The report of a search that is done.</summary>
    public static ReportedSearch Of(TuningTarget target, SettingSearch search)
    {
        static string End(OptionEnd end) => $"{end.Option} {(end.IsUpper ? "above" : "below")}";
        var space = search.Space;
        var finalists = search.Finalists.Select(one => ReportedSetting.Of(space, one.Setting, one.Score)).ToList();
        return new ReportedSearch
        {
            Space = space.Name,
            Editor = space.Editor.Name,
            Model = target.Model.StandIn,
            Datasets = [.. target.Datasets.Select(dataset => dataset.StandIn)],
            Tables = target.Tables,
            Source = space.Source,
            Fixed = OptionValue.TextOf(space.Fixed),
            Options = [.. space.Options.Select(option => new ReportedOption(option.Path, [.. option.Values.Select(value => value.Text)]))],
            Grid = target.Space.GridSize,
            Tried = search.Tried,
            Edits = search.Cost(target.Datasets.Count),
            Chosen = finalists[0],
            RunnerUp = finalists.ElementAtOrDefault(1),
            Widened = [.. search.Widened.Select(one => $"{End(one.Key)} ({one.Value.ToString(CultureInfo.InvariantCulture)})")],
            AtEdge = [.. search.AtEdge.Select(End)],
            AtBound = [.. search.AtBound.Select(End)],
            Rounds = [.. search.Outcomes.Select(outcome => new ReportedRound(
                outcome.Trial.Round, outcome.Trial.Edits, outcome.Trial.Seeds,
                [.. outcome.Trial.Settings.Select(setting => ReportedSetting.Of(space, setting, outcome.Scores[setting]))]))],
        };
    }
}

/// <summary>An option and its values.</summary>
/// <param name="Option">Its path.</param>
/// <param name="Values">Its values, in order.</param>
internal sealed record ReportedOption(string Option, IReadOnlyList<string> Values);

/// <summary>A round and the settings that were tried in it.</summary>
/// <param name="Round">Its number, from 1.</param>
/// <param name="Edits">Edits of each.</param>
/// <param name="Seeds">Seeds of each.</param>
/// <param name="Settings">The settings.</param>
internal sealed record ReportedRound(int Round, int Edits, IReadOnlyList<long> Seeds, IReadOnlyList<ReportedSetting> Settings);

/// <summary>A setting and what it scored, in percent, means over data sets and seeds.</summary>
/// <param name="Setting">Its number.</param>
/// <param name="Options">Its options, for people.</param>
/// <param name="Reliability">On the edit prompts.</param>
/// <param name="Generality">On their rephrasings.</param>
/// <param name="Locality">On questions that the edits are not about.</param>
/// <param name="Score">Mean of the harmonic means: what is chosen by.</param>
/// <param name="Mean">Mean of the arithmetic means.</param>
/// <param name="Failure">Why the editor could not edit so, or null.</param>
internal sealed record ReportedSetting(
    int Setting, string Options, double Reliability, double Generality, double Locality, double Score, double Mean, string? Failure)
{
    /// <summary>The report of a setting.</summary>
    public static ReportedSetting Of(TuningSpace space, Setting setting, SettingScore score) => new(
        setting.Number, setting.Text(space), Digits.Percent(score.Of(part => part.Reliability)),
        Digits.Percent(score.Of(part => part.Generality)), Digits.Percent(score.Of(part => part.Locality)),
        Digits.Percent(score.Harmonic), Digits.Percent(score.Mean), score.Failure);
}
