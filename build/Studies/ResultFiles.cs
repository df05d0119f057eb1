using Harness.Build.Options;
using Harness.Declarations;
using Harness.Figures;
using Harness.Planning;
using Harness.Reports;
using Spectre.Console;

namespace Harness.Build.Studies;

/// <summary>An experiment with its scores.</summary>
/// <param name="Experiment">What was run.</param>
/// <param name="Rows">The scores.</param>
/// <param name="CellKeys">Keys of the Score cells by row.</param>
internal sealed record MeasuredExperiment(
    Experiment Experiment, IReadOnlyList<MeasuredRow> Rows, IReadOnlyDictionary<string, string> CellKeys);

/// <summary>Tables and figures on the screen, in the results folder, and beside their committed snapshots.</summary>
internal sealed class ResultFiles(HarnessOptions options)
{
    private static readonly string Regenerated = Clone.At("artifacts", "verify");

    /// <summary>The experiments that have a committed snapshot at this scale.</summary>
    public static IEnumerable<Experiment> WithSnapshots(IEnumerable<Experiment> experiments, HarnessOptions options) =>
        experiments.Where(experiment => File.Exists(SnapshotOf(experiment, options)));

    /// <summary>
    /// The experiments that Verify compares: those with a snapshot, or with <c>--accept</c> all but the sweeps of options; never those
    /// whose numbers are seconds.
    /// </summary>
    public static IEnumerable<Experiment> Verifiable(IEnumerable<Experiment> experiments, HarnessOptions options) =>
        (options.Accept ? experiments.Where(NeedsSnapshot) : WithSnapshots(experiments, options))
            .Where(experiment => !Metric.AnyTimed(experiment));

    private static bool NeedsSnapshot(Experiment experiment) => !experiment.IsSweepOfOptions && !Metric.AnyTimed(experiment);

    /// <summary>
    /// Prints and writes a table; with <c>--accept</c> it becomes the snapshot, otherwise one line tells whether it differs.
    /// </summary>
    /// <returns>The table, and the folder of its files.</returns>
    public (Report Report, string Folder) Show(MeasuredExperiment measured, CancellationToken cancellation)
    {
        var report = Report.Build(measured.Experiment, measured.Rows);
        var folder = FolderOf(measured.Experiment, options);
        var files = Write(report, measured, folder, cancellation);
        ReportConsole.Write(report, AnsiConsole.Console);
        Console.WriteLine();
        var name = measured.Experiment.Name;
        var endings = string.Join(',', files.Select(file => Path.GetFileName(file)[name.Length..]));
        Console.WriteLine($"written: {Path.Combine(folder, name)}{{{endings}}}");
        if (options.Accept && Metric.AnyTimed(measured.Experiment))
            Console.WriteLine("not accepted: seconds are of one machine and have no snapshot");
        else if (options.Accept)
            Accept(report, folder);
        else if (WithSnapshots([measured.Experiment], options).Any() && !Snapshot.Compare(report, Numerics, folder, null, ".").Matches)
            Console.WriteLine("differs from the committed snapshot: run --target=Verify");
        return (report, folder);
    }

    /// <summary>
    /// Compares a table with its snapshot and the committed files, and prints every difference; with <c>--accept</c> it becomes the
    /// snapshot.
    /// </summary>
    /// <returns>Whether nothing differs.</returns>
    public bool Verify(MeasuredExperiment measured, CancellationToken cancellation)
    {
        var report = Report.Build(measured.Experiment, measured.Rows);
        var committed = FolderOf(measured.Experiment, options);
        var name = $"{measured.Experiment.Paper}/{measured.Experiment.Name}";
        if (options.Accept)
        {
            Write(report, measured, committed, cancellation);
            Accept(report, committed);
            return true;
        }

        var folder = Path.Combine(Regenerated, options.ResultsName, measured.Experiment.Paper);
        Write(report, measured, folder, cancellation);
        var result = Snapshot.Compare(report, Numerics, committed, folder, ".");
        foreach (var difference in result.Differences)
            Console.WriteLine(difference);
        Console.WriteLine(result switch
        {
            { Matches: false } => $"{name}: differs (lines above: {result.Differences.Count}); what this run gave is in {folder}",
            { Exact: true } => $"{name}: every byte as committed",
            _ => $"{name}: as committed, to {Snapshot.Tolerance} points (this machine's arithmetic, {Numerics}, is of another class)",
        });
        return result.Matches;
    }

