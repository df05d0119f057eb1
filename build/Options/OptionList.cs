using System.Globalization;
using System.Numerics;
using Harness.Declarations;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Planning;
using Harness.Running;
using Harness.Stages;
using Kinds = Harness.Build.Options.TargetKinds;

namespace Harness.Build.Options;

/// <summary>
/// Every option that the command line may have, in the order of the help: its name, who uses it, what it does, how it is read.
/// </summary>
internal static partial class OptionList
{
    // Who uses an option: experiments with their stages, models and data sets, and other targets by name.
    private const Kinds All = Kinds.All, Tables = Kinds.Tables, Stages = Kinds.Stages, Experiments = Kinds.Experiments,
        Verify = Kinds.Verify, Runs = Experiments | Verify, Drawn = Kinds.Figures, Clean = Kinds.Clean, Edit = Kinds.Edit,
            Benchmark = Kinds.Benchmark, Tune = Kinds.Tune, Faults = Kinds.Faults;

    private static readonly List<CommandOption> Declared = [];

    // Cake's.
    public static readonly CommandOption<IReadOnlyList<string>> Target = List("target", "NAME", All, "the task to run", Given);
    public static readonly CommandOption<bool> Tree = Flag("tree", All, "which task depends on which");
    public static readonly CommandOption<bool> DryRun = Flag("dryrun", All, "the tasks that would run");
    public static readonly CommandOption<bool> Description = Flag("description", All, "list all tasks, stages too");
    public static readonly CommandOption<bool> Exclusive = Flag("exclusive", All, "without what it depends on");
    public static readonly CommandOption<string?> Verbosity = Add("verbosity", "LEVEL", All, "normal (quiet … diagnostic)", Text);
    public static readonly CommandOption<string?> Working = Add("working", "FOLDER", All, "as if started there", FilePath);
    public static readonly CommandOption<bool> Help = Flag("help", All, "this page");

    // Of runs.
    public static readonly CommandOption<string> Scale =
        Add("scale", "NAME", Runs | Drawn | Edit | Tune, "embedded, small or paper", OneOf(RunOptions.Scales));
    public static readonly CommandOption<int?> Jobs = Add("jobs", "N", Runs | Edit | Tune, "processes; for Edit, threads", Whole(1, 1024));
    public static readonly CommandOption<IReadOnlyList<long>> Seed =
        Add("seed", "N,N", Experiments | Drawn | Edit, "other seeds, a run each", Seeds);
    public static readonly CommandOption<int?> Edits =
        Add("edits", "N", Experiments | Drawn, "another number of edits", Whole(1, int.MaxValue));
    public static readonly CommandOption<IReadOnlyList<string>> Editors =
        List("editors", "A,B", Experiments | Drawn | Tune, "only these rows or editors", Names);
    public static readonly CommandOption<string?> Store =
        Add("store", "FOLDER", Runs | Clean | Edit | Tune | Kinds.Status | Kinds.Cancel, "where finished cells are", FilePath);
    public static readonly CommandOption<IReadOnlyList<string>> Set =
        List("set", "EDITOR.OPTION=VALUE", Tables | Stages | Drawn | Edit, "another value for an editor's option; a run each",
            RunVariants.Assignments);
    public static readonly CommandOption<string?> Results =
        Add("results", "FOLDER", Tables | Verify | Drawn | Benchmark | Tune | Faults, "where tables and figures go", FilePath);
    public static readonly CommandOption<bool> Explain = Flag("explain", Runs | Tune, "what would be computed, why");
    public static readonly CommandOption<IReadOnlyList<string>> OnlyExperiments =
        List("experiments", "A,B", Verify, "targets or papers to verify", Names);
    public static readonly CommandOption<bool> Accept = Flag("accept", Tables | Verify, "make results the snapshots");
    public static readonly CommandOption<string> Device =
        Add("device", "NAME", Runs | Edit, "cpu or cuda", OneOf([KeyContext.Cpu, KeyContext.Cuda]));
    public static readonly CommandOption<string> Numerics =
        Add("numerics", "NAME", Runs | Drawn | Edit, "portable or fast", OneOf([NumericsEnvironment.Portable, NumericsEnvironment.Fast]));
    public static readonly CommandOption<string> Executor = Add("executor", "NAME", Runs, "local or slurm", OneOf(["local", "slurm"]));
    public static readonly CommandOption<string?> Slurm = Add("slurm", "FILE", Runs, "how Slurm is asked", FilePath);
    public static readonly CommandOption<bool> Detach = Flag("detach", Runs, "leave once Slurm has them");
    public static readonly CommandOption<IReadOnlyList<string>> Models =
        List("models", "A,B", Tune, "for Tune, stand-ins", Names);

    // Of Status and Cancel.
    public static readonly CommandOption<string?> Run = Add("run", "ID", Kinds.Status | Kinds.Cancel, "this run alone", Text);

