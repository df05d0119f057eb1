using Harness.Declarations;
using Harness.Editing;

namespace Harness.Tests.Declarations;

/// <summary>A folder with one experiment whose rows are varied, and three editors: one works in batches, one is trained first.</summary>
public sealed class VariedExperiment : IDisposable
{
    private readonly SampleExperiments sample = new();

    public sealed record BatchOptions : IEditorOptions
    {
        public IReadOnlyList<int> Layers { get; init; } = [0];
        public double Weight { get; init; } = 1;
        public int? BatchSize { get; init; }
        public SampleExperiments.Search Value { get; init; } = new(20);
        public IReadOnlyList<string> Validate() => Weight < 0 ? [$"weight: found {Weight}, expected at least 0"] : [];
        public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
    }

    public sealed record LearningOptions : IEditorOptions
    {
        public Lesson Training { get; init; } = new(5);
        public double Rate { get; init; } = 1;
        public IReadOnlyList<string> Validate() => [];
    }

    public sealed record Lesson(int Steps);

    public static IReadOnlyList<EditorDescriptor> Registry { get; } =
    [
        .. SampleExperiments.Registry,
        new("memit", typeof(BatchOptions), _ => throw new NotSupportedException(), options => ((BatchOptions)options).Layers),
        new("mend", typeof(LearningOptions), _ => throw new NotSupportedException(), _ => [])
        {
            Training = new(typeof(Lesson), options => ((LearningOptions)options).Training, (_, _, _) => throw new NotSupportedException()),
        },
    ];

    /// <summary>Writes the experiment.</summary>
    /// <param name="editors">The scale's editors, YAML in one line.</param>
    /// <param name="scale">Further lines of the scale.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="head">A further line of the experiment.</param>
    public VariedExperiment Declare(
        string editors, string scale = "", string metrics = "reliability", string head = "figure: bars", string protocol = "tf-token")
    {
        sample.Write("dft/table1.yaml", $$"""
            target: Table1
            title: Varied rows
            source: "a test"
            protocol: {{protocol}}
            metrics: [{{metrics}}]
            datasets: [zsre, counterfact]
            models: [llama2-7b]
            {{head}}
            scales:
              embedded:
                seeds: [20]
                edits: 100
                datasets: { zsre: world-zsre, counterfact: ~ }
                models: { llama2-7b: tiny-llama2 }
                editors: {{editors}}
            {{string.Join('\n', scale.Split('\n').Select(line => $"    {line}"))}}
            """);
        return this;
    }

    public void Write(string file, string text) => sample.Write(file, text);

    public Experiment Load(ExperimentOverrides? overrides = null) => LoadAll(overrides).Find("Table1");

    public ExperimentCatalog LoadAll(ExperimentOverrides? overrides = null) =>
        ExperimentCatalog.Load(sample.Folder, "embedded", overrides ?? ExperimentOverrides.None, Registry);

    /// <summary>What is wrong with it, a line each.</summary>
    public string Mistake(ExperimentOverrides? overrides = null) => Assert.Throws<InputException>(() => Load(overrides)).Message;

    public void Dispose() => sample.Dispose();
}
