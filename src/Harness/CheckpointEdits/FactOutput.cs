using System.Text.Json;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Models;
using Harness.Models.Checkpoints;

namespace Harness.CheckpointEdits;

/// <summary>The folder that an edit of a user's checkpoint is written to.</summary>
public static class FactOutput
{
    /// <summary>The report's name in a whole folder: no other tool looks for it.</summary>
    public const string ReportFile = "harness-edit.json";

    /// <summary>The changes' name where only they are written; <see cref="Edit.Load"/> reads them.</summary>
    public const string DeltaFile = "edit.safetensors";

    /// <summary>The report's name beside them.</summary>
    public const string DeltaReportFile = "edit.json";

    private const string OfUnedited = "they are the study's notes on the unedited model";

    private static readonly JsonSerializerOptions Indented = new(CanonicalJson.Settings) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Refuses a folder that holds something, or that cannot be made or replaced.</summary>
    public static void Check(string folder)
    {
        EditedFolder.CheckTarget(folder);
        DurableFolder.CheckWritable(folder);
    }

    /// <summary>Refuses a folder that is, lies in or lies above one that the harness writes to.</summary>
    /// <param name="folder">The folder to write.</param>
    /// <param name="option">The option that names the other, for the message.</param>
    /// <param name="other">The other folder; need not exist.</param>
    public static void CheckApart(string folder, string option, string other)
    {
        if (RealPath.IsInside(folder, other) || RealPath.IsInside(other, folder))
            throw new InputException($"--out={folder}: found a folder that is, lies in or lies above {option}={other}, " +
                "expected one apart from it; name another one");
    }

    /// <summary>Refuses a folder inside the model's, and one that lies where the copy has no room.</summary>
    /// <param name="folder">The folder to write.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="deltaOnly">Whether only changes are to be written, whose size is not known yet.</param>
    public static void CheckAgainst(string folder, string model, bool deltaOnly)
    {
        if (RealPath.IsInside(folder, model))
        {
            throw new InputException(
                $"--out={folder}: found a folder that is or lies in the model's, {model}, " +
                    "expected one elsewhere: the original is never touched");
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
    /// <param name="based">What they were made on, where only they are written.</param>
    /// <param name="report">What is kept beside them.</param>
    /// <param name="history">What the model has been through before.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <returns>The report as it was written, and what of the model's folder was left out.</returns>
    internal static (FactEditReport Report, IReadOnlyList<LeftOut> Left) Write(
        FactEditRequest request, Transformer model, string source, Edit edit, IReadOnlyDictionary<string, string>? based,
            FactEditReport report,
        EditHistory history, CancellationToken cancellation)
    {
        if (!request.DeltaOnly)
        {
            var beside = request.Beside(source);
            var left = EditedFolder.Write(model, source, request.Out, report.Changed, Why, (folder, hashes) =>
            {
                report = Complete(hashes.Edited) with { Written = hashes.Written };
                WriteReport(folder, ReportFile);
            }, cancellation);
            return (report, [.. left.Where(one => one.Name != ReportFile)]);

            // The report of the round before is in the history of the new one.
            string? Why(string name) =>
                beside.Contains(name) || name == ReportFile || (name == Recall.FileName && Recall.IsIn(source)) ? OfUnedited : null;
        }

        report = Complete(EditedFolder.HashesOf(source, cancellation));
        DurableFolder.Write(request.Out, folder =>
        {
            edit.Save(Path.Combine(folder, DeltaFile), based);
            WriteReport(folder, DeltaReportFile);
        });
        return (report, []);

        FactEditReport Complete(IReadOnlyDictionary<string, string> edited) =>
            report with { Edited = edited, Unbroken = history.Wrote(edited), History = history.Rounds };

        void WriteReport(string folder, string name) =>
            DurableFile.WriteText(Path.Combine(folder, name), CanonicalJson.ToNode(report)!.ToJsonString(Indented) + "\n");
    }
}
