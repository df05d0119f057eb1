using System.Text.Json;
using Harness.Claims;
using Harness.Declarations;
using Harness.Figures;
using Harness.Measuring.Data;
using Harness.Planning;
using Harness.Stages;
using Spectre.Console;

namespace Harness.Reports;

/// <summary>An experiment with its scores.</summary>
/// <param name="Experiment">What was run.</param>
/// <param name="Rows">The scores.</param>
/// <param name="CellKeys">Keys of the Score cells by row.</param>
/// <param name="Cases">The cases of each seed and data set.</param>
public sealed record MeasuredExperiment(
    Experiment Experiment, IReadOnlyList<MeasuredRow> Rows, IReadOnlyDictionary<string, string> CellKeys,
    IReadOnlyDictionary<(long Seed, string Dataset), IReadOnlyList<EditCase>> Cases, IReadOnlyList<Ceiling> Ceilings)
{
    /// <summary>The table.</summary>
    public Report Build() => Report.Build(Experiment, Rows) with { Cases = Cases, Ceilings = Ceilings };
}

/// <summary>Tables and figures on the screen, in the results folder, and beside their committed snapshots.</summary>
public sealed class ResultFiles(RunOptions options)
{
    /// <summary>
    /// The experiments that Verify compares: those with a snapshot, or with <c>--accept</c> all but the sweeps of options; never those
    /// whose numbers are seconds.
    /// </summary>
    public IEnumerable<Experiment> Verifiable(IEnumerable<Experiment> experiments) =>
        experiments.Where(experiment => options.Accept ? NeedsSnapshot(experiment)
            : HasSnapshot(experiment) && !Metric.AnyTimed(experiment));

    /// <summary>Those that are not compared, and why, one line for each reason.</summary>
    public static IEnumerable<string> Unverifiable(IEnumerable<Experiment> experiments) =>
        from experiment in experiments
        let reason = Metric.AnyTimed(experiment) ? "seconds have no snapshot"
            : experiment.IsSweepOfOptions ? "sweeps of options have no snapshot" : null
        where reason is not null
        group experiment.Target by reason into targets
        select $"{targets.Key}: {string.Join(", ", targets)}";

    private bool HasSnapshot(Experiment experiment) => File.Exists(SnapshotOf(experiment.Origin));

    private static bool NeedsSnapshot(Experiment experiment) => !experiment.IsSweepOfOptions && !Metric.AnyTimed(experiment);

    /// <summary>
    /// Prints and writes a table; with <c>--accept</c> it becomes the snapshot, otherwise one line tells whether it differs.
    /// </summary>
    /// <returns>The table, and the folder of its files.</returns>
    public (Report Report, string Folder) Show(MeasuredExperiment measured, CancellationToken cancellation) =>
        ResultsFolder.InTurn(options.Results, () => ShowInTurn(measured, cancellation));

    private (Report Report, string Folder) ShowInTurn(MeasuredExperiment measured, CancellationToken cancellation)
    {
        var report = measured.Build();
        var folder = options.FolderOf(measured.Experiment);
        var files = Write(report, measured, folder, cancellation, Path.Combine(options.Scratch, "drawn"));
        ReportConsole.Write(report, AnsiConsole.Console);
        Console.WriteLine();
        var name = measured.Experiment.Name;
        var endings = string.Join(',', files.Select(file => Path.GetFileName(file)[name.Length..]));
        Console.WriteLine($"written: {Path.Combine(folder, name)}{{{endings}}}");
        if (options.Accept && Metric.AnyTimed(measured.Experiment))
            Console.WriteLine("not accepted: seconds are of one machine and have no snapshot");
        else if (options.Accept)
            Accept(report, folder);
        else if (!options.For(measured.Experiment.Overrides).IsCustom && HasSnapshot(measured.Experiment)
            && !Snapshot.Compare(report, Numerics, folder, null, ".").Matches)
            Console.WriteLine("differs from the committed snapshot: run --target=Verify");
        return (report, folder);
    }

    /// <summary>
    /// Compares a table with its snapshot and the committed files, and prints every difference; with <c>--accept</c> it becomes the
    /// snapshot.
    /// </summary>
    public SnapshotResult Verify(MeasuredExperiment measured, CancellationToken cancellation) =>
        ResultsFolder.InTurn(options.Accept ? options.Results : options.Scratch, () => VerifyInTurn(measured, cancellation));

    private SnapshotResult VerifyInTurn(MeasuredExperiment measured, CancellationToken cancellation)
    {
        var report = measured.Build();
        var committed = Path.Combine(Root, measured.Experiment.Paper);
        var name = $"{measured.Experiment.Paper}/{measured.Experiment.Name}";
        if (options.Accept)
        {
            Write(report, measured, committed, cancellation);
            Accept(report, committed);
            return new(Exact: true, []);
        }

        var folder = Path.Combine(options.Scratch, "verify", options.Scale, measured.Experiment.Paper);
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
        return result;
    }

