namespace Harness.Build.Options;

/// <summary>Every option that the command line may have.</summary>
public static class OptionList
{
    private static readonly (string Name, string Value, string Help)[] Own =
    [
        ("scale", "NAME", "embedded (default) or small: size of data and models"),
        ("jobs", "N", "worker processes (default: the number of cores)"),
        ("seed", "N", "another seed for world, models and edits"),
        ("editors", "A,B", "only these editors"),
        ("set", "EDITOR.OPTION=VALUE", "another value for an editor's option; may be repeated"),
        ("store", "FOLDER", "where finished cells are kept (default: .store)"),
        ("results", "FOLDER", "where tables and figures go (default: results)"),
        ("explain", "", "say for each cell whether it is reused or computed, and why; compute nothing"),
        ("accept", "", "make this run's results the committed snapshots"),
        ("device", "NAME", "cpu (default)"),
        ("executor", "NAME", "local (default)"),
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
        ("device", "cuda") => "--device: 'cuda' is not supported yet; leave it out to run on the CPU",
        ("executor", "slurm") => "--executor: 'slurm' is not supported yet; leave it out to run on this machine",
        _ => null,
    };
}
