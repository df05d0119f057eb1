using System.Text.Json.Nodes;
using Harness.Downloads;
using Harness.Measuring.Cells;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Downloads;

/// <summary>Model cells that import, with HARNESS_MODELS pointing at a folder of the test.</summary>
public sealed class ImportTests : IDisposable
{
    private static readonly HubModelOptions Tiny = new() { Id = "org/tiny", Revision = new string('a', 40) };

    private readonly string root = Directory.CreateTempSubdirectory("import").FullName;
    private readonly string? models = Environment.GetEnvironmentVariable(HubModel.ModelsVariable);
    private readonly string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");

    public ImportTests()
    {
        Environment.SetEnvironmentVariable(HubModel.ModelsVariable, root);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Path.Combine(root, "cache"));
        var data = new FactData
        {
            Cases =
            [
                new EditCase
                {
                    Id = 0, Subject = "Ann", Prompt = "Ann lives in", TargetNew = "Rome", TargetOld = "Paris",
                    Rephrases = ["The home of Ann is"], Locality = [new Question("Bob eats", "fish")],
                },
            ],
            Knowledge = [new Question("Ann lives in", "Paris")],
            Recall = [new Question("Ann lives in", "Paris")],
            Texts = ["one two three four five six seven eight"],
        };
        FactDataFolder.Write(data, Folder("dataset"));
        SaveModel(seed: 1);
    }

    private string Model => Path.Combine(root, "org", "tiny");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(HubModel.ModelsVariable, models);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void An_import_notes_what_the_model_is_and_later_cells_load_it_from_its_own_place()
    {
        var model = Import();
        Assert.Equal(["import.json", "recall.json"],
            Directory.GetFiles(model).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal(1, Recall.Read(model).Asked);
        var files = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "import.json")))!["files"]!.AsArray();
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], files.Select(file => (string?)file!["path"]).Where(name =>
            name is "config.json" or "model.safetensors" or "tokenizer.json"));
        Assert.DoesNotContain(root, File.ReadAllText(Path.Combine(model, "import.json")), StringComparison.Ordinal);

        Run(CellKind.Statistics, "statistics", new StatisticsOptions { Layers = [0], Tokens = 4 });
        Run(CellKind.Edit, "edit",
            new EditOptions { Editor = "ft-c", Options = JsonNode.Parse("""{ "layer": 0, "tuning": { "epochs": 1 } }""")!.AsObject() });
        var score = Run(CellKind.Score, "score", new ScoreOptions { Scoring = new ScoringOptions(Protocol.TfToken) });
        Assert.Single(CaseLines.ReadCases(score));
    }

    [Fact]
    public void Another_model_than_the_planned_one_is_an_error()
    {
        var planned = HubModel.ContentOf(Tiny, Quiet);
        SaveModel(seed: 2);
        Assert.Contains($"expected a local model with content {planned} as planned", Error(() => Import(planned)));
        Assert.Contains("expected the hub's model as planned", Error(() => Import(null)));
    }

    [Fact]
    public void A_model_that_changed_after_its_import_is_an_error_that_names_the_file()
    {
        Import();
        SaveModel(seed: 2);
        var error = Error(() => Run(CellKind.Score, "score", new ScoreOptions { Scoring = new ScoringOptions(Protocol.TfToken) }));
        Assert.StartsWith($"{Path.Combine(Model, "model.safetensors")}: found ", error);
        Assert.EndsWith(
            "as when org/tiny@aaaaaaaa was imported; run again to compute with the model as it is now, or bring the file back", error);
    }

    private string Import() => Import(HubModel.ContentOf(Tiny, Quiet));

    private string Import(string? content) => Run(CellKind.Model, "model", new ImportOptions { Import = Tiny, Content = content });

    private string Run(CellKind kind, string name, object options)
    {
        var inputs = ((string[])["dataset", "model"]).Where(role => role != name).ToDictionary(role => role, Folder);
        var request = new CellRequest
        {
            Kind = kind,
            Options = CanonicalJson.ToNode(options)!.AsObject(),
            Seed = 1,
            Inputs = inputs,
            OutputFolder = Folder(name),
            Published = new Published(),
        };
        CellRunner.Run(request, new Progress<string>(), default);
        return request.OutputFolder;
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(root, "cells", name)).FullName;

    private void SaveModel(long seed)
    {
        var tokenizer = BpeTokenizer.Train(["Ann lives in Paris", "Bob eats fish", "The home of Ann is Rome", "one two three four"], 300);
        using var model = Transformer.Create(new TransformerConfig
        {
            Family = "llama",
            VocabularySize = tokenizer.VocabularySize,
            Width = 16,
            MlpWidth = 24,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 2,
            MaxPositions = 32,
        }, seed);
        model.Save(Directory.CreateDirectory(Model).FullName, tokenizer);
    }

    private static void Quiet(string line) { }

    private static string Error(Action action) => Assert.Throws<InputException>(action).Message;
}
