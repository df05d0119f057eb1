using Cake.Core;
using static Harness.Build.Options.TargetKinds;

namespace Harness.Build.Options;

/// <summary>An option of the command line.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What its value is, in capitals; empty for a flag.</param>
/// <param name="For">The targets that use it.</param>
/// <param name="Help">What it does.</param>
/// <param name="IsList">Whether it may be repeated. Default no: one value counts.</param>
public sealed record CommandOption(string Name, string Value, TargetKinds For, string Help, bool IsList = false)
{
    /// <summary>As it is written: <c>--jobs=N</c>.</summary>
    public string Usage => Value.Length == 0 ? $"--{Name}" : $"--{Name}={Value}";
}

/// <summary>Every option that the command line may have, and the targets that use it.</summary>
public static class OptionList
{
    // Its own name is a namespace's here.
    private const TargetKinds Drawn = TargetKinds.Figures;

    /// <summary>The options, in the order of the help.</summary>
    public static IReadOnlyList<CommandOption> All { get; } =
    [
        new("target", "NAME", TargetKinds.All, "the task to run; may be repeated", IsList: true),
        new("exclusive", "", TargetKinds.All, "without the tasks that it depends on"),
        new("dryrun", "", TargetKinds.All, "name the tasks that would run, in order"),
        new("tree", "", TargetKinds.All, "show which task depends on which"),
        new("description", "", TargetKinds.All, "list all tasks"),
        new("verbosity", "LEVEL", TargetKinds.All, "quiet, minimal, normal (default), verbose or diagnostic"),
        new("working", "FOLDER", TargetKinds.All, "as if started in this folder: other paths are relative to it"),
        new("help", "", TargetKinds.All, "list targets and options"),
        new("scale", "NAME", Experiments | Verify | Drawn | Edit,
            "embedded (default), small or paper: size of data and models; for Edit, of the study's model"),
        new("jobs", "N", Experiments | Verify | Edit,
            "worker processes (default: the number of cores; 1 at the paper scale and on a GPU); threads of Edit"),
        new("seed", "N", Experiments | Drawn | Edit, "another seed for world, models and edits; for Edit, of the editor"),
        new("edits", "N", Experiments | Drawn, "another number of edit cases"),
        new("editors", "A,B", Experiments | Drawn, "only these rows", IsList: true),
        new("set", "EDITOR.OPTION=VALUE", Tables | Stages | Drawn | Edit, "another value for an editor's option; may be repeated",
            IsList: true),
        new("store", "FOLDER", Experiments | Verify | Clean | Edit, "where finished cells are kept (default: .store in the clone)"),
        new("results", "FOLDER", Tables | Verify | Drawn | Benchmark, "where tables and figures go (default: results in the clone)"),
        new("explain", "", Experiments | Verify, "say for each cell whether it is reused or computed, and why; compute nothing"),
        new("experiments", "A,B", Verify, "only these experiments, by their targets", IsList: true),
        new("accept", "", Tables | Verify, "make this run's results the committed snapshots"),
        new("device", "NAME", Experiments | Verify | Edit, "cpu (default) or cuda"),
        new("numerics", "NAME", Experiments | Verify | Drawn | Edit,
            "portable (default): the same bytes on every machine; or fast: this machine's best kernels, other numbers and no snapshots"),
        new("executor", "NAME", Experiments | Verify, "local (default)"),
        new("model", "FOLDER", Edit,
            "the checkpoint to edit, or one of the study's models by name, such as llama2-7b-zsre; a folder goes before a name"),
        new("facts", "FILE", Edit, "one object {\"prompt\", \"target\", \"subject\"?, \"rephrase\"?, \"locality\"?} a line"),
        new("editor", "NAME", Edit | New, "the editor; for New, the name of the one to make"),
        new("out", "FOLDER", Edit, "where the edited model goes; a new or empty folder"),
        new("delta", "", Edit,
            "write the changes only, not the whole folder; the only way for editors that keep something beside the weights"),
        new("texts", "FILE", Edit, "running text for the key statistics of locate-and-edit methods"),
        new("examples", "FILE", Edit, "facts that are not edited, in the format of --facts, for editors that learn from such"),
        new("cache", "GIB", Edit, "unedited weights to keep in memory (default: 2)"),
        new("answer-tokens", "N", Edit, "longest answer that is shown (default: the longest target and 4 more)"),
        new("space", "RULE", Edit, "a space between prompt and target: auto (default: as one writes), always or never"),
        new("only", "NAME,NAME", Benchmark, "these benchmarks; the results are then partial"),
        new("rounds", "N", Benchmark, "rounds of each, at least 3 (default: 5, of the longest 3)"),
        new("large-model", "FOLDER", Benchmark,
            "write a random 13.5 GB checkpoint of LLaMA-2-7B's shape there, to edit it, and measure nothing"),
    ];

