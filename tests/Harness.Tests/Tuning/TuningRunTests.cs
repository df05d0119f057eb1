using Harness.Measuring.Cells;
using Harness.Running;
using Harness.Running.Workers;
using Harness.Stages;
using Harness.Tests.Declarations;
using Harness.Tuning;

namespace Harness.Tests.Tuning;

/// <summary>A search from declarations to files, on a model of a few thousand weights.</summary>
public sealed class TuningRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> computed = [];

    public TuningRunTests()
    {
        Write("datasets.yaml", """
            worlds:
              hamlet: { entities: 12, first-names: 4, last-names: 4, facts-per-entity: 1, relations: 2, objects-per-relation: 3, phrasings: 3, other-form-phrasings: 1 }
            datasets:
              hamlet-zsre: { world: hamlet, schema: zsre }
            """);
        Write("models.yaml", """
            mini:
              tokenizer: { vocabulary-size: 300 }
              statistics-tokens: 200
              shape: { family: llama, width: 16, mlp-width: 32, layers: 2, heads: 2, key-value-heads: 2, max-positions: 64, tied-head: true }
              training: { epochs: 2, batch-size: 8, learning-rate: 3.0e-3 }
            """);
        Write("names.yaml", "models: { llama2-7b: LLaMA-2-7B }\ndatasets: { zsre: zsRE }");
        Write("a/table1.yaml", """
            target: Table1
            title: Two editors
            source: "a test"
            protocol: tf-token
            metrics: [reliability]
            datasets: [zsre]
            models: [llama2-7b]
            scales:
              embedded:
                seeds: [2]
                edits: 4
                datasets: { zsre: hamlet-zsre }
                models: { llama2-7b: mini }
                editors: { original: {}, ft-m: { layer: 0 }, ultraedit: { layers: [1] } }
            """);
        Write("tuning/spaces.yaml", """
            protocol: tf-all
            draw-seed: 1
            widenings: 1
            scales:
              embedded:
                seeds: [1, 11]
                rounds: [{ settings: 4, edits: 2, seeds: 1 }, { settings: 2, edits: 4, seeds: 2 }]
            spaces:
              ft-m: { source: a, fixed: { tuning: { steps: 3 } }, options: { layer: [0, 1], tuning.learning-rate: [1.0e-3, 1.0e+300] } }
              ultraedit: { source: a, fixed: { batch-size: 0 }, options: { layers: [[0], [1]], learning-rate: [1.0e-2, 1.0e-1] } }
            """);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Both_editors_are_searched_and_a_second_search_computes_nothing()
    {
        Run();
        var report = TuningReport.Read(Results)!;
        Assert.Equal(["ft-m", "ultraedit"], report.Searches.Select(search => search.Space));
        Assert.All(report.Searches, search =>
        {
            Assert.Equal(["mini"], [search.Model]);
            Assert.Equal(["Table1"], search.Tables);
            Assert.Equal([(4, 2), (2, 4)], search.Rounds.Take(2).Select(round => (round.Settings.Count, round.Edits)));
            Assert.Null(search.Chosen.Failure);
            Assert.True(search.RunnerUp is null || search.Chosen.Score >= search.RunnerUp.Score);
        });
        Assert.Contains(report.Searches[0].Rounds[0].Settings, setting =>
            setting.Failure is not null && setting.Options.Contains("learning-rate 1E+300", StringComparison.Ordinal));
        Assert.Equal(1 + report.Searches.Sum(search => search.Rounds.Sum(round => round.Settings.Count)),
            File.ReadAllLines(Path.Combine(Results, "search.csv")).Length);
        var chosen = File.ReadAllText(Chosen);
        Assert.Contains("ft-m:\n  mini: { tuning: { steps: 3, learning-rate: ", chosen, StringComparison.Ordinal);

        // Cells that failed are tried again, and nothing else is.
        var files = Files();
        var failures = computed.Count(name => name.StartsWith("failed ", StringComparison.Ordinal));
        computed.Clear();
        Run();
        Assert.Equal(files, Files());
        Assert.All(computed, name => Assert.StartsWith("failed ", name));
        Assert.Equal(failures, computed.Count);
    }

    [Fact]
    public void A_search_that_was_interrupted_goes_on_to_the_same_result()
    {
        using (var interruption = new CancellationTokenSource())
        {
            Assert.Equal("Interrupted: finished cells are kept; the same command resumes.",
                Assert.Throws<OperationCanceledException>(() => Run(after: 12, interruption)).Message);
        }

        Assert.False(File.Exists(Chosen));
        var before = computed.ToHashSet();
        Run();
        Assert.Equal(computed.Count(name => !name.StartsWith("failed ", StringComparison.Ordinal)),
            computed.Where(name => !name.StartsWith("failed ", StringComparison.Ordinal)).Distinct().Count());
        Assert.True(before.Count >= 12);
        var whole = Files();
        Directory.Delete(Store, recursive: true);
        Run();
        Assert.Equal(whole, Files());
    }

    [Fact]
    public void A_narrow_search_renews_its_own_part()
    {
        Run();
        var (report, chosen) = (TuningReport.Read(Results)!, File.ReadAllText(Chosen));
        new TuningRun(Options, Experiments, ["ft-m"]) { Launch = () => new HereWorker(Store, computed, null) }.Run(default);
        Assert.Equal(report.Searches.Select(search => search.Chosen), TuningReport.Read(Results)!.Searches.Select(search => search.Chosen));
        Assert.Equal(chosen, File.ReadAllText(Chosen));
    }

    [Fact]
    public void An_explained_search_writes_nothing()
    {
        new TuningRun(Options with { Explain = true }, Experiments).Run(default);
        Assert.False(Directory.Exists(Store));
        Assert.False(Directory.Exists(Results));
    }

    [Fact]
    public void A_layer_that_the_model_lacks_is_refused_before_anything_is_computed()
    {
        var spaces = File.ReadAllText(Path.Combine(Experiments, "tuning", "spaces.yaml"));
        Write("tuning/spaces.yaml", spaces.Replace("layer: [0, 1]", "layer: [0, 2]", StringComparison.Ordinal));
        Assert.Equal(
            "experiments/tuning/spaces.yaml(9,77): 'layer' of space 'ft-m': found 2, which model 'mini' does not have, expected its "
            + "layers; leave it out or give that model a space of its own",
            Assert.Throws<InputException>(() => Run()).Message);
        Assert.False(Directory.Exists(Store));
    }

    private string Experiments => Path.Combine(folder.Path, "experiments");

    private string Store => Path.Combine(folder.Path, "store");

    private string Results => Path.Combine(folder.Path, "results", "embedded", "tuning");

    private string Chosen => Path.Combine(Experiments, "tuning", "chosen.embedded.yaml");

    private RunOptions Options => new()
    {
        Store = Store,
        Results = Path.Combine(folder.Path, "results"),
        Scratch = Path.Combine(folder.Path, "scratch"),
        Sources = folder.Path,
        IsQuiet = true,
    };

    private void Write(string file, string text) => folder.Write(Path.Combine("experiments", file), text);

    private List<string> Files() =>
        [.. Directory.GetFiles(Results).Append(Chosen).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private void Run(int after = int.MaxValue, CancellationTokenSource? interruption = null) => new TuningRun(Options, Experiments)
    {
        Launch = () => new HereWorker(Store, computed, () =>
        {
            if (computed.Count == after) interruption!.Cancel();
        }),
    }.Run(interruption?.Token ?? default);

    /// <summary>Makes cells in the test's own process.</summary>
    private sealed class HereWorker(string store, List<string> computed, Action? done) : ICellWorker
    {
        public bool IsAlive => true;

        public async Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation)
        {
            await Task.Yield();
            try
            {
                var seconds = new CellJob(new CellStore(store), CellRunner.Run, TimeProvider.System)
                    .Run(request, new Progress<string>(progress), cancellation);
                computed.Add(request.Key);
                return seconds;
            }
            catch (InputException)
            {
                computed.Add($"failed {request.Key}");
                throw;
            }
            finally
            {
                done?.Invoke();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