    // Of Edit.
    public static readonly CommandOption<string?> Model = Add("model", "FOLDER", Edit, "or a name: llama2-7b-zsre", FilePath);
    public static readonly CommandOption<string?> Facts = Add("facts", "FILE", Edit, "one JSON object a line", FilePath);
    public static readonly CommandOption<string?> Editor =
        Add("editor", "NAME", Edit | Kinds.New, "rome …; for New, its name", Text);
    public static readonly CommandOption<string?> Out = Add("out", "FOLDER", Edit, "a new or empty one", FilePath);
    public static readonly CommandOption<bool> Delta = Flag("delta", Edit, "write the changes only");
    public static readonly CommandOption<string?> Texts = Add("texts", "FILE", Edit, "for key statistics (rome …)", FilePath);
    public static readonly CommandOption<string?> Examples = Add("examples", "FILE", Edit, "to learn from first (mend …)", FilePath);
    public static readonly CommandOption<long> Cache = Add("cache", "GIB", Edit, "weights kept in memory; 2", Gibibytes);
    public static readonly CommandOption<int?> AnswerTokens =
        Add("answer-tokens", "N", Edit, "longest answer that is shown", Whole(1, 4096));
    public static readonly CommandOption<TargetSpace> Space = Add("space", "RULE", Edit, "auto, always, never a space", SpaceOf);

    // Of Benchmark and Faults, whose programs read them.
    public static readonly CommandOption<string?> Only = Add("only", "A,B", Benchmark | Faults, "these alone", Text);
    public static readonly CommandOption<bool> Long = Flag("long", Faults, "all of them, for hours");
    public static readonly CommandOption<string?> Rounds = Add("rounds", "N", Benchmark, "rounds of each, at least 3", Text);
    public static readonly CommandOption<string?> LargeModel =
        Add("large-model", "FOLDER", Benchmark, "write a 13.5 GB model there, to edit it", FilePath);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CommandOption> Every => Declared;

    private static CommandOption<T> Add<T>(
        string name, string value, Kinds users, string help, OptionReader<T> read, bool isList = false)
    {
        var option = new CommandOption<T>(name, value, users, help, isList, read);
        Declared.Add(option);
        return option;
    }

    private static CommandOption<bool> Flag(string name, Kinds users, string help) =>
        Add(name, "", users, help, (values, _) => values.Count > 0 && values[^1] != "false");

    private static CommandOption<IReadOnlyList<string>> List(
        string name, string value, Kinds users, string help, OptionReader<IReadOnlyList<string>> read) =>
        Add(name, value, users, help, read, isList: true);

    private static IReadOnlyList<string> Given(IReadOnlyList<string> values, Action<string> wrong) => values;

    private static IReadOnlyList<string> Names(IReadOnlyList<string> values, Action<string> wrong) =>
        [.. values.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static string? Text(IReadOnlyList<string> values, Action<string> wrong) =>
        values.Count > 0 && !string.IsNullOrWhiteSpace(values[^1]) ? values[^1] : null;

    // Where it is relative, relative to where the user stands.
    private static string? FilePath(IReadOnlyList<string> values, Action<string> wrong) =>
        Text(values, wrong) is { } path ? RealPath.WithHome(path) : null;

    private static OptionReader<string> OneOf(IReadOnlyList<string> known) => (values, wrong) =>
    {
        var value = Text(values, wrong) ?? known[0];
        if (!known.Contains(value, StringComparer.Ordinal))
            wrong($"found '{value}', expected {string.Join(", ", known)}{Nearest.Suggestion(value, known)}");
        return value;
    };

    private static OptionReader<T?> Whole<T>(T least, T most) where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => (values, wrong) =>
    {
        if (Text(values, wrong) is not { } text) return null;
        if (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        var limit = long.CreateChecked(most) == long.MaxValue ? "" : $" and at most {most}";
        wrong($"found '{text}', expected a whole number of at least {least}{limit}");
        return null;
    };

    private static IReadOnlyList<long> Seeds(IReadOnlyList<string> values, Action<string> wrong) =>
        RunVariants.Seeds(Text(values, wrong), wrong);

    private static long Gibibytes(IReadOnlyList<string> values, Action<string> wrong)
    {
        const int Normal = 2, Most = 1 << 20;
        if (Text(values, wrong) is not { } text) return (long)Normal << 30;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) && size <= Most)
            return (long)(size * (1 << 30));
        wrong($"found '{text}', expected GiB of unedited weights to keep in memory, a number from 0 to {Most}");
        return 0;
    }

    private static TargetSpace SpaceOf(IReadOnlyList<string> values, Action<string> wrong) => Enum.TryParse<TargetSpace>(
        OneOf([.. Enum.GetNames<TargetSpace>().Select(name => name.ToLowerInvariant())])(values, wrong), ignoreCase: true, out var space)
        ? space : default;
}
