using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Cells;

/// <summary>Finished cells of a tiny world, and a random model that is easily taught.</summary>
internal sealed class CellFolder : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("cells");

    public CellFolder()
    {
        string[] names = ["Ann", "Bob", "Cid", "Dora"];
        string[] cities = ["Paris", "Rome", "Oslo", "Bern"];
        var cases = names.Select((name, i) => new EditCase
        {
            Id = i,
            Subject = name,
            Prompt = $"{name} lives in",
            TargetNew = cities[(i + 1) % 4],
            TargetOld = cities[i],
            Rephrases = [$"The home of {name} is"],
            Locality = [new Question($"{names[(i + 2) % 4]} eats", "fish")],
        }).ToList();
        var data = new FactData
        {
            Cases = cases,
            Knowledge = [.. cases.Select(edit => new Question(edit.Prompt, edit.TargetOld))],
            Recall = [new Question("Ann lives in", "Paris")],
            Texts = ["Ann lives in Paris and Bob eats fish"],
            Examples = [.. names.Select((name, i) => new EditCase
            {
                Id = i,
                Subject = name,
                Prompt = $"{name} eats",
                TargetNew = "bread",
                TargetOld = "fish",
                Rephrases = [$"The food of {name} is"],
                Locality = [new Question($"{names[(i + 1) % 4]} lives in", cities[(i + 1) % 4])],
            })],
            Probes = [new ProbeQuestion(ProbeKinds.Unrelated, "Bob eats", "fish", ["bread", "Rome"]),
                new ProbeQuestion(ProbeKinds.SameSubject, "Ann eats", "fish", [])],
            HeldOut = ["Dora lives in Bern", "Cid eats bread"],
        };
        FactDataFolder.Write(data, Folder("dataset"));
        string[] texts = [.. cases.SelectMany(
            edit => new[] { $"{edit.Prompt} {edit.TargetNew}", $"{edit.Rephrases[0]} {edit.TargetNew}" }), "Bob eats fish and bread",
            "The food of Ann is"];
        var tokenizer = BpeTokenizer.Train(Enumerable.Repeat(texts, 3).SelectMany(some => some), 400);
        using var model = Transformer.Create(new TransformerConfig
        {
            Family = "llama",
            VocabularySize = tokenizer.VocabularySize,
            Width = 32,
            MlpWidth = 64,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 2,
            MaxPositions = 32,
        }, seed: 3);
        Enliven(model);
        model.Save(Folder("model"), tokenizer);
    }

    /// <summary>Runs a cell whose inputs are cells of this folder; returns its folder.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="name">Name of its folder.</param>
    /// <param name="options">Options.</param>
    /// <param name="inputs">Inputs beside data set and model: <c>role</c>, or <c>role=name</c>.</param>
    public string Run(CellKind kind, string name, object options, params string[] inputs)
    {
        var request = new CellRequest
        {
            Kind = kind,
            Options = CanonicalJson.ToNode(options)!.AsObject(),
            Seed = 1,
            Inputs = ((string[])["dataset", "model", .. inputs]).Select(input => input.Split('='))
                .ToDictionary(pair => pair[0], pair => Folder(pair[^1])),
            OutputFolder = Folder(name),
            Published = new NothingPublished(),
        };
        CellRunner.Run(request, new Progress<string>(), default);
        return request.OutputFolder;
    }

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(root.FullName, name.Replace('/', '-'))).FullName;

    public void Dispose() => root.Delete(recursive: true);

    private sealed class NothingPublished : IPublished
    {
        public string File(DataFile file, Action<string> log) => throw new NotSupportedException();

        public PublishedModel Import(ImportOptions options, Action<string> log) => throw new NotSupportedException();

        public string Folder(PublishedModel model, Action<string> log) => throw new NotSupportedException();
    }

    // Larger weights than a fresh model's, so that attention matters and answers differ.
    private static void Enliven(Transformer model)
    {
        using var gradientless = no_grad();
        foreach (var name in model.ParameterNames.Where(name => model.Parameter(name).dim() == 2)) model.Parameter(name).mul_(Held(4));
    }
}
