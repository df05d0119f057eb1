using Harness.Figures;
using Harness.Models.Checkpoints;
using Harness.Running;

namespace Harness.Reports;

/// <summary>
/// Writes a report's files. Their bytes depend on the report alone, and the JSON's on the numerics class too; only the provenance tells
/// machines apart.
/// </summary>
public static class ReportWriter
{
    /// <summary>
    /// Extensions of the files, provenance aside, in the order in which they are written and compared. JSON comes first: it names what
    /// changed.
    /// </summary>
    public static IReadOnlyList<string> Extensions { get; } =
        [".json", ".csv", CasesTable.Extension, ".md", ".tex", .. ReportFigure.Extensions];

    /// <summary>Extension of the provenance, which tells machines apart and is never compared.</summary>
    public const string ProvenanceExtension = ".provenance.json";

    /// <summary>
    /// Writes <c>name.json</c>, <c>.csv</c>, <c>.cases.csv.gz</c>, <c>.md</c>, <c>.tex</c>, <c>.provenance.json</c>, and the figure:
    /// <c>name.svg</c> and <c>.png</c>, and <c>name-dark.svg</c> and <c>.png</c> for dark pages.
    /// </summary>
    /// <param name="report">What to write.</param>
    /// <param name="provenance">Where it was made.</param>
    /// <param name="folder">Folder to write into; made where it does not exist.</param>
    /// <param name="withFigure">Whether to draw the figure.</param>
    /// <param name="notes">As for <see cref="ReportFigure.Draw"/>.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <returns>The report's files; those that are what they should be already are not touched.</returns>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static IReadOnlyList<string> Write(
        Report report, Provenance provenance, string folder, bool withFigure = true, string? notes = null,
        CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ResultsFolder.Make(folder);
        string At(string extension) => Path.Combine(folder, report.Experiment.Name + extension);
        var files = new List<string>();
        void Text(string extension, string text)
        {
            if (!File.Exists(At(extension)) || File.ReadAllText(At(extension)) != text) DurableFile.WriteText(At(extension), text);
            files.Add(At(extension));
        }

        var file = ReportFile.Of(report, provenance.NumericsClass);
        Text(".json", file.ToText());
        Text(".csv", CsvTable.ToText(file));
        var cases = CasesTable.ToText(report);
        if (!CasesTable.Holds(At(CasesTable.Extension), cases)) CasesTable.Write(At(CasesTable.Extension), cases);
        files.Add(At(CasesTable.Extension));
        Text(".md", MarkdownTable.ToText(report, withFigure));
        Text(".tex", TexTable.ToText(report));
        Text(ProvenanceExtension, provenance.ToText(report));
        if (withFigure) files.AddRange(ReportFigure.Draw(At(".json"), notes, cancellation));
        return files;
    }
}

/// <summary>Folders that reports are written to.</summary>
public static class ResultsFolder
{
    /// <summary>Tries whether a folder can be written, or made where it does not exist. Nothing stays behind.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public static void Check(string folder) => Guard(folder, () =>
    {
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && !File.Exists(there))
            there = Path.GetDirectoryName(there)!;
        var trial = Path.Combine(there, $".trial-{Guid.NewGuid():N}");
        using var stream = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
    });

    /// <summary>Does something in a folder of results, or of what may be deleted, while no other run does.</summary>
    /// <param name="root">The folder of all results; made where it does not exist.</param>
    /// <param name="action">What to do.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    internal static T InTurn<T>(string root, Func<T> action)
    {
        Make(root);
        FileTurn? turn = null;
        Guard(root, () => turn = FileTurn.Take(
            Path.Combine(root, ".turn"), () => Console.WriteLine($"waiting for another run that writes to {root}")));
        using (turn) return action();
    }

    /// <inheritdoc cref="InTurn{T}"/>
    internal static void InTurn(string root, Action action) => InTurn(root, () =>
    {
        action();
        return true;
    });

    /// <summary>Makes a folder where it does not exist.</summary>
    /// <exception cref="InputException">It cannot be made.</exception>
    internal static void Make(string folder) => Guard(folder, () => Directory.CreateDirectory(folder));

    private static void Guard(string folder, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"results folder {folder}: cannot be written ({failure.Message.TrimEnd('.')}), "
                + "expected a folder to write to; make it writable or choose another with --results", failure);
        }
    }
}
