using Cake.Core;
using Harness.CheckpointEdits;
using Harness.Declarations;
using Harness.Editing;
using Harness.Measuring.Capability.Tasks;
using Harness.Planning;
using Harness.Running;
using Harness.Stages;
using static TorchSharp.torch;

namespace Harness.Build.Options;

/// <summary>The harness's own options, read from the command line.</summary>
public sealed record HarnessOptions
{
    /// <summary>The targets, as they were written.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>What experiments are told.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>Experiments and papers that <c>--target=Verify</c> is for; none for all that have a snapshot.</summary>
    public IReadOnlyList<string> Experiments { get; init; } = [];

    /// <summary>What <c>--target=Edit</c> is to do; null for other targets, and where it is only to be shown.</summary>
    public CheckpointEdit? Edit { get; init; }

    /// <summary>Whether all tasks are to be shown.</summary>
    public bool ShowsAll { get; init; }

    /// <summary>Editors and spaces that <c>--target=Tune</c> searches; null for all.</summary>
    public IReadOnlyList<string>? SearchedEditors { get; init; }

    /// <summary>Models of models.yaml that it searches on; null for all.</summary>
    public IReadOnlyList<string>? SearchedModels { get; init; }

    /// <summary>Name of the editor that <c>--target=New</c> is to make; null for other targets.</summary>
    public string? NewEditor { get; init; }

    /// <summary>Arguments of the benchmarks' program.</summary>
    public IReadOnlyList<string> Benchmark { get; init; } = [];

    /// <summary>The run that <c>--target=Status</c> and <c>Cancel</c> are for; null for all of the store.</summary>
    public string? ClusterRun { get; init; }

    /// <summary>Arguments of the faults' program.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Reads and checks all options; unknown names and wrong values are errors, reported together.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="tasks">The folder of <c>HARNESS_TASKS</c>, or null.</param>
    /// <exception cref="InputException">An option is wrong, or the folder's tasks are.</exception>
    public static HarnessOptions Read(ICakeArguments arguments, string? tasks = null)
    {
        var given = new GivenOptions(arguments);
        given.CheckAll();
        var targets = given.Of(OptionList.Target);
        IReadOnlyList<string>? Given(CommandOption<IReadOnlyList<string>> list) => given.Has(list) ? given.Of(list) : null;
        bool Wants(TargetKinds kinds) => targets.Any(target => (TargetKind.Of(target) & kinds) != 0);
        var usesTasks = targets.Count == 0 || Wants(TargetKinds.Experiments | TargetKinds.Verify | TargetKinds.Figures);
        var isEdit = Wants(TargetKinds.Edit);
        var isSearch = targets.Count > 0 && targets.All(target => TargetKind.Of(target) == TargetKinds.Tune);
        var (scale, device) = (given.Of(OptionList.Scale), given.Of(OptionList.Device));
        var overrides = ExperimentOverrides.None with { IsFast = given.Of(OptionList.Numerics) == NumericsEnvironment.Fast };
        var runs = isEdit ? [overrides] : RunVariants.Of(
            overrides with
            {
                Device = device,
                Edits = given.Of(OptionList.Edits),
                Editors = isSearch ? null : Given(OptionList.Editors),
                Tasks = TaskFolder.ContentsOf(usesTasks ? tasks : null),
            },
            given.Of(OptionList.Seed), given.Of(OptionList.Set), given.Errors);
        var isOnCluster = given.Of(OptionList.Executor) == "slurm";
        if (!isOnCluster)
            given.Errors.AddRange(((CommandOption[])[OptionList.Slurm, OptionList.Detach]).Where(given.Has)
                .Select(option => $"--{option.Name}: has no meaning without --executor=slurm; add that or leave it out"));
        var run = new RunOptions
        {
            Scale = scale,
            Jobs = given.Of(OptionList.Jobs)
                ?? (scale == RunOptions.Paper || (device != KeyContext.Cpu && !isEdit) ? 1 : Environment.ProcessorCount),
            Overrides = runs[0],
            Runs = runs,
            Store = given.Of(OptionList.Store) ?? Clone.At(".store"),
            Results = given.Of(OptionList.Results) ?? Clone.At("results"),
            Scratch = Clone.At("artifacts"),
            Sources = Clone.Root,
            IsOnCluster = isOnCluster,
            ClusterFile = given.Of(OptionList.Slurm),
            IsDetached = given.Of(OptionList.Detach),
            Explain = given.Of(OptionList.Explain),
            Accept = given.Of(OptionList.Accept),
        };
        var options = new HarnessOptions
        {
            Targets = targets,
            ShowsAll = given.Of(OptionList.Tree) || given.Of(OptionList.Description),
            Run = run,
            Experiments = given.Of(OptionList.OnlyExperiments),
            Edit = isEdit ? ReadEdit(given, targets) : null,
            NewEditor = Wants(TargetKinds.New) ? NewEditorOf(given) : null,
            SearchedEditors = Given(OptionList.Editors),
            SearchedModels = Given(OptionList.Models),
            Benchmark = BenchmarkArguments(given, run.Results),
            ClusterRun = given.Of(OptionList.Run),
            Faults =
            [
                .. Passed(given, OptionList.Only, OptionList.Results),
                .. given.Of(OptionList.Long) ? (string[])["--long"] : [],
            ],
        };
        CheckSnapshots(given, run, Wants(TargetKinds.Verify));
        return given.Errors.Count == 0 ? options : throw new InputException(string.Join(Environment.NewLine + "       ", given.Errors));
    }

