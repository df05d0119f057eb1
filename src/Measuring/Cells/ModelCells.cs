using System.Text.Json;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using Harness.Models.Training;

namespace Harness.Measuring.Cells;

/// <summary>How many of the original model's facts it answers by itself before any edit, every target token the argmax (tf-all).</summary>
/// <param name="Recalled">Questions answered with the old answer.</param>
/// <param name="Asked">Questions asked.</param>
public sealed record Recall(int Recalled, int Asked)
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

/// <summary>Tokenizer and Model cells: what the original model of the table is made of, or where it is from.</summary>
internal static class ModelCells
{
    public static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        var data = FactDataFolder.Read(request.Input("dataset"));
        if (request.Kind == CellKind.Tokenizer) TrainTokenizer(request, data);
        else if (ModelFolder.IsImport(request.Options)) Import(request, data, progress);
        else TrainModel(request, data, progress, cancellation);
    }

    private static void TrainTokenizer(CellRequest request, FactData data)
    {
        // The new answers are part of the corpus: a real model's vocabulary covers them too, and their pieces must not be bytes.
        var corpus = data.Knowledge.Select(question => $"{question.Prompt} {question.Answer}")
            .Concat(data.Cases.Select(edit => $"{edit.Prompt} {edit.TargetNew}"))
            .Concat(data.Texts);
        BpeTokenizer.Train(corpus, request.OptionsAs<TokenizerOptions>().VocabularySize).Save(request.Output("tokenizer.json"));
    }

    private static void TrainModel(CellRequest request, FactData data, IProgress<string> progress, CancellationToken cancellation)
    {
        var options = request.OptionsAs<ModelOptions>();
        var tokenizer = BpeTokenizer.Load(Path.Combine(request.Input("tokenizer"), "tokenizer.json"));
        var shape = options.Shape with { VocabularySize = tokenizer.VocabularySize };
        using var model = Transformer.Create(shape, SeededRandom.Derive(request.Seed, "model/init"));
        var examples = data.Knowledge.Select(
            question => TargetEncoding.Encode(tokenizer, question.Prompt, question.Answer, appendEos: true))
            .Concat(data.Texts.Select(text => TextSequence(tokenizer, text, shape.MaxPositions)).OfType<Sequence>())
            .ToArray();
        Trainer.Train(model, examples, options.Training, SeededRandom.Derive(request.Seed, "model/training"), progress, cancellation);
        model.Save(request.OutputFolder, tokenizer);
        WriteRecall(request, data, model, tokenizer, progress);
    }

    private static void Import(CellRequest request, FactData data, IProgress<string> progress)
    {
        ModelFolder.Import(request.OptionsAs<ImportOptions>(), request.OutputFolder, progress.Report);
        var (model, tokenizer) = request.LoadModel(request.OutputFolder, progress);
        using var loaded = model;
        WriteRecall(request, data, model, tokenizer, progress);
    }

    private static void WriteRecall(
        CellRequest request, FactData data, Transformer model, BpeTokenizer tokenizer, IProgress<string> progress)
    {
        var recalled = new Scorer(new EditedModel(model), tokenizer, new ScoringOptions(Protocol.TfAll)).Answers(data.Recall)
            .Count(score => score == 1);
        DurableFile.WriteText(request.Output(Recall.FileName), CanonicalJson.ToText(new Recall(recalled, data.Recall.Count)) + "\n");
        progress.Report($"recalls {recalled} of {data.Recall.Count}");
    }

    // Running text: every token behind the first is a target, cut to the model's length.
    private static Sequence? TextSequence(BpeTokenizer tokenizer, string text, int maxPositions)
    {
        int[] ids = [.. tokenizer.Prefix.Concat(tokenizer.EncodeToIds(text)).Take(maxPositions)];
        return ids.Length > 1 ? new Sequence(ids, 1) : null;
    }
}
