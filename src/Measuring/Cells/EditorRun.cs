using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Measuring.Statistics;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Cells;

/// <summary>The model and data of a cell that edits or measures, and sessions for editors on them.</summary>
internal sealed class EditorRun : IDisposable
{
    private readonly CellRun run;
    private readonly KeyMoments? moments;

    /// <summary>Loads what the cell's inputs hold.</summary>
    public EditorRun(CellRun run, string dataset, string model, string? statistics = null)
    {
        this.run = run;
        (Model, Tokenizer) = ModelFolder.Load(model, run);
        var data = FactDataFolder.Read(dataset);
        Data = data with { Cases = Scorer.WithOldAnswers(data.Cases, new EditedModel(Model), Tokenizer, run.Cancellation) };
        moments = statistics is null ? null : KeyMoments.Load(Path.Combine(statistics, StatisticsCell.FileName));
    }

    public FactData Data { get; }

    public Transformer Model { get; }

    public BpeTokenizer Tokenizer { get; }

    /// <summary>The cases that are edited: the data set's first ones.</summary>
    public IReadOnlyList<EditCase> Cases(int? edits) => edits is { } count ? [.. Data.Cases.Take(count)] : Data.Cases;

    /// <summary>A session.</summary>
    /// <param name="training">Folder of the Training cell with what the editor has learnt, or null.</param>
    /// <param name="afterBatch">Called after each batch of edits.</param>
    public EditSession Session(string? training = null, Action<IReadOnlyList<EditRequest>, EditModule?>? afterBatch = null) => new()
    {
        Model = Model,
        Tokenizer = Tokenizer,
        Seed = run.Seed,
        Statistics = moments,
        Examples = [.. Data.Examples.Select(Example)],
        TrainedFile = training is null ? null : Path.Combine(training, TrainingCell.FileName),
        AfterBatch = afterBatch,
        Progress = run.Progress,
        Cancellation = run.Cancellation,
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
