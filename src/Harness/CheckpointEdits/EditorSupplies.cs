using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Statistics;
using Harness.Running;

namespace Harness.CheckpointEdits;

/// <summary>
/// What an editor is given besides the facts: key statistics over running text, examples, and what it has learnt from them.
/// </summary>
internal sealed class EditorSupplies : IDisposable
{
    private readonly FactEditRequest request;
    private readonly object options;
    private readonly IProgress<string> progress;
    private readonly PartTimes times;
    private KeyMoments? moments;
    private DirectoryInfo? trained;

    private EditorSupplies(FactEditRequest request, object options, EditSession session, IProgress<string> progress, PartTimes times)
    {
        (this.request, this.options, this.progress, this.times) = (request, options, progress, times);
        Session = session;
    }

    /// <summary>The session, with all of it.</summary>
    public EditSession Session { get; private set; }

    /// <summary>Tokens of running text over which key statistics were taken.</summary>
    public long StatisticsTokens => moments?.Tokens ?? 0;

    /// <summary>Collects what the editor needs, and trains what it learns.</summary>
    /// <param name="request">Names the editor and the files.</param>
    /// <param name="options">The editor's options.</param>
    /// <param name="session">What is there already: model, tokenizer, seed.</param>
    /// <param name="texts">Running text.</param>
    /// <param name="examples">Facts that are not edited, as questions to the model; null where there are none.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="times">Told how long it takes.</param>
    public static EditorSupplies Collect(
        FactEditRequest request, object options, EditSession session, IReadOnlyList<string> texts, FactExam? examples,
            IProgress<string> progress,
        PartTimes times)
    {
        var supplies = new EditorSupplies(request, options, session, progress, times);
        try
        {
            if (request.Editor.StatisticsLayers(options) is { Count: > 0 } layers) supplies.TakeStatistics(layers, texts);
            if (examples is not null) supplies.TakeExamples(examples);
            if (request.Editor.Training is { } training) supplies.Train(training);
            return supplies;
        }
        catch
        {
            supplies.Dispose();
            throw;
        }
    }

    /// <summary>Frees the statistics, and removes what was learnt.</summary>
    public void Dispose()
    {
        moments?.Dispose();
        trained?.Delete(recursive: true);
    }

    private void TakeStatistics(IReadOnlyList<int> layers, IReadOnlyList<string> texts)
    {
        var (model, width) = (Session.Model, Session.Model.Config.MlpWidth);
        var data = new FactData { Cases = [], Knowledge = [], Recall = [], Texts = texts };
        moments = times.Take("key statistics", () => KeyMoments.Collect(
            model, Session.Tokenizer, data, layers, FactEdit.StatisticsTokens, request.Seed, Session.Progress!, Session.Cancellation));
        Session = Session with { Statistics = moments };
        progress.Report(
            $"key statistics of layer {string.Join(", ", layers)} over {moments.Tokens} tokens of {request.Texts} " +
                $"({FactEdit.StatisticsTokens} wanted)");
        if (moments.Tokens < width)
            progress.Report($"warning: fewer tokens than a key has elements ({width}); " +
                "give more text for a covariance that can be relied on");
    }

    private void TakeExamples(FactExam examples)
    {
        progress.Report($"asking the examples of {request.Examples}, for the answers that it leaves open");
        Session = Session with { Examples = times.Take("answering examples", () => examples.Examples(Session.Cancellation)) };
    }

    private void Train(EditorTraining training)
    {
        progress.Report($"training {request.Editor.Name} on {Counted.Of(Session.Examples.Count, "example")}");
        trained = Directory.CreateTempSubdirectory("harness-edit-");
        var file = Path.Combine(trained.FullName, "training.safetensors");
        Session = times.Take("training", () =>
        {
            training.Run(training.OptionsOf(options), Session, file);
            return Session with { TrainedFile = file };
        });
    }
}
