using System.Text.Json;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;

namespace Harness.Studies.Facts;

/// <summary>The folder that an edit of a user's checkpoint is written to.</summary>
public static class FactOutput
{
    /// <summary>The report's name in a whole folder: no other tool looks for it.</summary>
    public const string ReportFile = "harness-edit.json";

    /// <summary>The changes' name where only they are written; <see cref="Edit.Load"/> reads them.</summary>
    public const string DeltaFile = "edit.safetensors";

    /// <summary>The report's name beside them.</summary>
    public const string DeltaReportFile = "edit.json";

    private static readonly JsonSerializerOptions Indented = new(CanonicalJson.Settings) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Refuses a folder that holds something, or that cannot be made or replaced.</summary>
    public static void Check(string folder)
    {
        EditedFolder.CheckTarget(folder);
        DurableFolder.CheckWritable(folder);
    }

    /// <summary>Refuses a folder inside the model's, and one that lies where the copy has no room.</summary>
    /// <param name="folder">The folder to write.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="deltaOnly">Whether only changes are to be written, whose size is not known yet.</param>
    public static void CheckAgainst(string folder, string model, bool deltaOnly)
    {
        if ((Whole(folder) + Path.DirectorySeparatorChar).StartsWith(Whole(model) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InputException(
                $"--out={folder}: found a folder that is or lies in the model's, {model}, expected one elsewhere: the original is never touched");
        }

        if (deltaOnly) return;
        var (needed, free) = (EditedFolder.BytesOf(model), new DriveInfo(DurableFolder.Above(folder)).AvailableFreeSpace);
        if (needed > free)
        {
            throw new InputException(FormattableString.Invariant(
                $"--out={folder}: found {free / 1e6:0.0} MB of free space, expected {needed / 1e6:0.0} MB for the edited copy; free some, ")
                + "name a folder on another disk or write the changes only: --delta");
        }
    }

    /// <summary>Writes the folder, whole or not at all.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="model">The edited model, its changed weights rounded to what the files hold.</param>
    /// <param name="source">The folder that it is from.</param>
    /// <param name="edit">The changes.</param>
    /// <param name="report">What is kept beside them.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <returns>Files of the model's folder that were left out.</returns>
    internal static IReadOnlyList<string> Write(
        FactEditRequest request, Transformer model, string source, Edit edit, FactEditReport report, CancellationToken cancellation)
    {
        var json = CanonicalJson.ToNode(report)!.ToJsonString(Indented) + "\n";
        if (!request.DeltaOnly)
        {
            return EditedFolder.Write(
                model, source, request.Out, report.Changed, folder => DurableFile.WriteText(Path.Combine(folder, ReportFile), json), cancellation: cancellation);
        }

        DurableFolder.Write(request.Out, folder =>
        {
            edit.Save(Path.Combine(folder, DeltaFile));
            DurableFile.WriteText(Path.Combine(folder, DeltaReportFile), json);
        });
        return [];
    }

    private static string Whole(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
}
