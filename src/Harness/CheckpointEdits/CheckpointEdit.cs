using System.Diagnostics;
using System.Globalization;
using Harness.Models.Checkpoints;
using Harness.Running;
using Harness.Stages;
using TorchSharp;

namespace Harness.CheckpointEdits;

/// <summary><c>--target=Edit</c>: a user's checkpoint, or a model of the study, edited with a user's facts.</summary>
public sealed record CheckpointEdit
{
    private const long SmallModelBytes = 256L << 20;

    /// <summary>The checkpoint's folder, or a model of the study by name.</summary>
    public required string Model { get; init; }

    /// <summary>What to do with it.</summary>
    public required FactEditRequest Request { get; init; }

    /// <summary>Threads to compute with, at least 1; null leaves the choice to the run.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether the model is a folder, which goes before a model of the study of that name.</summary>
    public bool IsFolder => Directory.Exists(Model);

    /// <summary>Whether the model's name may be one of the study's.</summary>
    public bool MayBeOfStudy => !Model.Contains(Path.DirectorySeparatorChar) && !Model.Contains('/');

    /// <summary>Edits the checkpoint and says how it went.</summary>
    /// <param name="study">Knows the study's own models.</param>
    /// <param name="options">Where the study keeps its files.</param>
    /// <param name="output">Receives what people read.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="InputException">A mistake of the user's, or a damaged file.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public void Run(StageRunner study, RunOptions options, TextWriter output, CancellationToken cancellation)
    {
        var isFolder = IsFolder;
        if (!isFolder)
        {
            GivenInstead.CheckFolder(Model);
            study.CheckModel(Model);
        }

        FactOutput.CheckApart(Request.Out, "--store", options.Store);
        FactOutput.CheckApart(Request.Out, "--results", options.Results);
        var edit = FactEdit.Prepare(Request with { Beside = CellStore.NotesIn });
        var source = isFolder ? Model : study.ModelFolder(Model);
        var taken = !isFolder ? $"{Model} of the study, {source}"
            : study.HasModel(Model) ? $"{source}, the folder here and not the study's model of that name"
            : source;

        // One run, one process: the study's one thread a worker is not meant for it. Small products are done before other threads wake up.
        torch.set_num_threads(Threads ?? (EditedFolder.BytesOf(source) < SmallModelBytes ? 1 : Environment.ProcessorCount));
        try
        {
            var threads = torch.get_num_threads();
            output.WriteLine($"model {taken}; {Counted.Of(threads, "thread")} (--jobs)");
            Write(edit.Run(source, new Lines(output), cancellation), Request, output);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException("Interrupted: nothing was written, and the model's folder is as it was.");
        }
    }

    private static void Write(FactEditResult result, FactEditRequest request, TextWriter output)
    {
        output.WriteLine();
        foreach (var line in FactEditText.Lines(result.Report)) output.WriteLine(line);
        output.WriteLine();
        var changed = result.Report.Changed;
        var (keeps, editor) = (request.Editor.LoadModule is not null, request.Editor.Name);
        output.WriteLine(changed.Count == 0
            ? $"changed: no weights; {editor} answers by what it keeps beside them"
            : $"changed: {string.Join(", ", changed.Take(3))}{(changed.Count > 3 ? $" and {changed.Count - 3} more" : "")}");
        output.WriteLine(request.DeltaOnly
            ? $"written: {Path.Combine(request.Out, FactOutput.DeltaFile)} and {FactOutput.DeltaReportFile}, "
                + (keeps ? $"with what {editor} keeps beside the weights, for this harness"
                    : "the changes before they are rounded to the files' dtype")
            : $"written: {request.Out}, a whole model folder; {FactOutput.ReportFile} in it tells all of the above");
        foreach (var line in FactEditText.Remarks(result)) output.WriteLine(line);
        var times = result.Seconds.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Part} {part.Seconds:0.0} s"));
        using var process = Process.GetCurrentProcess();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
                $"{string.Join(", ", times)}; peak resident memory {process.PeakWorkingSet64 / (double)(1 << 30):0.00} GiB"));
    }

    private sealed class Lines(TextWriter output) : IProgress<string>
    {
        public void Report(string value)
        {
            output.WriteLine(value);
            output.Flush();
        }
    }
}
