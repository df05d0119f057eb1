using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using Harness.Models.Training;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Model cell trained here.</summary>
public sealed record ModelOptions : ICellOptions<ModelCell>
{
    /// <summary>Shape; its vocabulary size is replaced by the tokenizer's.</summary>
    public required TransformerConfig Shape { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Training { get; init; }
}

/// <summary>
/// Options of a Model cell that imports a published model. The cell holds import.json, not the model.
/// </summary>
public sealed record ImportOptions : ICellOptions<ModelCell>
{
    /// <summary>Which model.</summary>
    public required HubModelOptions Import { get; init; }

    /// <summary>
    /// SHA-256 over the files of a local model, or null for what the hub has at the revision: another local model is another cell.
    /// </summary>
    public string? Content { get; init; }
}

/// <summary>
/// What a Model cell is made from: a data set, whose facts it is trained on or whose old answers a published one is asked for, and, where
/// it is trained here, a tokenizer.
/// </summary>
public sealed record ModelInputs<T>(T Dataset, T? Tokenizer = null) : ICellInputs<ModelCell, T>
    where T : class;

/// <summary>How many of the original model's facts it answers by itself before any edit, every target token the argmax (tf-all).</summary>
/// <param name="Recalled">Questions answered with the old answer.</param>
/// <param name="Asked">Questions asked.</param>
/// <param name="Unseen">
/// The same of questions that it was not taught, by the metric whose ceiling it is (<see cref="UnseenQuestion"/>); null where there are
/// none.
/// </param>
public sealed record Recall(
    int Recalled, int Asked,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, Recall>? Unseen = null)
{
    /// <summary>Where a Model cell keeps it.</summary>
    public const string FileName = "recall.json";

    /// <summary>Whether a folder holds one.</summary>
    public static bool IsIn(string folder)
    {
        try
        {
            return Read(folder) is not null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads it from a Model cell's folder.</summary>
    public static Recall Read(string modelFolder) => CanonicalJson.FromText<Recall>(File.ReadAllText(Path.Combine(modelFolder, FileName)));
}

/// <summary>
/// The original model of a table: a Hugging Face folder, or import.json where it is published, and recall.json.
/// </summary>
public sealed class ModelCell : Cell<JsonObject, ModelInputs<string>>
{
    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Model;

    /// <inheritdoc/>
    protected override void Run(JsonObject options, ModelInputs<string> inputs, CellRun run)
    {
        var data = FactDataFolder.Read(inputs.Dataset);
        if (options.ContainsKey("import"))
        {
            ModelFolder.Import(CanonicalJson.FromNode<ImportOptions>(options), run);
            var (model, tokenizer) = ModelFolder.Load(run.Request.OutputFolder, run);
            using var loaded = model;
            WriteRecall(data, model, tokenizer, run);
        }
        else
        {
            Train(CanonicalJson.FromNode<ModelOptions>(options), inputs, data, run);
        }
    }

    private static void Train(ModelOptions options, ModelInputs<string> inputs, FactData data, CellRun run)
    {
        var tokenizer = BpeTokenizer.Load(Path.Combine(
            inputs.Tokenizer ?? throw new InvalidOperationException("a model to train without a tokenizer"), TokenizerCell.FileName));
        var shape = options.Shape with { VocabularySize = tokenizer.VocabularySize };
        using var model = Transformer.Create(shape, SeededRandom.Derive(run.Seed, "model/init"));
        var examples = data.Knowledge.Select(
            question => TargetEncoding.Encode(tokenizer, question.Prompt, question.Answer, appendEos: true))
            .Concat(data.Texts.Select(text => TextSequence(tokenizer, text, shape.MaxPositions)).OfType<Sequence>())
            .ToArray();
        Trainer.Train(model, examples, options.Training, SeededRandom.Derive(run.Seed, "model/training"), run.Progress, run.Cancellation);
        model.Save(run.Request.OutputFolder, tokenizer);
        WriteRecall(data, model, tokenizer, run);
    }

    private static void WriteRecall(FactData data, Transformer model, BpeTokenizer tokenizer, CellRun run)
    {
        var scorer = new Scorer(new EditedModel(model), tokenizer, new ScoringOptions(Protocol.TfAll));
        var unseen = data.Unseen.GroupBy(question => question.Metric).ToDictionary(
            group => group.Key, group => Of([.. group.Select(question => new Question(question.Prompt, question.Answer))]));
        var recall = Of(data.Recall) with { Unseen = unseen.Count > 0 ? unseen : null };
        DurableFile.WriteText(run.Output(Recall.FileName), CanonicalJson.ToText(recall) + "\n");
        run.Progress.Report($"recalls {recall.Recalled} of {recall.Asked}");

        Recall Of(IReadOnlyList<Question> questions) => new(scorer.Answers(questions).Count(score => score == 1), questions.Count);
    }

    // Running text: every token behind the first is a target, cut to the model's length.
    private static Sequence? TextSequence(BpeTokenizer tokenizer, string text, int maxPositions)
    {
        int[] ids = [.. tokenizer.Prefix.Concat(tokenizer.EncodeToIds(text)).Take(maxPositions)];
        return ids.Length > 1 ? new Sequence(ids, 1) : null;
    }
}

/// <summary>
/// Where the model of a Model cell lies: in the cell's folder, or, for an imported one, where import.json says that it is from.
/// </summary>
public static class ModelFolder
{
    private const string FileName = "import.json";
    private const long CpuCache = 4L << 30;

    /// <summary>The folder of the model of a Model cell. An imported one is what it was when it was imported.</summary>
    /// <param name="cellFolder">The cell's folder.</param>
    /// <param name="published">Finds published models.</param>
    /// <param name="log">Told what is done and how far it is.</param>
    /// <exception cref="InputException">The imported model is nowhere, or a file of it was changed.</exception>
    public static string Of(string cellFolder, IPublished published, Action<string> log) =>
        IsImported(cellFolder) ? published.Folder(Read(Path.Combine(cellFolder, FileName)), log) : cellFolder;

    /// <summary>Whether a Model cell's folder holds an import and not the model.</summary>
    internal static bool IsImported(string cellFolder) => File.Exists(Path.Combine(cellFolder, FileName));

    /// <summary>Loads the model and the tokenizer of a Model cell's folder; the caller disposes the model.</summary>
    internal static (Transformer Model, BpeTokenizer Tokenizer) Load(string cellFolder, CellRun run)
    {
        var folder = Of(cellFolder, run.Request.Published, run.Progress.Report);

        // A published model may be larger than memory: what no editor touches stays in its files, and in their dtype.
        var device = run.Request.Device;
        var options = new LoadOptions
        {
            Device = new(device),
            Streamed = IsImported(cellFolder),
            CacheBytes = device == "cpu" ? CpuCache : long.MaxValue,
        };
        return (Transformer.Load(folder, options), BpeTokenizer.LoadFolder(folder));
    }

    /// <summary>Finds a model, downloading it if it must be, and notes in the cell's folder what it is.</summary>
    internal static void Import(ImportOptions options, CellRun run) => DurableFile.WriteText(
        run.Output(FileName), CanonicalJson.ToText(run.Request.Published.Import(options, run.Progress.Report)) + "\n");

    private static PublishedModel Read(string file)
    {
        try
        {
            return CanonicalJson.FromText<PublishedModel>(File.ReadAllText(file));
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            throw new InputException(
                $"{file}: found no import ({cause.Message}), expected id, revision and files; delete the cell's folder and run again",
                    cause);
        }
    }
}
