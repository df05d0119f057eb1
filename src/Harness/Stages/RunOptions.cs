using Harness.Declarations;
using Harness.Planning;

namespace Harness.Stages;

/// <summary>What a run is told besides its targets.</summary>
public sealed record RunOptions
{
    /// <summary>The scales of experiments, the first where none is named.</summary>
    public static IReadOnlyList<string> Scales { get; } = [ExperimentCatalog.DefaultScale, "small", Paper];

    /// <summary>The scale of the papers' own checkpoints.</summary>
    public const string Paper = "paper";

    /// <summary>Scale that the experiments are resolved for. Default <c>embedded</c>.</summary>
    public string Scale { get; init; } = ExperimentCatalog.DefaultScale;

    /// <summary>Number of worker processes, at least 1.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>What the command line and the environment change in the declarations.</summary>
    public ExperimentOverrides Overrides { get; init; } = ExperimentOverrides.None;

    /// <summary>One for each run that lists of seeds and of values ask for; <see cref="Overrides"/> is the first.</summary>
    public IReadOnlyList<ExperimentOverrides> Runs { get => field ?? [Overrides]; init; }

    /// <summary>Folder of finished cells.</summary>
    public required string Store { get; init; }

    /// <summary>Folder of tables and figures.</summary>
    public required string Results { get; init; }

    /// <summary>Folder of what may be deleted at any time: logs of workers, what Verify regenerates, which figures are drawn.</summary>
    public required string Scratch { get; init; }

    /// <summary>Folder of the harness's own sources, whose commit a run's record names.</summary>
    public required string Sources { get; init; }

    /// <summary>Whether cells are made on a Slurm cluster.</summary>
    public bool IsOnCluster { get; init; }

    /// <summary>The cluster's file; null: defaults.</summary>
    public string? ClusterFile { get; init; }

    /// <summary>Whether to leave once the cluster's workers are submitted.</summary>
    public bool IsDetached { get; init; }

    /// <summary>Whether to say what would be computed, and why, instead of computing it.</summary>
    public bool Explain { get; init; }

    /// <summary>Whether to say results, verdicts and errors only, not how the run goes on.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Whether results become the committed snapshots.</summary>
    public bool Accept { get; init; }

    /// <summary>
    /// Whether the results are not those of the declared experiments. A GPU is what the paper scale is declared for, and a change at the
    /// others, whose snapshots are of CPUs.
    /// </summary>
    public bool IsCustom => IsVariant || Overrides.IsFast || (Overrides.Device != KeyContext.Cpu && Scale != Paper);

    /// <summary>Whether something else is measured than what is declared, on whatever machine.</summary>
    public bool IsVariant => Runs.Any(run => run.IsCustom);

    /// <summary>Folder of the scale's declared results, <c>results/embedded</c>.</summary>
    public string ScaleFolder => Path.Combine(Results, Scale);

    /// <summary>
    /// Folder that an experiment's tables and figures are written to: its paper's at this scale, or <c>results/custom/Table1-0123abcd</c>
    /// where the run is custom: one for each target, scale and set of changes.
    /// </summary>
    public string FolderOf(Experiment experiment) => For(experiment.Overrides).FolderOf(experiment.Origin);

    /// <summary>These options for one of the <see cref="Runs"/>.</summary>
    public RunOptions For(ExperimentOverrides run) => this with { Overrides = run, Runs = [run] };

    /// <summary>As <see cref="FolderOf(Experiment)"/>, of an experiment that need not be read.</summary>
    public string FolderOf(ExperimentSource experiment) => IsCustom
        ? Path.Combine(Results, "custom", $"{experiment.Target}-{ChangeKey}")
        : Path.Combine(ScaleFolder, experiment.Paper);

    // The order in which rows and values are named changes nothing.
    private string ChangeKey
    {
        get
        {
            var changes = new { Scale, Overrides = Overrides with { Editors = Sorted(Overrides.Editors), Set = Sorted(Overrides.Set)! } };
            return TextHash.Of(CanonicalJson.ToText(changes))[..8];

            static IReadOnlyList<string>? Sorted(IReadOnlyList<string>? names) =>
                names is null ? null : [.. names.Order(StringComparer.Ordinal)];
        }
    }
}
