using Harness.Declarations;

namespace Harness.Build.Studies;

/// <summary>
/// Holds <c>--editors</c> and <c>--set</c> against the rows that a run has; that a name is some experiment's is checked where they are
/// read.
/// </summary>
public static class RowChoice
{
    /// <summary>Refuses names that are no row's.</summary>
    /// <param name="experiments">What the targets work for, with the rows that <c>--editors</c> leaves; none where they are no
    /// experiments.</param>
    /// <param name="targets">The targets, for errors.</param>
    /// <param name="overrides">The command line.</param>
    /// <exception cref="InputException">Every name that no row has, one a line.</exception>
    public static void Check(IReadOnlyList<Experiment> experiments, IEnumerable<string> targets, ExperimentOverrides overrides)
    {
        if (experiments.Count == 0) return;
        var rows = experiments.SelectMany(experiment => experiment.Editors).ToList();
        List<string> errors =
        [
            .. from name in overrides.Editors ?? []
               where !rows.Exists(row => name == row.Name || name == row.Series)
               select $"--editors: found '{name}', which is no row of {string.Join(", ", targets)}; leave it out",
            .. from assignment in overrides.Set
               let name = assignment.Split('.')[0]
               where !rows.Exists(row => name == row.Editor || name == row.Series)
               select $"--set={assignment}: found '{name}', which is the editor of no row that {string.Join(", ", targets)} " +
                   "computes; leave it out",
        ];
        if (errors.Count > 0) throw new InputException(string.Join(Environment.NewLine, errors));
    }
}