    /// <summary>
    /// What cannot be compared, one line each: an experiment with result files but without the snapshot that it needs, and a snapshot of no
    /// experiment.
    /// </summary>
    /// <param name="experiments">All experiments of the scale.</param>
    public IReadOnlyList<string> Strays(IReadOnlyList<Experiment> experiments)
    {
        var known = experiments.Select(experiment => Path.GetFullPath(SnapshotOf(experiment, options))).ToHashSet(StringComparer.Ordinal);
        var found = Directory.Exists(Root) ? Directory.GetFiles(Root, "*" + Snapshot.Extension, SearchOption.AllDirectories) : [];
        return
        [
            .. from experiment in experiments.Where(NeedsSnapshot)
               where !File.Exists(SnapshotOf(experiment, options))
               let stem = Path.Combine(FolderOf(experiment, options), experiment.Name)
               let file = ReportWriter.Extensions.Append(ReportWriter.ProvenanceExtension).Select(extension => stem + extension)
                   .FirstOrDefault(File.Exists)
               where file is not null
               select $"{SnapshotOf(experiment, options)}: expected a committed snapshot beside {Path.GetFileName(file)}, actual none; "
                   + "run with --accept to make it, or delete the files",
            .. from snapshot in found.Order(StringComparer.Ordinal)
               where !known.Contains(Path.GetFullPath(snapshot))
               select $"{snapshot}: a snapshot of no experiment; expected one that is declared at scale '{options.Scale}': "
                   + "declare it or delete the file",
        ];
    }

    /// <summary>Draws the figures of the scale's reports anew, from their JSON files alone: nothing is computed.</summary>
    /// <param name="experiments">All experiments of the scale; those without a file are passed over.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <exception cref="InputException">There is no file, or some are no reports of this version: the others are drawn all the
    /// same.</exception>
    public void DrawFigures(IReadOnlyList<Experiment> experiments, CancellationToken cancellation)
    {
        List<string> files = [
            .. experiments.Select(experiment => Path.Combine(FolderOf(experiment, options), $"{experiment.Name}.json")).Where(File.Exists)];
        var place = Path.Combine(options.Results, options.ResultsName);
        if (files.Count == 0)
            throw new InputException(
                $"found no report in {place}, expected those of experiments at scale '{options.Scale}'; run their targets first");
        var (drawn, unreadable) = (0, new List<string>());
        foreach (var file in files)
        {
            try
            {
                drawn += ReportFigure.Draw(file, cancellation).Count;
            }
            catch (InputException mistake)
            {
                unreadable.Add(mistake.Message);
            }
        }

        Console.WriteLine($"{drawn} pictures of {files.Count - unreadable.Count} reports in {place} drawn");
        if (unreadable.Count > 0) throw new InputException(string.Join(Environment.NewLine, unreadable));
    }

    /// <summary>Writes the page of the scale's claims, out of all reports that there are.</summary>
    /// <param name="experiments">All experiments of the scale; sweeps that choose options claim nothing.</param>
    public void WriteClaims(IReadOnlyList<Experiment> experiments) => ClaimsFile.Write(Claiming(experiments), Root);

    /// <summary>
    /// How that page differs from what the committed reports give, one line a file; with <c>--accept</c> it is renewed instead.
    /// </summary>
    /// <param name="experiments">As for <see cref="WriteClaims"/>.</param>
    public IReadOnlyList<string> VerifyClaims(IReadOnlyList<Experiment> experiments)
    {
        if (!options.Accept)
            return ClaimsFile.Compare(Claiming(experiments), Root);
        WriteClaims(experiments);
        return [];
    }

    /// <summary>Tries whether all that reports of experiments need can be written.</summary>
    /// <exception cref="InputException">A folder cannot be written.</exception>
    public void CheckWritable(IEnumerable<Experiment> experiments)
    {
        foreach (var folder in experiments.Select(experiment => FolderOf(experiment, options)).Distinct())
            ResultsFolder.Check(folder);
    }

    private static string SnapshotOf(Experiment experiment, HarnessOptions options) =>
        Snapshot.FileOf(experiment, FolderOf(experiment, options));

    private static List<Experiment> Claiming(IReadOnlyList<Experiment> experiments) =>
        [.. experiments.Where(experiment => !experiment.IsSweepOfOptions)];

    // Of what is declared; variants are elsewhere.
    private string Root => Path.Combine(options.Results, options.ResultsNameOf(ExperimentOverrides.None));

    private string Numerics => KeyContext.For(options.Overrides.Device).Numerics;

    private static string FolderOf(Experiment experiment, HarnessOptions options) =>
        Path.Combine(options.Results, options.ResultsNameOf(experiment.Overrides), experiment.Paper);

    private IReadOnlyList<string> Write(Report report, MeasuredExperiment measured, string folder, CancellationToken cancellation)
    {
        var provenance = Provenance.OfThisMachine(KeyContext.Current.Libtorch, Numerics, measured.CellKeys);
        return ReportWriter.Write(report, provenance, folder, cancellation: cancellation);
    }

    private void Accept(Report report, string folder)
    {
        Snapshot.Accept(report, Numerics, folder);
        Console.WriteLine($"accepted: {Snapshot.FileOf(report.Experiment, folder)}");
    }
}
