namespace Harness.Tuning;

/// <summary>What is to be measured next.</summary>
/// <param name="Round">Its number, from 1; those behind the declared rounds widen the space.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Edits">Edits that each is tried with.</param>
/// <param name="Seeds">Seeds that each is tried on.</param>
/// <param name="Datasets">How many of the data sets each is tried on; null for all.</param>
internal sealed record TuningTrial(int Round, IReadOnlyList<Setting> Settings, int Edits, IReadOnlyList<long> Seeds, int? Datasets)
{
    /// <summary>Edits of the whole trial.</summary>
    /// <param name="datasets">The data sets that there are.</param>
    public long Cost(int datasets) => (long)Settings.Count * Edits * Seeds.Count * Math.Min(Datasets ?? datasets, datasets);
}

/// <summary>A trial and what came of it.</summary>
/// <param name="Trial">What was measured.</param>
/// <param name="Scores">What each setting scored.</param>
internal sealed record TuningOutcome(TuningTrial Trial, IReadOnlyDictionary<Setting, SettingScore> Scores);

/// <summary>
/// Searches one space by successive halving (Jamieson and Talwalkar 2016): each round keeps the best settings of the one before and gives
/// them more edits. Where the best of the last round lies at an end of an ordered option, the option's values go on there and the new
/// neighbours are tried as the last round was, until the best one lies within or the ends have been widened often enough.
/// </summary>
internal sealed class SettingSearch
{
    private readonly TuningPlan plan;
    private readonly Func<TuningSpace, Setting, bool> isPossible;
    private readonly List<TuningOutcome> outcomes = [];
    private readonly Dictionary<OptionEnd, int> widened = [];
    private readonly Dictionary<Setting, SettingScore> finals = [];

    /// <summary>Begins a search.</summary>
    /// <param name="space">What is searched.</param>
    /// <param name="plan">How.</param>
    /// <param name="isPossible">Whether a setting that widening finds is one that the editor and the model allow.</param>
    public SettingSearch(TuningSpace space, TuningPlan plan, Func<TuningSpace, Setting, bool> isPossible)
    {
        (Space, this.plan, this.isPossible) = (space, plan, isPossible);
        var drawn = SettingsDraw.Of(
            [.. space.Options.Select(option => option.Values.Count)], plan.Rounds[0].Settings, plan.DrawSeed, space.Name);
        Next = Trial(0, [.. drawn.Select((point, i) => new Setting(
            i + 1, [.. space.Options.Zip(point, (option, index) => option.Values[index])]))]);
    }

    /// <summary>The space as it is by now.</summary>
    public TuningSpace Space { get; private set; }

    /// <summary>What is to be measured next; null at the end.</summary>
    public TuningTrial? Next { get; private set; }

    /// <summary>What was measured, in order.</summary>
    public IReadOnlyList<TuningOutcome> Outcomes => outcomes;

    /// <summary>Settings that were tried.</summary>
    public int Tried => outcomes.SelectMany(outcome => outcome.Trial.Settings).Distinct().Count();

    /// <summary>Edits of all trials.</summary>
    /// <param name="datasets">The data sets that there are.</param>
    public long Cost(int datasets) => outcomes.Sum(outcome => outcome.Trial.Cost(datasets));

    /// <summary>Settings that were tried as the last round was, best first, with their scores.</summary>
    public IReadOnlyList<(Setting Setting, SettingScore Score)> Finalists =>
        [.. SettingScore.Ranked(finals).Select(setting => (setting, finals[setting]))];

    /// <summary>How often each end was widened.</summary>
    public IReadOnlyDictionary<OptionEnd, int> Widened => widened;

    /// <summary>Ends at which the best setting lies though the values could go on.</summary>
    public IReadOnlyList<OptionEnd> AtEdge => [.. Ends().Where(end => Beyond(end) is not null)];

    /// <summary>Ends at which it lies and beyond which nothing is allowed: the model's last layer, a share of 1.</summary>
    public IReadOnlyList<OptionEnd> AtBound => [.. Ends().Where(end => Beyond(end) is null)];

    /// <summary>Takes what <see cref="Next"/> gave and goes on.</summary>
    /// <exception cref="InputException">No setting could be measured.</exception>
    public void Record(IReadOnlyDictionary<Setting, SettingScore> scores)
    {
        var trial = Next!;
        outcomes.Add(new(trial, scores));
        if (scores.Values.All(score => score.Failure is not null) && trial.Round <= plan.Rounds.Count)
            throw new InputException($"{Space.Place}: space '{Space.Name}': none of its {trial.Settings.Count} settings can be measured: "
                + $"{scores.Values.First().Failure}");
        if (trial.Round < plan.Rounds.Count)
        {
            // Nothing is gained by trying a setting again that failed.
            Next = Trial(trial.Round, [.. SettingScore.Ranked(scores).Where(setting => scores[setting].Failure is null)
                .Take(plan.Rounds[trial.Round].Settings).OrderBy(setting => setting.Number)]);
            return;
        }

        foreach (var (setting, score) in scores) finals[setting] = score;
        Next = Widen(trial.Round) is { Count: > 0 } settings
            ? trial with { Round = trial.Round + 1, Settings = settings } : null;
    }

    private TuningTrial Trial(int round, IReadOnlyList<Setting> settings) =>
        new(round + 1, settings, plan.Rounds[round].Edits, plan.Rounds[round].Seeds, plan.Rounds[round].Datasets);

    private IReadOnlyList<OptionEnd> Ends() => finals.Count == 0 ? []
        : [.. Space.Options.Zip(Finalists[0].Setting.Values, Widening.EndAt).OfType<OptionEnd>()];

    // The neighbours of the best setting beyond the ends that it lies at.
    private List<Setting> Widen(int round)
    {
        var settings = new List<Setting>();
        var last = outcomes.SelectMany(outcome => outcome.Trial.Settings).Max(setting => setting.Number);
        foreach (var end in Ends().Where(end => widened.GetValueOrDefault(end) < plan.Widenings))
        {
            if (Beyond(end) is not { } beyond) continue;
            widened[end] = widened.GetValueOrDefault(end) + 1;
            settings.Add(new(last + settings.Count + 1, beyond.Setting.Values));
            Space = Space with
            {
                Options = [.. Space.Options.Select(option => option.Path != end.Option ? option : option with
                {
                    Values = end.IsUpper ? [.. option.Values, beyond.Value] : [beyond.Value, .. option.Values],
                })],
            };
        }

        return settings;
    }

    private (OptionValue Value, Setting Setting)? Beyond(OptionEnd end)
    {
        var at = Space.Options.ToList().FindIndex(option => option.Path == end.Option);
        if (Widening.Beyond(Space.Options[at], end.IsUpper) is not { } value) return null;
        var setting = new Setting(0, [.. Finalists[0].Setting.Values.Select((own, i) => i == at ? value : own)]);
        return isPossible(Space, setting) ? (value, setting) : null;
    }
}
