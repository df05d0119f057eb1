using Harness.Build.Options;
using Harness.Build.Studies;
using Harness.Experiments.Declarations;
using Harness.Studies.Metrics;

namespace Harness.Tests.Studies;

public sealed class ResultFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("result-files-").FullName;
    private readonly Experiment experiment = new()
    {
        Target = "Table1",
        Paper = "dft",
        Name = "table1",
        Title = "",
        Source = "",
        Scale = "embedded",
        Seed = 1,
        Protocol = Protocol.TfToken,
        Locality = LocalityDefinition.SameArgmax,
        Metrics = [],
        Datasets = [],
        Models = [],
        Editors = [],
        Claims = [],
        Published = new Dictionary<
            string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>>>(),
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Nothing_and_a_snapshot_of_an_experiment_are_no_strays()
    {
        Assert.Empty(Files().Strays([experiment]));
        Write("embedded/dft/table1.verified.json");
        Write("embedded/dft/table1.json");
        Write("small/dft/other.verified.json");
        Assert.Empty(Files().Strays([experiment]));
    }

    [Fact]
    public void Result_files_without_a_snapshot_and_a_snapshot_without_an_experiment_are_named()
    {
        Write("embedded/dft/table1.csv");
        Write("embedded/old/gone.verified.json");
        Assert.Equal(
            [
                $"{At("embedded/dft/table1.verified.json")}: expected a committed snapshot beside table1.csv, actual none; "
                    + "run with --accept to make it, or delete the files",
                $"{At("embedded/old/gone.verified.json")}: a snapshot of no experiment; expected one that is declared at scale 'embedded': "
                    + "declare it or delete the file",
            ],
            Files().Strays([experiment]));
    }

    [Fact]
    public void Verify_fails_for_them_although_it_has_nothing_to_compare()
    {
        Write("embedded/dft/table1.csv");
        var verify = new StageTask("Verify", "", Stage.Verify, []);
        var message = Assert.Throws<InputException>(() => Study(verify).Run(verify)).Message;
        Assert.Equal(
            "0 of 0 experiments differ from their snapshots, and 1 had nothing to be compared with (lines above); "
            + "if the change is meant, renew them with --accept", message);
    }

    [Fact]
    public void A_results_folder_that_cannot_be_written_is_known_before_anything_runs()
    {
        Write("embedded");
        var verify = new StageTask("Verify", "", Stage.Verify, []) { Experiments = [experiment] };
        var message = Assert.Throws<InputException>(() => Study(verify).Prepare(["Verify"])).Message;
        Assert.StartsWith($"results folder {At("embedded/dft")}: cannot be written (", message, StringComparison.Ordinal);
    }

    private Study Study(StageTask verify) =>
        new([verify, new StageTask("Table1", "", Stage.Report, []) { Experiments = [experiment] }], Options(), default);

    private ResultFiles Files() => new(Options());

    private HarnessOptions Options() => new()
    {
        Scale = "embedded",
        Jobs = 1,
        Overrides = ExperimentOverrides.None,
        Store = At(".store"),
        Results = folder,
        Explain = false,
        Accept = false,
    };

    private string At(string file) => Path.Combine([folder, .. file.Split('/')]);

    private void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
        File.WriteAllText(At(file), "");
    }
}