    /// <summary>The experiments' files that this command line needs.</summary>
    /// <param name="sources">All of them.</param>
    /// <returns>Those that must be without mistake, and whether the others are needed too, as far as they are sound: of models and data
    /// sets only experiments say who uses them.</returns>
    /// <exception cref="InputException"><c>--experiments</c> names none.</exception>
    public (IReadOnlyList<ExperimentSource> Asked, bool WithOthers) SourcesOf(IReadOnlyList<ExperimentSource> sources)
    {
        if (ShowsAll) return (sources, false);
        var names = Targets.SelectMany(target => TargetKind.Of(target) switch
        {
            TargetKinds.Verify when Experiments.Count > 0 => Experiments,
            var kind => (kind & (TargetKinds.Experiments | TargetKinds.Verify)) != 0 ? [target] : [],
        });
        IReadOnlyList<ExperimentSource> asked = [.. names.SelectMany(name => StageGraph.SourcesOf(name, sources)).Distinct()];
        var unknown = Experiments.FirstOrDefault(name => !StageGraph.SourcesOf(name, sources).Any());
        if (unknown is not null)
        {
            var known = sources.SelectMany(source => (string[])[source.Target, source.Group]).Distinct();
            throw new InputException($"--experiments: found '{unknown}', expected experiments or papers by their targets"
                + $"{Nearest.Suggestion(unknown, known)} (--help lists them all)");
        }

        return (asked, Targets.Any(StageGraph.IsShared) || Edit is { MayBeOfStudy: true });
    }

    // What is compared or renewed is what is declared.
    private static void CheckSnapshots(GivenOptions given, RunOptions run, bool isVerify)
    {
        if (!run.Accept && !isVerify) return;
        if (run.Overrides.IsFast)
            given.Errors.Add("--numerics=fast: numbers of this machine's own kernels are never made or compared as snapshots; " +
                "leave it out of Verify and --accept");
        else if (given.Errors.Count == 0 && run.IsVariant)
            given.Errors.Add($"{(isVerify ? "--target=Verify" : "--accept")}: a run with --seed, --edits, --editors, " +
                "--set or HARNESS_TASKS is a variant; snapshots are of the declared experiments only");
        else if (run.Accept && run.IsCustom)
            given.Errors.Add($"--accept: the snapshots of scale '{run.Scale}' are of CPUs; leave --device={run.Overrides.Device} out");
    }

