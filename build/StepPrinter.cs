using Cake.Core;
using Cake.Core.Diagnostics;

namespace Harness.Build;

/// <summary>
/// One line a task instead of Cake's banners, so that the last lines of a run are the study's own, and none with
/// <c>--verbosity=minimal</c> or <c>quiet</c>; the table of durations only with <c>--verbosity=verbose</c>.
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
    public void WriteStep(string name, Verbosity verbosity) => Line($"== {name}", Verbosity.Normal);

    /// <inheritdoc/>
    public void WriteSkippedStep(string name, Verbosity verbosity) => Line($"== {name} (skipped)", Verbosity.Normal);

    /// <inheritdoc/>
    public void WriteLifeCycleStep(string name, Verbosity verbosity) => Line($"== {name}", Verbosity.Verbose);

    // Cake hands over the log's own verbosity, not the least that a line is for.
    private void Line(string text, Verbosity least)
    {
        if (log.Verbosity >= least) console.WriteLine("{0}", text);
    }
}
