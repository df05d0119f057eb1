using Harness.Declarations;
using Harness.Editing;

namespace Harness.Tests.Declarations;

/// <summary>A small folder of experiments and two editors, for tests.</summary>
public sealed class SampleExperiments : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public sealed record LocatingOptions : IEditorOptions
    {
        public required int Layer { get; init; }
        public Search Value { get; init; } = new(20);
        public IReadOnlyList<string> Validate() => Value.Steps < 1 ? [$"value.steps: found {Value.Steps}, expected at least 1"] : [];
    }

    public sealed record Search(int Steps);

    public sealed record TuningOptions
    {
        public double LearningRate { get; init; } = 1e-3;
    }

    public SampleExperiments()
    {
        Write("datasets.yaml", """
            worlds:
              town: { entities: 120 }
            datasets:
              world-zsre: { world: town, schema: zsre }
              world-counterfact: { world: town, schema: counterfact }
              zsre-500:
                schema: zsre
                file: { address: "https://example.org/zsre.json", mirror: zsre.json, sha256: abc }
                text-count: 30
            """);
        Write("models.yaml", """
            tiny-llama2:
              tokenizer: { vocabulary-size: 1500 }
              statistics-tokens: 20000
              shape: { family: llama, width: 96, mlp-width: 256, layers: 4, heads: 4, key-value-heads: 4, max-positions: 48 }
              training: { epochs: 20 }
            """);
        Write("published/dft.yaml", """
            table1:
              source: "DFT, Table 1"
              zsre: { llama2-7b: { original: { reliability: 43.81 }, rome: { reliability: 43.67, locality: 93.85 } } }
            """);
        Write("names.yaml", """
            models: { llama2-7b: LLaMA-2-7B }
            datasets: { zsre: zsRE, counterfact: CounterFact }
            """);
        Write("dft/table1.yaml", Table1);
    }

    public const string Table1 = """
        target: Table1
        title: Editing two data sets
        source: "DFT, Table 1"
        published: { file: dft.yaml, table: table1 }
        protocol: tf-token
        locality: same-argmax
        metrics: [reliability, generality, locality]
        datasets: [zsre, counterfact]
        models: [llama2-7b]
        claims:
          - { that: full-ft.reliability > rome.reliability, on: every dataset and model }
        scales:
          embedded:
            seeds: [20]
            edits: 100
            datasets: { zsre: world-zsre, counterfact: world-counterfact }
            models: { llama2-7b: tiny-llama2 }
            editors:
              original: {}
              rome: { layer: 2 }
              full-ft: { learning-rate: 2e-3 }
            overrides:
              - { dataset: counterfact, editor: rome, options: { value: { steps: 5 } } }
          small:
            seeds: [1]
            edits: 50
            datasets: { zsre: zsre-500, counterfact: world-counterfact }
            models: { llama2-7b: tiny-llama2 }
            editors: { original: {}, rome: { layer: 1 } }
        """;

    public static IReadOnlyList<EditorDescriptor> Registry { get; } =
    [
        new("rome", typeof(LocatingOptions), _ => throw new NotSupportedException(), options => [((LocatingOptions)options).Layer]),
        new("full-ft", typeof(TuningOptions), _ => throw new NotSupportedException(), _ => []),
    ];

    public string Folder => Path.Combine(folder.Path, "experiments");

    public void Write(string file, string text) => folder.Write(Path.Combine("experiments", file), text);

    public ExperimentCatalog Load(string scale = "embedded", ExperimentOverrides? overrides = null) =>
        ExperimentCatalog.Load(Folder, scale, overrides ?? ExperimentOverrides.None, Registry);

    public Experiment LoadTable1(ExperimentOverrides? overrides = null) => Load(overrides: overrides).Find("Table1");

    /// <summary>Table 1 with a published model in place of the one that is trained.</summary>
    public Experiment LoadImported(ExperimentOverrides? overrides = null)
    {
        Write("models.yaml", $$"""
            tiny-llama2: { import: { id: org/llama, revision: {{new string('a', 40)}} }, statistics-tokens: 30000 }
            """);
        return LoadTable1(overrides);
    }

    public void Dispose() => folder.Dispose();
}