    /// <summary>All options, one line each: those of some targets name them first.</summary>
    public static IEnumerable<string> Usage() =>
        All.Select(option =>
            $"  {option.Usage,-28}{(option.For == TargetKinds.All ? "" : TargetKind.Text(option.For) + ": ")}{option.Help}");

    /// <summary>
    /// One message per option that there is not, that none of the targets uses, that lacks its value, or that has several; without a target
    /// nothing runs, and every option will do.
    /// </summary>
    public static IEnumerable<string> Mistakes(ICakeArguments arguments)
    {
        var targets = HarnessOptions.Values(arguments, "target");
        var wanted = targets.Aggregate(targets.Count == 0 ? TargetKinds.All : None, (kinds, target) => kinds | TargetKind.Of(target));
        foreach (var name in arguments.GetArguments().Keys)
        {
            string[] values = [.. HarnessOptions.Values(arguments, name).Distinct(StringComparer.Ordinal)];
            if (All.FirstOrDefault(option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } option)
                yield return $"unknown option '--{name}'{DidYouMean(name, All)} (--help lists them all)";
            else if ((option.For & wanted) == 0 && option.For != TargetKinds.All)
                yield return Unused(option, targets, wanted);
            else if (option.Value.Length == 0 && values.FirstOrDefault(value => value is not ("" or "true" or "false")) is { } word)
                yield return $"--{option.Name}: found '{word}', expected nothing, true or false";
            else if (option.Value.Length > 0 && values.Any(string.IsNullOrWhiteSpace))
                yield return $"--{option.Name}: has no value; write {option.Usage}";
            else if (values.Length > 1 && !option.IsList)
                yield return $"--{option.Name}: found {string.Join(" and ", values.Select(value => $"'{value}'"))}, expected one value; " +
                    "leave the others out";
        }
    }

    /// <summary>What to say of a value that is planned but not there, or null.</summary>
    public static string? NotYet(string option, string value) => (option, value) switch
    {
        ("executor", "slurm") => "--executor: 'slurm' is not supported yet; leave it out to run on this machine",
        _ => null,
    };

    // "editors" for Edit, "editor" for an experiment: one is meant where the other is written.
    private static string Unused(CommandOption option, IEnumerable<string> targets, TargetKinds wanted)
    {
        var twin = All.FirstOrDefault(
            other => (other.For & wanted) != 0 && (other.Name + "s" == option.Name || option.Name + "s" == other.Name));
        return $"--{option.Name}: found with {string.Join(" ", targets.Select(target => $"--target={target}"))}, " +
            $"expected with {TargetKind.Text(option.For)} only; "
            + (twin is null ? "leave it out" : $"write {twin.Usage}");
    }

    private static string DidYouMean(string name, IEnumerable<CommandOption> options) =>
        Nearest.To(name, options.Select(option => option.Name)) is { } near ? $"; did you mean '--{near}'?" : "";
}
