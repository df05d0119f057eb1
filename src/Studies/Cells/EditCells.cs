using System.Globalization;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using Harness.Studies.Data;
using Harness.Studies.Statistics;

namespace Harness.Studies.Cells;

/// <summary>Statistics and Edit cells.</summary>
internal static class EditCells
{
    public const string FileName = "edit.safetensors";

    private const string StatisticsFile = "statistics.safetensors";

    public static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        var data = FactDataFolder.Read(request.Input("dataset"));
        var (model, tokenizer) = request.LoadModel(progress);
        using var loaded = model;
        if (request.Kind == CellKind.Statistics) Collect(request, data, model, tokenizer, progress, cancellation);
        else RunEditor(request, data, model, tokenizer, progress, cancellation);
    }

    private static void Collect(
        CellRequest request, FactData data, Transformer model, BpeTokenizer tokenizer, IProgress<string> progress, CancellationToken cancellation)
    {
        var options = request.OptionsAs<StatisticsOptions>();
        // A published model knows running text; only one that was trained here needs the facts that it was trained on.
        var corpus = ModelFolder.IsImported(request.Input("model")) && data.Texts.Count > 0 ? data with { Knowledge = [] } : data;
        using var moments = KeyMoments.Collect(model, tokenizer, corpus, options.Layers, options.Tokens, request.Seed, progress, cancellation);
        moments.Save(request.Output(StatisticsFile));
    }

    private static void RunEditor(
        CellRequest request, FactData data, Transformer model, BpeTokenizer tokenizer, IProgress<string> progress, CancellationToken cancellation)
    {
        var options = request.OptionsAs<EditOptions>();
        var descriptor = EditorRegistry.Find(options.Editor);
        var editor = descriptor.Create(System.Text.Json.JsonSerializer.Deserialize(options.Options, descriptor.OptionsType, CanonicalJson.Settings)!);
        using var moments = request.Inputs.TryGetValue("statistics", out var folder) ? KeyMoments.Load(Path.Combine(folder, StatisticsFile)) : null;
        var session = new EditSession
        {
            Model = model,
            Tokenizer = tokenizer,
            Seed = request.Seed,
            Statistics = moments,
            Progress = progress,
            Cancellation = cancellation,
        };
        EditRequest[] requests = [.. data.Cases.Select(edit => new EditRequest(edit.Id, edit.Subject, edit.Prompt, edit.TargetNew, edit.TargetOld))];
        using var edit = editor.Edit(session, requests);
        edit.Save(request.Output(FileName));
        var figures = edit.Figures.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();
        DurableFile.WriteText(request.Output("edit.json"), CanonicalJson.ToText(figures) + "\n");
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"{edit.Deltas.Count} weight deltas"));
    }
}
