using System.Security.Cryptography;
using System.Text.Json;
using Harness.Declarations;
using Harness.Figures.Drawing;
using Harness.Models.Checkpoints;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>
/// The report's figure, of the kind that its experiment names, drawn from its JSON alone: the same bytes from the same JSON everywhere.
/// </summary>
public static class ReportFigure
{
    /// <summary>What stands behind the experiment's name in the figure's files, in the order in which they are written.</summary>
    public static IReadOnlyList<string> Extensions
    {
        get;
    } = [.. Theme.All.SelectMany(theme => new[] { $"{theme.Suffix}.svg", $"{theme.Suffix}.png" })];

    /// <summary>What forbids an experiment to have its kind of figure; null where nothing does.</summary>
    public static string? Check(Experiment experiment)
    {
        var needed = experiment.Figure switch { FigureKind.Sweep => 1, FigureKind.HeatMap => 2, _ => 0 };
        if (experiment.Figure == FigureKind.Ranks && experiment.RankedBy is null)
            return "figure 'ranks': found no 'ranked-by', which says by which metric rows stand; name one, or choose another figure";
        return experiment.Axes.Count >= needed ? null
            : $"figure '{Digits.Id(experiment.Figure)}': found {experiment.Axes.Count} axes, expected at least {needed}; "
                + "name them under 'vary', or choose another figure";
    }

    /// <summary>Draws the figure of a report's file, light and dark, as SVG and PNG beside it.</summary>
    /// <param name="json">The file, <c>results/embedded/dft/table1.json</c>. Each picture appears whole, or stays as it was.</param>
    /// <param name="notes">Folder of notes on what was drawn: pictures that this code drew of this JSON are left as they are; null draws
    /// them anew.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <returns>The figure's files; none where the report has no rows.</returns>
    /// <exception cref="InputException">The file is no report, or one of an older version.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static IReadOnlyList<string> Draw(string json, string? notes = null, CancellationToken cancellation = default)
    {
        string[] pictures = [.. Extensions.Select(extension => Path.ChangeExtension(json, null) + extension)];
        if (notes is not null && pictures.All(File.Exists) && File.Exists(NoteOf(json, pictures, notes))) return pictures;
        var report = Read(json);
        if (report.Rows.Count == 0) return [];
        foreach (var theme in Theme.All)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = PageOf(report, theme);
            var stem = Path.ChangeExtension(json, null) + theme.Suffix;
            DurableFile.WriteText($"{stem}.svg", page.ToSvg());
            DurableFile.Write($"{stem}.png", stream => stream.Write(page.ToPng()));
        }

        if (notes is not null)
        {
            Directory.CreateDirectory(notes);
            File.WriteAllText(NoteOf(json, pictures, notes), "");
        }

        return pictures;
    }

    // Named by everything that tells the pictures: the code, what it draws, and what it drew.
    private static string NoteOf(string json, IEnumerable<string> pictures, string notes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var code in (Type[])[typeof(ReportFigure), typeof(ScottPlot.Plot), typeof(SkiaSharp.SKCanvas)])
            hash.AppendData(code.Module.ModuleVersionId.ToByteArray());
        foreach (var file in pictures.Prepend(json)) hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        return Path.Combine(notes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The figure's page.</summary>
    internal static Page PageOf(ReportFile report, Theme theme)
    {
        EmbeddedFont.Use();
        return report.Figure!.Kind switch
        {
            FigureKind.Bars => BarFigure.Of(report, theme),
            FigureKind.Sweep => SweepFigure.Of(report, theme),
            FigureKind.HeatMap => HeatMapFigure.Of(report, theme),
            FigureKind.Retention => RetentionFigure.Of(report, theme),
            FigureKind.Change => ChangeFigure.Of(report, theme),
            FigureKind.Ranks => RanksFigure.Of(report, theme),
            _ => throw new ArgumentOutOfRangeException(nameof(report)),
        };
    }

    /// <summary>What a kind of figure shows, for those who cannot see it.</summary>
    internal static string Describe(FigureKind kind) => kind switch
    {
        FigureKind.Sweep => "lines over the axis with intervals as bands, published points hollow",
        FigureKind.HeatMap => "one axis against the other, the measured number in each field",
        FigureKind.Retention => "reliability after all edits by the age of the edit, with intervals as bands",
        FigureKind.Change => "size of the weights' change by layer and module",
        FigureKind.Ranks => "rows in the order of their ranks, each measured number in a field whose colour is its rank",
        _ => "measured bars with intervals, published diamonds",
    };

    // A file of an older version may lack what only figures need.
    private static ReportFile Read(string file)
    {
        try
        {
            var report = ReportFile.Parse(File.ReadAllText(file));
            return report.Figure is not null
                && report.Datasets.Concat(report.Models).All(one => one is { Title: not null, StandIn: not null, Real: not null })
                ? report
                : throw new JsonException("no 'figure', or no 'title', 'stand-in' or 'real' of a data set or model");
        }
        catch (JsonException error)
        {
            throw new InputException(
                $"{file}: found no report that a figure can be drawn of ({error.Message}), "
                + "expected what this version of the harness writes; regenerate it with the experiment's target", error);
        }
    }
}