    private static CheckpointEdit? ReadEdit(GivenOptions given, IReadOnlyList<string> targets)
    {
        if (ShowsOnly(given)) return null;
        if (targets.Count > 1) given.Errors.Add($"--target={TargetKinds.Edit} runs alone; leave the other targets out");
        given.Errors.AddRange(((CommandOption[])[OptionList.Model, OptionList.Facts, OptionList.Editor, OptionList.Out])
            .Where(option => !given.Has(option)).Select(option => $"--{option.Name}: missing; write {option.Usage}"));
        var (model, seeds) = (given.Of(OptionList.Model), given.Of(OptionList.Seed));
        if (seeds.Count > 1)
            given.Errors.Add($"--seed: found '{string.Join(',', seeds)}', expected a whole number of at least 0");
        if (Directory.Exists(model))
            given.Errors.AddRange(((CommandOption[])[OptionList.Scale, OptionList.Store]).Where(given.Has).Select(
                option => $"--{option.Name}: has no meaning for the folder {model}, only for a model of the study; leave it out"));
        var (editor, isCuda) = (EditorOf(given), given.Of(OptionList.Device) == KeyContext.Cuda);
        if (isCuda && !cuda.is_available())
            given.Errors.Add("--device: 'cuda' found no device; build on libtorch with CUDA (TORCH=cuda ./build.sh …) on a machine " +
                "with an NVIDIA GPU, or leave the option out to run on the CPU");
        var (cache, answer, space) = (given.Of(OptionList.Cache), given.Of(OptionList.AnswerTokens), given.Of(OptionList.Space));
        return given.Errors.Count > 0 ? null : new CheckpointEdit
        {
            Model = model!,
            Threads = given.Of(OptionList.Jobs),
            Request = new FactEditRequest
            {
                Facts = given.Of(OptionList.Facts)!,
                Editor = editor!,
                Assignments = given.Of(OptionList.Set),
                Bind = EditorAssignments.Bind,
                Out = given.Of(OptionList.Out)!,
                DeltaOnly = given.Of(OptionList.Delta),
                Texts = given.Of(OptionList.Texts),
                Examples = given.Of(OptionList.Examples),
                Seed = seeds is [var seed, ..] ? seed : 1,
                Device = isCuda ? CUDA : CPU,
                CacheBytes = cache,
                AnswerTokens = answer,
                Space = space,
            },
        };
    }

    private static EditorDescriptor? EditorOf(GivenOptions given)
    {
        try
        {
            return given.Of(OptionList.Editor) is { } name ? EditorRegistry.Find(name) : null;
        }
        catch (InputException mistake)
        {
            given.Errors.Add($"--editor: {mistake.Message}");
            return null;
        }
    }

    private static string? NewEditorOf(GivenOptions given)
    {
        var name = given.Of(OptionList.Editor);
        if (name is null && !ShowsOnly(given)) given.Errors.Add("--editor: missing; write --editor=NAME, the name of the new editor");
        return name;
    }

    // Cake's views only show the target.
    private static bool ShowsOnly(GivenOptions given) =>
        given.Of(OptionList.Description) || given.Of(OptionList.Tree) || given.Of(OptionList.DryRun);

    // Passed on as they are: the program that they are for checks them.
    private static IEnumerable<string> Passed(GivenOptions given, params CommandOption<string?>[] options) =>
        options.Where(given.Has).Select(option => $"--{option.Name}={given.Of(option)}");

    private static List<string> BenchmarkArguments(GivenOptions given, string results)
    {
        CommandOption<string?>[] measuring = [OptionList.Only, OptionList.Rounds];
        if (given.Of(OptionList.LargeModel) is { } folder)
        {
            given.Errors.AddRange(measuring.Append(OptionList.Results).Where(given.Has)
                .Select(option => $"--{option.Name}: has no meaning beside --large-model, which measures nothing; leave it out"));
            return [$"--large-model={folder}"];
        }

        return [
            .. Passed(given, measuring),
            $"--results={Path.Combine(results, "benchmarks")}"];
    }
}
