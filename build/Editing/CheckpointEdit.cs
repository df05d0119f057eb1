using System.Diagnostics;
using System.Globalization;
using Harness.Build.Options;
using Harness.Build.Studies;
using Harness.CheckpointEdits;
using Harness.Models.Checkpoints;
using Harness.Running;
using TorchSharp;

namespace Harness.Build.Editing;

/// <summary>Runs <c>--target=Edit</c> and says how it went.</summary>
public static class CheckpointEdit
{
    private const long SmallModelBytes = 256L << 20;

    /// <summary>Edits the checkpoint that the options name.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="study">Knows the study's own models.</param>
    /// <param name="output">Receives what people read.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="InputException">A mistake of the user's, or a damaged file.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static void Run(HarnessOptions options, Study study, TextWriter output, CancellationToken cancellation)
    {
        var command = options.Edit!;
        var isFolder = Directory.Exists(command.Model);
        if (!isFolder)
        {
            GivenInstead.CheckFolder(command.Model);
            study.CheckModel(command.Model);
        }

        FactOutput.CheckApart(command.Request.Out, "--store", options.Store);
        FactOutput.CheckApart(command.Request.Out, "--results", options.Results);
        var edit = FactEdit.Prepare(command.Request with { Beside = CellStore.NotesIn });
        var source = isFolder ? command.Model : study.ModelFolder(command.Model);
        var taken = !isFolder ? $"{command.Model} of the study, {source}"
            : study.HasModel(command.Model) ? $"{source}, the folder here and not the study's model of that name"
            : source;

        // One run, one process: the study's one thread a worker is not meant for it. Small products are done before other threads wake up.
        torch.set_num_threads(command.Threads ?? (EditedFolder.BytesOf(source) < SmallModelBytes ? 1 : Environment.ProcessorCount));
        try
        {
            var threads = torch.get_num_threads();
            output.WriteLine($"model {taken}; {threads} {(threads == 1 ? "thread" : "threads")} (--jobs)");
            Write(edit.Run(source, new Lines(output), cancellation), command.Request, output);
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