    /// <summary>
    /// What cannot be compared, one line each: an experiment with result files but without the snapshot that it needs, and a snapshot of no
    /// experiment.
    /// </summary>
    /// <param name="experiments">The experiments of the scale that were read.</param>
    /// <param name="unread">Files that were not, whose snapshots are taken to be theirs.</param>
    public IReadOnlyList<string> Strays(IReadOnlyList<Experiment> experiments, IEnumerable<ExperimentSource> unread)
    {
        var known = experiments.Select(experiment => experiment.Origin).Concat(unread)
            .Select(origin => Path.GetFullPath(SnapshotOf(origin))).ToHashSet(StringComparer.Ordinal);
        var found = Directory.Exists(Root) ? Directory.GetFiles(Root, "*" + Snapshot.Extension, SearchOption.AllDirectories) : [];
        return
        [
            .. from experiment in experiments.Where(NeedsSnapshot)
               let expected = SnapshotOf(experiment.Origin)
               where !File.Exists(expected)
               let stem = Path.Combine(Root, experiment.Paper, experiment.Name)
               let file = ReportWriter.Extensions.Append(ReportWriter.ProvenanceExtension).Select(extension => stem + extension)
                   .FirstOrDefault(File.Exists)
               where file is not null
               select $"{expected}: expected a committed snapshot beside {Path.GetFileName(file)}, actual none; "
                   + "run with --accept to make it, or delete the files",
            .. from snapshot in found.Order(StringComparer.Ordinal)
               where !known.Contains(Path.GetFullPath(snapshot))
               select $"{snapshot}: a snapshot of no experiment; expected one that is declared at scale '{options.Scale}': "
                   + "declare it or delete the file",
        ];
    }

    /// <summary>Draws the figures of the scale's reports anew, from their JSON files alone: nothing is computed.</summary>
    /// <param name="sources">All experiments; those without a report are passed over.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <exception cref="InputException">There is no file, or some are no reports of this version: the others are drawn all the
    /// same.</exception>
    public void DrawFigures(IEnumerable<ExperimentSource> sources, CancellationToken cancellation)
    {
        List<string> files = [
            .. from run in options.Runs
               from origin in sources
               let file = ReportOf(run, origin)
               where file is not null
               select file];
        var place = options.IsCustom ? options.FolderOf(new ExperimentSource("*", "", "")) : Root;
        if (files.Count == 0)
            throw new InputException(
                $"found no report in {place}, expected those of experiments at scale '{options.Scale}'; run their targets first");
        var (drawn, unreadable) = (0, new List<string>());
        foreach (var file in files)
        {
            try
            {
                drawn += ResultsFolder.InTurn(options.Results, () => ReportFigure.Draw(file, cancellation: cancellation)).Count;
            }
            catch (InputException mistake)
            {
                unreadable.Add(mistake.Message);
            }
        }

        Console.WriteLine($"{drawn} pictures of {files.Count - unreadable.Count} reports in {place} drawn");
        if (unreadable.Count > 0) throw new InputException(string.Join(Environment.NewLine, unreadable));
    }

    // A run of the declared seed is where one without a seed is.
    private string? ReportOf(ExperimentOverrides run, ExperimentSource origin)
    {
        string Of(ExperimentOverrides variant) => Path.Combine(options.For(variant).FolderOf(origin), $"{origin.Name}.json");
        if (File.Exists(Of(run))) return Of(run);
        var declared = Of(run with { Seed = null });
        return run.Seed is { } seed && File.Exists(declared) && SeedOf(declared) == seed ? declared : null;
    }

    private static long? SeedOf(string file)
    {
        try
        {
            return ReportFile.Parse(File.ReadAllText(file)).AllSeeds is [var only] ? only : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the page of the scale's claims, out of all reports that there are.</summary>
    /// <param name="sources">All experiments; sweeps that choose options claim nothing.</param>
    public void WriteClaims(IEnumerable<ExperimentSource> sources) =>
        ResultsFolder.InTurn(options.Results, () => ClaimsFile.Write(Claiming(sources), Root));

    /// <summary>
    /// How that page differs from what the committed reports give, one line a file; with <c>--accept</c> it is renewed instead.
    /// </summary>
    /// <param name="sources">As for <see cref="WriteClaims"/>.</param>
    public IReadOnlyList<string> VerifyClaims(IEnumerable<ExperimentSource> sources)
    {
        if (!options.Accept)
            return ClaimsFile.Compare(Claiming(sources), Root);
        WriteClaims(sources);
        return [];
    }

    /// <summary>Tries whether all that reports of experiments need can be written.</summary>
    /// <exception cref="InputException">A folder cannot be written.</exception>
    public void CheckWritable(IEnumerable<Experiment> experiments)
    {
        foreach (var folder in experiments.Select(options.FolderOf).Distinct())
            ResultsFolder.Check(folder);
    }

    private static List<ExperimentSource> Claiming(IEnumerable<ExperimentSource> sources) => [.. sources.Where(source => !source.IsSweep)];

    private string Root => options.ScaleFolder;

    private string SnapshotOf(ExperimentSource origin) => Snapshot.FileOf(origin.Name, Path.Combine(Root, origin.Paper));

    private string Numerics => KeyContext.For(options.Overrides.Device).Numerics;

    private IReadOnlyList<string> Write(
        Report report, MeasuredExperiment measured, string folder, CancellationToken cancellation, string? notes = null)
    {
        var provenance = Provenance.OfThisMachine(KeyContext.Current.Libtorch, Numerics, measured.CellKeys);
        return ReportWriter.Write(report, provenance, folder, notes: notes, cancellation: cancellation);
    }

    private void Accept(Report report, string folder)
    {
        Snapshot.Accept(report, Numerics, folder);
        Console.WriteLine($"accepted: {Snapshot.FileOf(report.Experiment.Name, folder)}");
    }
}
