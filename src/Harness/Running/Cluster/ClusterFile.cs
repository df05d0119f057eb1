using Harness.Declarations.Yaml;
using Harness.Measuring.Cells;
using Harness.Measuring.Yaml;
using Harness.Planning;

namespace Harness.Running.Cluster;

// What is said of a key here is said of it in experiments/schema/cluster.schema.json too.

/// <summary>cluster.yaml: how workers are asked of Slurm. Everything has a default that works on a plain cluster.</summary>
public sealed record ClusterFile
{
    /// <summary>Partition. Default: the cluster's.</summary>
    public string? Partition { get; init; }

    /// <summary>Account that is charged. Default: the user's.</summary>
    public string? Account { get; init; }

    /// <summary>Quality of service. Default: the account's.</summary>
    public string? Qos { get; init; }

    /// <summary>Features that nodes must have, such as <c>"avx2&amp;ib"</c>. Default: none.</summary>
    public string? Constraint { get; init; }

    /// <summary>Modules that are loaded on the node, in order. Default: none.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Lines of bash that run on the node before the program. Default: none.</summary>
    public IReadOnlyList<string> Setup { get; init; } = [];

    /// <summary>Command that the program is given to, such as <c>apptainer exec image.sif</c>. Default: none.</summary>
    public string? Container { get; init; }

    /// <summary>Most workers of a class at once, 1 to 1000. Default 16.</summary>
    public int Workers { get; init; } = 16;

    /// <summary>Seconds between two looks at the queue, 1 to 600; longer while the controller does not answer. Default 15.</summary>
    public int Poll { get; init; } = 15;

    /// <summary>Longest time limit in minutes that is asked for where a cell took longer than its class says. Default 1440.</summary>
    public int LongestMinutes { get; init; } = 1440;

    /// <summary>Classes of workers by name. A cell goes to the first that is for its kind and model. Default: one, for all.</summary>
    public YamlMap? Classes { get; init; }

    /// <summary>The classes as they were read, in the file's order.</summary>
    internal IReadOnlyList<(string Name, ClusterClass Class)> Read { get; private init; } = [("all", new ClusterClass())];

    /// <summary>Reads a file; null: all defaults.</summary>
    /// <exception cref="InputException">Everything that is wrong in it, with its place.</exception>
    public static ClusterFile Of(string? file)
    {
        if (file is null) return new ClusterFile();
        var errors = new DeclarationErrors();
        var binder = new YamlBinder(errors);
        var map = YamlReader.ReadFile(file, file, errors);
        var cluster = map is null ? null : binder.Bind<ClusterFile>(map, "the cluster's file");
        List<(string, ClusterClass)> classes = [];
        foreach (var entry in (map?.Find("classes") as YamlMap)?.Entries ?? [])
            if (binder.Bind<ClusterClass>(entry.Value, $"class '{entry.Key}'") is { } one) classes.Add((entry.Key, one));
        void Range(string key, int found, int least, int most)
        {
            if (found < least || found > most)
                errors.Add(map!.Find(key)?.Place ?? map.Place, $"'{key}': found {found}, expected {least} to {most}.");
        }

        if (cluster is not null)
        {
            Range("workers", cluster.Workers, 1, 1000);
            Range("poll", cluster.Poll, 1, 600);
            Range("longest-minutes", cluster.LongestMinutes, 1, 60 * 24 * 365);
            if (cluster.Classes is { Entries: [] } none)
                errors.Add(none.Place, "'classes': found none, expected at least one; or leave the key out.");
        }

        errors.ThrowIfAny();
        return classes.Count == 0 ? cluster! : cluster! with { Read = classes };
    }

    /// <summary>The class of a cell; the last one where none is for it.</summary>
    internal string ClassOf(PlannedCell cell) => Read.FirstOrDefault(one => one.Class.IsFor(cell), Read[^1]).Name;
}

/// <summary>What one worker asks for.</summary>
public sealed record ClusterClass
{
    /// <summary>Processors, of which each makes a cell. Default 1.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Memory, as Slurm writes it. Default 4G.</summary>
    public string Memory { get; init; } = "4G";

    /// <summary>Time limit in minutes. Default 60.</summary>
    public int Minutes { get; init; } = 60;

    /// <summary>Graphics processors. Default 0.</summary>
    public int Gpus { get; init; }

    /// <summary>Kinds of cells that it is for. Default: all.</summary>
    public IReadOnlyList<CellKind> Kinds { get; init; } = [];

    /// <summary>Models that it is for, by the papers' names. Default: all, and cells of none.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Whether it is for a cell.</summary>
    internal bool IsFor(PlannedCell cell) =>
        (Kinds.Count == 0 || Kinds.Contains(cell.Kind)) && (Models.Count == 0 || Models.Contains(cell.Model, StringComparer.Ordinal));
}
