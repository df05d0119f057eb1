using Harness.Experiments.Reports.Figures;
using Harness.Models.Checkpoints;

namespace Harness.Experiments.Reports;

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
    public static IReadOnlyList<string> Extensions { get; } = [".json", ".csv", ".md", ".tex", ".svg", ".png"];

    /// <summary>Extension of the provenance, which tells machines apart and is never compared.</summary>
    public const string ProvenanceExtension = ".provenance.json";

    /// <summary>
    /// Writes <c>name.json</c>, <c>.csv</c>, <c>.md</c>, <c>.tex</c>, <c>.provenance.json</c>, and <c>.svg</c> and <c>.png</c> where there
    /// is a renderer.
    /// </summary>
    /// <param name="report">What to write.</param>
    /// <param name="provenance">Where it was made.</param>
    /// <param name="folder">Folder to write into; made where it does not exist.</param>
    /// <param name="figures">The renderer's folder, or null to draw no figure.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="InputException">The folder cannot be written, or the figure could not be drawn.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static IReadOnlyList<string> Write(
        Report report, Provenance provenance, string folder, string? figures = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ResultsFolder.Make(folder);
        string At(string extension) => Path.Combine(folder, report.Experiment.Name + extension);
        var files = new List<string>();
        void Text(string extension, string text)
        {
            DurableFile.WriteText(At(extension), text);
            files.Add(At(extension));
        }

        Text(".json", ReportJson.ToText(report, provenance.NumericsClass));
        Text(".csv", CsvTable.ToText(report));
        Text(".md", MarkdownTable.ToText(report, withFigure: figures is not null));
        Text(".tex", TexTable.ToText(report));
        Text(ProvenanceExtension, provenance.ToText(report));
        if (figures is not null)
        {
            new FigureRenderer(figures).Render(ReportFigure.Of(report), At(".svg"), At(".png"), cancellation);
            files.AddRange([At(".svg"), At(".png")]);
        }

        return files;
    }
}
