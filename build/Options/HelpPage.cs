using System.Reflection;
using Cake.Frosting;
using Harness.Declarations;
using Harness.Stages;

namespace Harness.Build.Options;

/// <summary><c>--help</c> on one screen: papers with their targets, the other targets, options by who uses them.</summary>
internal static class HelpPage
{
    private const int Width = 100, Column = 50;

    // Named in the first line.
    private static readonly CommandOption[] Told = [OptionList.Target, OptionList.Help];

    /// <summary>Shows it.</summary>
    public static void Write()
    {
        foreach (var line in Lines(ExperimentCatalog.Sources(Clone.At("experiments")))) Console.WriteLine(line);
    }

    /// <summary>Its lines.</summary>
    /// <param name="sources">The experiments, known by their targets alone.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<ExperimentSource> sources) =>
    [
        "./build.sh --target=NAME [options]    such as --target=Table1; README.md says more",
        "targets: a paper for all of its tables and figures, or one of these:",
        .. sources.Where(source => !source.IsSweep && source.Target.Length > 0).GroupBy(source => source.Group)
            .SelectMany(paper => Wrapped(paper.Key, paper.Select(source => source.Target))),
        Named(StageGraph.Everything, "all of them"),
        Named(StageGraph.Verify, StageGraph.VerifyDescription),
        .. from task in typeof(Program).Assembly.GetExportedTypes()
           let name = task.GetCustomAttribute<TaskNameAttribute>()?.Name
           where name is not (null or TargetKind.Default)
           select Named(name, task.GetCustomAttribute<TaskDescriptionAttribute>()!.Description),
        "",
        .. OptionList.Every.Except(Told).GroupBy(UsersOf).SelectMany(group => Paired(group).Prepend($"options of {group.Key}:")),
    ];

    private static string UsersOf(CommandOption option) => option.For switch
    {
        TargetKinds.All => "every target (the first of several values is the default)",
        var users when (users & (TargetKinds.Experiments | TargetKinds.Verify | TargetKinds.Tune)) != 0 =>
            "experiments (others refuse what they have no use for)",
        var users when users.HasFlag(TargetKinds.Edit) => $"{TargetKinds.Edit}",
        _ => "other targets (README.md says whose)",
    };

    private static string Named(string name, string text) => $"  {name,-10} {text}";

    private static IEnumerable<string> Wrapped(string name, IEnumerable<string> words)
    {
        var line = Named(name, "");
        foreach (var word in words)
        {
            if (line.Length + 1 + word.Length > Width)
            {
                yield return line.TrimEnd();
                line = Named("", "");
            }

            line += $"{word} ";
        }

        yield return line.TrimEnd();
    }

    // Two on a line where both are short.
    private static IEnumerable<string> Paired(IEnumerable<CommandOption> options)
    {
        var left = "";
        foreach (var entry in options.Select(option => $"  {option.Usage,-17}  {option.Help}"))
        {
            if (left.Length > 0 && left.Length < Column && entry.Length <= Width - Column)
            {
                yield return left.PadRight(Column) + entry;
                left = "";
                continue;
            }

            if (left.Length > 0) yield return left;
            left = entry;
        }

        if (left.Length > 0) yield return left;
    }
}
