namespace Harness.Build.Options;

/// <summary>Every option that the command line may have.</summary>
public static class OptionList
{
    private static readonly (string Name, string Value, string Help)[] Own =
    [
        ("scale", "NAME", "embedded (default), small or paper: size of data and models"),
        ("jobs", "N", "worker processes (default: the number of cores; 1 at the paper scale and on a GPU); threads of Edit"),
        ("seed", "N", "another seed for world, models and edits"),
        ("edits", "N", "another number of edit cases"),
        ("editors", "A,B", "only these editors"),
        ("set", "EDITOR.OPTION=VALUE", "another value for an editor's option; may be repeated"),
        ("store", "FOLDER", "where finished cells are kept (default: .store)"),
        ("results", "FOLDER", "where tables and figures go (default: results)"),
        ("explain", "", "say for each cell whether it is reused or computed, and why; compute nothing"),
        ("experiments", "A,B", "Verify: only these experiments, by their targets"),
        ("accept", "", "make this run's results the committed snapshots"),
        ("device", "NAME", "cpu (default) or cuda"),
        ("numerics", "NAME", "portable (default): the same bytes on every machine; or fast: this machine's best kernels, other numbers and no snapshots"),
        ("executor", "NAME", "local (default)"),
        ("model", "FOLDER", "Edit: the checkpoint to edit, or one of the study's models by name, such as llama2-7b-zsre"),
        ("facts", "FILE", "Edit: one object {\"prompt\", \"target\", \"subject\"?, \"rephrase\"?, \"locality\"?} a line"),
        ("editor", "NAME", "Edit: the editor"),
        ("out", "FOLDER", "Edit: where the edited model goes; a new or empty folder"),
        ("delta", "", "Edit: write the changes only, not the whole folder; the only way for grace, wise, ike, serac, t-patcher and calinet"),
        ("texts", "FILE", "Edit: running text for the key statistics of rome, memit and the other locate-and-edit methods"),
        ("examples", "FILE", "Edit: facts that are not edited, in the format of --facts; mend, rledit, serac and wise learn from them"),
        ("cache", "GIB", "Edit: unedited weights to keep in memory (default: 2)"),
        ("only", "NAME,NAME", "Benchmark: these benchmarks; the results are then partial"),
        ("rounds", "N", "Benchmark: rounds of each, at least 3 (default: 5, of the longest 3)"),
        ("large-model", "FOLDER", "Benchmark: write a random 13.5 GB checkpoint of LLaMA-2-7B's shape there, to edit it, and measure nothing"),
        ("answer-tokens", "N", "Edit: longest answer that is shown (default: the longest target and 4 more)"),
        ("space", "RULE", "Edit: a space between prompt and target: auto (default: as one writes), always or never"),
    ];

    private static readonly (string Name, string Value, string Help)[] Cakes =
    [
        ("target", "NAME", "the task to run; may be repeated"),
        ("exclusive", "", "without the tasks that it depends on"),
        ("dryrun", "", "name the tasks that would run, in order"),
        ("tree", "", "show which task depends on which"),
        ("description", "", "list all tasks"),
        ("verbosity", "LEVEL", "quiet, minimal, normal (default), verbose or diagnostic"),
        ("working", "FOLDER", "folder to work in"),
        ("help", "", "list targets and options"),
    ];

    /// <summary>All options, one line each.</summary>
    public static IEnumerable<string> Usage() =>
        from option in (IEnumerable<(string Name, string Value, string Help)>)[.. Cakes, .. Own]
        let usage = option.Value.Length == 0 ? $"--{option.Name}" : $"--{option.Name}={option.Value}"
        select $"  {usage,-28}{option.Help}";

    /// <summary>One message per name that is no option, with the nearest that is.</summary>
    public static IEnumerable<string> Unknown(IEnumerable<string> names)
    {
        string[] known = [.. Cakes.Select(option => option.Name), .. Own.Select(option => option.Name)];
        return from name in names
               where !known.Contains(name, StringComparer.OrdinalIgnoreCase)
               let suggestion = Nearest.To(name, known) is { } near ? $"; did you mean '--{near}'?" : ""
               select $"unknown option '--{name}'{suggestion} (--help lists them all)";
    }

    /// <summary>What to say of a value that is planned but not there, or null.</summary>
    public static string? NotYet(string option, string value) => (option, value) switch
    {
        ("executor", "slurm") => "--executor: 'slurm' is not supported yet; leave it out to run on this machine",
        _ => null,
    };
}
