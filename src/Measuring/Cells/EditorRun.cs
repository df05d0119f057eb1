using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Measuring.Statistics;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Cells;

/// <summary>A cell's model and data, and sessions for editors on them.</summary>
internal sealed class EditorRun : IDisposable
{
    public const string StatisticsFile = "statistics.safetensors", TrainingFile = "training.safetensors";
    private readonly CellRequest request;
    private readonly IProgress<string> progress;
    private readonly CancellationToken cancellation;
    private readonly KeyMoments? moments;

    /// <summary>Loads what the cell's inputs hold.</summary>
    public EditorRun(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        (this.request, this.progress, this.cancellation) = (request, progress, cancellation);
        (Model, Tokenizer) = request.LoadModel(progress);
        var data = FactDataFolder.Read(request.Input("dataset"));
        Data = data with { Cases = Scorer.WithOldAnswers(data.Cases, new EditedModel(Model), Tokenizer, cancellation) };
        moments = request.Inputs.TryGetValue("statistics", out var folder) ? KeyMoments.Load(Path.Combine(folder, StatisticsFile)) : null;
    }

    public FactData Data { get; }

    public Transformer Model { get; }

    public BpeTokenizer Tokenizer { get; }

    /// <summary>The cases that are edited: the data set's first ones.</summary>
    public IReadOnlyList<EditCase> Cases(int? edits) => edits is { } count ? [.. Data.Cases.Take(count)] : Data.Cases;

    /// <summary>A session; <paramref name="trainingRole"/> is the input with what the editor has learnt.</summary>
    public EditSession Session(Action<IReadOnlyList<EditRequest>, EditModule?>? afterBatch = null, string trainingRole = "training") =>
        new()
        {
            Model = Model,
            Tokenizer = Tokenizer,
            Seed = request.Seed,
            Statistics = moments,
            Examples = [.. Data.Examples.Select(Example)],
            TrainedFile = request.Inputs.TryGetValue(trainingRole, out var folder) ? Path.Combine(folder, TrainingFile) : null,
            AfterBatch = afterBatch,
            Progress = progress,
            Cancellation = cancellation,
        };

    /// <summary>An editor under options that are stored as JSON.</summary>
    public static IEditor Editor(string name, JsonObject options)
    {
        var descriptor = EditorRegistry.Find(name);
        return descriptor.Create(Options(options, descriptor.OptionsType));
    }

    /// <summary>An options record out of JSON.</summary>
    public static object Options(JsonObject json, Type type) => json.Deserialize(type, CanonicalJson.Settings)!;

    /// <summary>A case as an editor is given it.</summary>
    public static EditRequest Request(EditCase edit) => new(edit.Id, edit.Subject, edit.Prompt, edit.TargetNew, edit.TargetOld);

    public void Dispose()
    {
        moments?.Dispose();
        Model.Dispose();
    }

    private static EditExample Example(EditCase fact) =>
        new(Request(fact), fact.Rephrases, [.. fact.Locality.Select(question => (question.Prompt, question.Answer))]);
}
