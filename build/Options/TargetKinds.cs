using Harness.Stages;

namespace Harness.Build.Options;

/// <summary>
/// Kinds of targets: those of one kind use the same options. Tables are experiments and the names that stand for several, models their data
/// sets too; a kind of one target has its name.
/// </summary>
[Flags]
public enum TargetKinds
{
    None = 0,
    Tables = 1,
    Stages = 2,
    Models = 4,
    Experiments = Tables | Stages | Models,
    Verify = 8,
    Figures = 16,
    Clean = 32,
    Edit = 64,
    Test = 128,
    Benchmark = 256,
    New = 512,
    Tune = 1024,
    Faults = 2048,
    Status = 4096,
    Cancel = 8192,
    All = Experiments | Verify | Figures | Clean | Edit | Test | Benchmark | New | Tune | Faults | Status | Cancel,
}

/// <summary>Names of kinds.</summary>
public static class TargetKind
{
    /// <summary>The target where none is named.</summary>
    public const string Default = nameof(Default);

    private static readonly TargetKinds[] OfOne =
        [.. Enum.GetValues<TargetKinds>().Where(kind => kind is > TargetKinds.Experiments and < TargetKinds.All)];

    /// <summary>Names of targets that are no experiment's.</summary>
    public static IEnumerable<string> Names { get; } = [Default, .. OfOne.Select(kind => $"{kind}")];

    /// <summary>The kind of a target; one that there is not counts as an experiment.</summary>
    public static TargetKinds Of(string target) => target.Equals(Default, StringComparison.OrdinalIgnoreCase) ? TargetKinds.None
        : OfOne.FirstOrDefault(kind => $"{kind}".Equals(target, StringComparison.OrdinalIgnoreCase)) is var own and not TargetKinds.None
            ? own
        : StageGraph.StageOf(target) switch
        {
            Stage.Data or Stage.Model => TargetKinds.Models,
            Stage.Scores or Stage.Edits or Stage.Statistics => TargetKinds.Stages,
            _ => TargetKinds.Tables,
        };

    /// <summary>Kinds for people: <c>experiments, Verify, Edit</c>.</summary>
    public static string Text(TargetKinds kinds) => string.Join(", ",
    [
        .. kinds.HasFlag(TargetKinds.Experiments) ? ["experiments"]
            : ((TargetKinds[])[TargetKinds.Tables, TargetKinds.Stages, TargetKinds.Models])
                .Where(kind => kinds.HasFlag(kind)).Select(kind => kind.ToString().ToLowerInvariant()),
        .. OfOne.Where(kind => kinds.HasFlag(kind)).Select(kind => $"{kind}"),
    ]);
}
