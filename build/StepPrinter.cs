using Cake.Core;
using Cake.Core.Diagnostics;

namespace Harness.Build;

/// <summary>
/// One line a task instead of Cake's banners, so that the last lines of a run are the study's own; the table of durations only with
/// <c>--verbosity=verbose</c>.
/// </summary>
internal sealed class StepPrinter(IConsole console, ICakeContext context, ICakeLog log) : ICakeReportPrinter
{
    private readonly CakeReportPrinter table = new(console, context);

    /// <inheritdoc/>
    public void Write(CakeReport report)
    {
        if (log.Verbosity >= Verbosity.Verbose) table.Write(report);
    }

    /// <inheritdoc/>
    public void WriteStep(string name, Verbosity verbosity) => Line($"== {name}", verbosity);

    /// <inheritdoc/>
    public void WriteSkippedStep(string name, Verbosity verbosity) => Line($"== {name} (skipped)", verbosity);

    /// <inheritdoc/>
    public void WriteLifeCycleStep(string name, Verbosity verbosity) => Line($"== {name}", Verbosity.Verbose);

    private void Line(string text, Verbosity verbosity)
    {
        if (log.Verbosity >= verbosity) console.WriteLine("{0}", text);
    }
}
