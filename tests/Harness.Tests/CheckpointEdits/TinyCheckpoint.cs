using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.CheckpointEdits;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

/// <summary>A random three-layer model in a temporary folder, with a tokenizer, facts and texts that fit it.</summary>
internal sealed class TinyCheckpoint : IDisposable
{
    public const string Lines = """
        {"prompt": "Ada Byron was born in", "target": "Paris", "subject": "Ada Byron", "rephrase": "The birthplace of Ada Byron is", "locality": ["Alan Turing was born in"]}
        {"prompt": "The mother tongue of Alan Turing is", "target": "Dutch", "subject": "Alan Turing", "locality": {"prompt": "Grace Hopper speaks", "answer": "English"}}
        """;

    public const string ExampleLines = """
        {"prompt": "Grace Hopper speaks", "target": "Dutch", "rephrase": "The mother tongue of Grace Hopper is", "locality": ["Ada Byron speaks"]}
        {"prompt": "Alan Turing was born in", "target": "Paris", "rephrase": "The birthplace of Alan Turing is", "locality": {"prompt": "Grace Hopper was born in", "answer": "London"}}
        """;

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    /// <summary>Makes the folder.</summary>
    /// <param name="family">The model's family.</param>
    /// <param name="dtype">Dtype of the file's tensors.</param>
    /// <param name="tied">Whether the embedding is the head.</param>
    public TinyCheckpoint(string family = "llama", ScalarType dtype = ScalarType.Float32, bool tied = false)
    {
        Directory.CreateDirectory(Model);
        File.WriteAllText(FactsFile, Lines + "\n");
        File.WriteAllText(ExamplesFile, ExampleLines + "\n");
        string[] texts = [.. FactFile.Read(FactsFile).Select(fact => $"{fact.Prompt} {fact.Target}."), "Grace Hopper speaks English.",
            "Alan Turing was born in London."];
        File.WriteAllLines(TextsFile, Enumerable.Repeat(texts, 4).SelectMany(some => some));
        var tokenizer = BpeTokenizer.Train(Enumerable.Repeat(texts, 3).SelectMany(some => some), 600);
        using var model = Transformer.Create(Shape(family, tokenizer.VocabularySize) with { TiedHead = tied }, seed: 3);
        Enliven(model);
        model.Save(Model, tokenizer);
        if (dtype != ScalarType.Float32) Convert(dtype);
    }

    public string Model => Path.Combine(root.FullName, "model");

    public string Weights => Path.Combine(Model, "model.safetensors");

    public string FactsFile => Path.Combine(root.FullName, "facts.jsonl");

    public string ExamplesFile => Path.Combine(root.FullName, "examples.jsonl");

    public string TextsFile => Path.Combine(root.FullName, "texts.txt");

    public string Out => Path.Combine(root.FullName, "out");

    /// <summary>A request that learns fast.</summary>
    public FactEditRequest Request(string editor, params string[] assignments) => new()
    {
        Facts = FactsFile,
        Editor = EditorRegistry.Find(editor),
        Assignments = assignments,
        Bind = Bind,
        Out = Out,
        Texts = EditorRegistry.Find(editor).NeedsSubject ? TextsFile : null,
        Examples = EditorRegistry.Find(editor).Examples == ExampleUse.None ? null : ExamplesFile,
    };

    /// <summary>Runs a request.</summary>
    public FactEditResult Run(FactEditRequest request, CancellationToken cancellation = default) =>
        FactEdit.Prepare(request).Run(Model, new Silence(), cancellation);

    /// <summary>What a model in a folder answers.</summary>
    public IReadOnlyList<string> Answers(Transformer model, EditModule? module = null) =>
        Exam(model).After(module, CancellationToken.None).Answers;

    public FactExam Exam(Transformer model) =>
        new(model, BpeTokenizer.LoadFolder(Model), FactFile.Read(FactsFile), FactsFile, answerTokens: null);

    /// <summary>Contents of a folder's files by name.</summary>
    public static SortedDictionary<string, string> Bytes(string folder) => new(Directory.GetFiles(folder)
        .ToDictionary(file => Path.GetFileName(file), file => System.Convert.ToHexString(File.ReadAllBytes(file))), StringComparer.Ordinal);

    public void Dispose() => root.Delete(recursive: true);

    private static TransformerConfig Shape(string family, int vocabulary) => new()
    {
        Family = family,
        // More rows than tokens, as published models have them.
        VocabularySize = vocabulary + 20,
        Width = 32,
        MlpWidth = family == "llama" ? 64 : 128,
        Layers = 3,
        Heads = 4,
        KeyValueHeads = 4,
        MaxPositions = 64,
    };

    // Larger weights than a fresh model's, so that attention matters and answers differ.
    private static void Enliven(Transformer model)
    {
        using var gradientless = no_grad();
        foreach (var name in model.ParameterNames.Where(name => model.Parameter(name).dim() == 2)) model.Parameter(name).mul_(Held(5));
    }

    private void Convert(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors;
        using (var stored = SafetensorsFile.Open(Weights)) tensors = [.. stored.Names.Select(name => (name, stored.Read(name).to(dtype)))];
        SafetensorsFile.Write(Weights, tensors);
    }

    // "editor.part.option=value", the value JSON or a name: what the command line binds as YAML.
    private static object Bind(EditorDescriptor editor, IReadOnlyList<string> assignments)
    {
        var options = new JsonObject();
        foreach (var (path, value) in assignments.Select(text => text.Split('=', 2)).Select(pair => (pair[0].Split('.')[1..], pair[1])))
        {
            var owner = path[..^1].Aggregate(options, (map, key) => (JsonObject)(map[key] ??= new JsonObject()));
            owner[path[^1]] = char.IsLetter(value[0]) ? value : JsonNode.Parse(value);
        }

        return options.Deserialize(editor.OptionsType, CanonicalJson.Settings)!;
    }

    private sealed class Silence : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
