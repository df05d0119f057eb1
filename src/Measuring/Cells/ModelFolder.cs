using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Measuring.Data;
using Harness.Measuring.Data.Hub;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Cells;

/// <summary>
/// Where the model of a Model cell lies: in the cell's folder, or, for an imported one, where import.json says that it is from.
/// </summary>
public static class ModelFolder
{
    private const string FileName = "import.json";
    private const long CpuCache = 4L << 30;

    /// <summary>Whether a Model cell's options import a model.</summary>
    internal static bool IsImport(JsonObject options) => options.ContainsKey("import");

    /// <summary>Whether a Model cell's folder holds an import and not the model.</summary>
    internal static bool IsImported(string cellFolder) => File.Exists(Path.Combine(cellFolder, FileName));

    /// <summary>Loads the model and the tokenizer of a cell's input <c>model</c>; the caller disposes the model.</summary>
    internal static (Transformer Model, BpeTokenizer Tokenizer) LoadModel(this CellRequest request, IProgress<string> progress) =>
        request.LoadModel(request.Input("model"), progress);

    /// <summary>The same from a Model cell's folder.</summary>
    internal static (Transformer Model, BpeTokenizer Tokenizer) LoadModel(
        this CellRequest request, string cellFolder, IProgress<string> progress)
    {
        var folder = Of(cellFolder, progress.Report);

        // A published model may be larger than memory: what no editor touches stays in its files, and in their dtype.
        var options = new LoadOptions
        {
            Device = new(request.Device),
            Streamed = IsImported(cellFolder),
            CacheBytes = request.Device == "cpu" ? CpuCache : long.MaxValue
        };
        return (Transformer.Load(folder, options), BpeTokenizer.LoadFolder(folder));
    }

    /// <summary>Finds a model, downloading it if it must be, and notes in a cell's folder what it is.</summary>
    /// <exception cref="InputException">It is nowhere, is no model, or is not the one that was planned.</exception>
    internal static void Import(ImportOptions options, string cellFolder, Action<string> log)
    {
        var folder = HubModel.Resolve(options.Import, log);
        if (HubModel.ContentOf(options.Import, log) is var found && found != options.Content)
        {
            throw new InputException(
                $"{folder}: found {NameOf(found)}, expected {NameOf(options.Content)} as planned: the model was changed " +
                "during this run; run again");
        }

        var files = ModelFiles.Of(folder, FileHashes.Current(), log);
        DurableFile.WriteText(Path.Combine(cellFolder, FileName),
            CanonicalJson.ToText(new Imported(options.Import.Id, options.Import.Revision, files)) + "\n");
    }

    /// <summary>The folder of the model of a Model cell. An imported one is what it was when it was imported.</summary>
    /// <param name="cellFolder">The cell's folder.</param>
    /// <param name="log">Told what is done and how far it is.</param>
    /// <exception cref="InputException">The imported model is nowhere, or a file of it was changed.</exception>
    public static string Of(string cellFolder, Action<string> log)
    {
        var file = Path.Combine(cellFolder, FileName);
        if (!IsImported(cellFolder)) return cellFolder;
        var imported = Read(file);
        var model = new HubModelOptions { Id = imported.Id, Revision = imported.Revision };
        var folder = HubModel.Resolve(model, log);
        foreach (var expected in imported.Files)
        {
            if (ModelFiles.Of(folder, expected.Path, FileHashes.Current(), log) is var found && found == expected) continue;
            var advice = folder.StartsWith(CacheFolder.Current(), StringComparison.Ordinal)
                ? "delete the file to download it again"
                : "run again to compute with the model as it is now, or bring the file back";
            throw new InputException(
                $"{Path.Combine(folder, expected.Path)}: found {found.Size} bytes with SHA-256 {found.Sha256}, expected " +
                $"{expected.Size} with {expected.Sha256} as when {model} was imported; {advice}");
        }

        return folder;
    }

    private static string NameOf(string? content) => content is null ? "the hub's model" : $"a local model with content {content}";

    private static Imported Read(string file)
    {
        try
        {
            return CanonicalJson.FromText<Imported>(File.ReadAllText(file));
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            throw new InputException($"{file}: found no import ({cause.Message}), expected id, revision and files; " +
                "delete the cell's folder and run again", cause);
        }
    }

    private sealed record Imported(string Id, string Revision, IReadOnlyList<ModelFile> Files);
}
