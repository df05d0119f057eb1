using Harness.Build.Studies;

namespace Harness.Build.Options;

/// <summary>Kinds of targets: those of one kind use the same options.</summary>
[Flags]
public enum TargetKinds
{
    /// <summary>None: says which options there are.</summary>
    None = 0,

    /// <summary>Experiments, and the names that stand for several.</summary>
    Tables = 1,

    /// <summary>Stages of an experiment: statistics, edits, scores.</summary>
    Stages = 2,

    /// <summary>Data sets and models, which experiments share.</summary>
    Models = 4,

    /// <summary>All that comes out of the experiments' YAML files.</summary>
    Experiments = Tables | Stages | Models,

    /// <summary>Compares with snapshots.</summary>
    Verify = 8,

    /// <summary>Draws figures anew.</summary>
    Figures = 16,

    /// <summary>Deletes the store.</summary>
    Clean = 32,

    /// <summary>Edits the user's checkpoint.</summary>
    Edit = 64,

    /// <summary>Runs the tests.</summary>
    Test = 128,

    /// <summary>Runs the benchmarks.</summary>
    Benchmark = 256,

    /// <summary>Writes the files of a new editor.</summary>
    New = 512,

    /// <summary>All targets and views.</summary>
    All = 1023,
}

/// <summary>Names of kinds.</summary>
public static class TargetKind
{
    private static readonly Dictionary<string, TargetKinds> Named = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Verify"] = TargetKinds.Verify,
        ["Figures"] = TargetKinds.Figures,
        ["Clean"] = TargetKinds.Clean,
        ["Edit"] = TargetKinds.Edit,
        ["Test"] = TargetKinds.Test,
        ["Benchmark"] = TargetKinds.Benchmark,
        ["New"] = TargetKinds.New,
        ["Default"] = TargetKinds.None,
    };

    /// <summary>The kind of a target; one that there is not counts as an experiment.</summary>
    public static TargetKinds Of(string target) => Named.TryGetValue(target, out var kind) ? kind : StudyGraph.KindOf(target);

    /// <summary>Kinds for people: <c>experiments, Verify, Edit</c>.</summary>
    public static string Text(TargetKinds kinds) => string.Join(", ",
    [
        .. kinds.HasFlag(TargetKinds.Experiments) ? ["experiments"]
            : Enum.GetValues<TargetKinds>()
                .Where(kind => kind is TargetKinds.Tables or TargetKinds.Stages or TargetKinds.Models && kinds.HasFlag(kind))
                .Select(kind => kind.ToString().ToLowerInvariant()),
        .. Named.Where(named => named.Value != TargetKinds.None && kinds.HasFlag(named.Value)).Select(named => named.Key),
    ]);
}
