using Harness.Stages;
using Harness.Tests.Declarations;

namespace Harness.Tests.Stages;

public sealed class StageRunnerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<StageTask> tasks =
    [
        Task("Model-llama2-7b-zsre", Stage.Model) with { Model = "llama2-7b", Dataset = "zsre" },
        Task("Model-qwen-counterfact", Stage.Model) with { Model = "qwen", Dataset = "counterfact" },
        Task("Data-zsre", Stage.Data) with { Dataset = "zsre" },
    ];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_cannot_be_had_says_why_and_a_group_does_nothing()
    {
        using var runner = Runner();
        Assert.Equal("Later is not declared at scale 'embedded'; it has: small.", Assert.Throws<InputException>(() => runner.Run(
            new StageTask("Later", "Later is not declared at scale 'embedded'; it has: small.", Stage.Unavailable, []))).Message);
        runner.Run(Task("Study", Stage.Group));
        Assert.False(Directory.Exists(Store));
    }

    [Fact]
    public void A_model_is_known_by_its_name_and_data_set()
    {
        using var runner = Runner();
        Assert.True(runner.HasModel("llama2-7b-zsre"));
        Assert.False(runner.HasModel("LLAMA2-7B-ZSRE"));
        Assert.False(runner.HasModel("zsre"));
        runner.CheckModel("qwen-counterfact");
    }

    [Theory]
    [InlineData("llama2-7b-zsr", ", or one of llama2-7b-zsre, qwen-counterfact; did you mean 'llama2-7b-zsre'?")]
    [InlineData("x", ", or one of llama2-7b-zsre, qwen-counterfact")]
    [InlineData("org/name",
        "; correct the path, or fetch a model of the hub first (hf download ORGANISATION/NAME --local-dir FOLDER) and give that folder")]
    public void What_is_no_model_is_told_what_to_do_about_a_name_or_a_path(string name, string remedy)
    {
        using var runner = Runner();
        var message = $"--model: found '{name}', which is neither a folder nor a model of the study, expected a Hugging Face model folder"
            + remedy;
        Assert.Equal(message, Assert.Throws<InputException>(() => runner.CheckModel(name)).Message);
        Assert.Equal(message, Assert.Throws<InputException>(() => runner.ModelFolder(name)).Message);
    }

    [Fact]
    public void Without_snapshots_there_is_nothing_to_verify_and_the_way_to_make_them_is_told()
    {
        using var runner = Runner();
        Assert.Equal(
            $"nothing to verify: no experiment has a snapshot at scale 'embedded' in {Results}; make them with --target=Verify --accept",
            Assert.Throws<InputException>(() => runner.Run(Task("Verify", Stage.Verify))).Message);
    }

    [Fact]
    public void A_snapshot_of_no_experiment_fails_and_stays()
    {
        var stray = folder.Write(Path.Combine("results", "embedded", "dft", "gone.verified.json"), "{}");
        using var runner = Runner();
        Assert.Equal(
            "0 of 0 experiments differ from their snapshots, and 1 had nothing to be compared with (lines above); "
            + "if the change is meant, renew them with --accept",
            Assert.Throws<InputException>(() => runner.Run(Task("Verify", Stage.Verify))).Message);
        Assert.True(File.Exists(stray));
    }

    [Theory]
    [InlineData(Stage.Report)]
    [InlineData(Stage.Verify)]
    public void What_is_only_to_be_explained_is_not_done(Stage stage)
    {
        using (var runner = Runner(explain: true)) runner.Run(Task("T", stage));
        Assert.False(Directory.Exists(Results));
    }

    private string Store => Path.Combine(folder.Path, "store");

    private string Results => Path.Combine(folder.Path, "results");

    private StageRunner Runner(bool explain = false) => new(tasks, [], new RunOptions
    {
        Store = Store,
        Results = Results,
        Scratch = Path.Combine(folder.Path, "scratch"),
        Sources = folder.Path,
        Explain = explain,
    }, default);

    private static StageTask Task(string name, Stage stage) => new(name, "", stage, []);
}
