using Harness.Declarations;
using Harness.Measuring.Metrics;
using Harness.Reports;
using Harness.Stages;

namespace Harness.Tests.Reports;

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
        Seeds = [1],
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
        Assert.Empty(Files().Strays([experiment], []));
        Write("embedded/dft/table1.verified.json");
        Write("embedded/dft/table1.json");
        Write("small/dft/other.verified.json");
        Assert.Empty(Files().Strays([experiment], []));
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
            Files().Strays([experiment], []));
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

    [Fact]
    public void Sweeps_of_options_and_times_are_never_verified()
    {
        var sweep = experiment with { Paper = "tuning", Name = "memit" };
        var timed = experiment with { Name = "times", Metrics = ["reliability", "seconds"] };
        var accepting = new ResultFiles(Options() with { Accept = true });
        Assert.Equal([experiment], accepting.Verifiable([experiment, sweep, timed]));
        Assert.Empty(Files().Verifiable([experiment, sweep, timed]));
        foreach (var file in (string[])["dft/table1", "dft/times"]) Write($"embedded/{file}.verified.json");
        Assert.Equal([experiment], Files().Verifiable([experiment, sweep, timed]));
    }

    [Fact]
    public void Results_of_sweeps_and_times_need_no_snapshot()
    {
        Write("embedded/tuning/memit.csv");
        Write("embedded/dft/times.csv");
        Assert.Empty(Files().Strays(
            [experiment, experiment with { Paper = "tuning", Name = "memit" }, experiment with { Name = "times", Metrics = ["ratio"] }],
            []));
    }

    [Fact]
    public void Claims_are_collected_without_sweeps_and_verified()
    {
        var sweep = experiment with { Paper = "tuning", Name = "memit" };
        Write("embedded/dft/table1.json", Claiming);
        Write("embedded/tuning/memit.json", Claiming);
        string[] missing = [.. Files().VerifyClaims([experiment.Origin, sweep.Origin])];
        Assert.Equal(
            [.. ((string[])["claims.json", "claims.md"]).Select(file =>
                $"{At($"embedded/{file}")}: found none, expected what the reports beside it give; run with --accept to renew it")],
                    missing);

        Assert.Empty(new ResultFiles(Options() with { Accept = true }).VerifyClaims([experiment.Origin, sweep.Origin]));
        Assert.Empty(Files().VerifyClaims([experiment.Origin, sweep.Origin]));
        Assert.Contains("1 claims of 1 tables and figures", File.ReadAllText(At("embedded/claims.md")));

        Write("embedded/claims.md", "by hand\n");
        Assert.Equal(
            [$"{At("embedded/claims.md")}: found other claims or verdicts, expected what the reports beside it give; " +
                "run with --accept to renew it"],
            Files().VerifyClaims([experiment.Origin, sweep.Origin]));
        Files().WriteClaims([experiment.Origin, sweep.Origin]);
        Assert.Empty(Files().VerifyClaims([experiment.Origin, sweep.Origin]));
    }

    [Fact]
    public void Verify_fails_for_claims_that_are_not_those_of_the_reports()
    {
        Write("embedded/dft/table1.json", Claiming);
        var verify = new StageTask("Verify", "", Stage.Verify, []);
        Assert.Equal(
            "0 of 0 experiments differ from their snapshots, and 1 had nothing to be compared with (lines above), " +
                "and the claims are not those of the reports (lines above); if the change is meant, renew them with --accept",
            Assert.Throws<InputException>(() => Study(verify).Run(verify)).Message);
    }

    [Fact]
    public void Figures_are_drawn_anew_from_the_reports_that_there_are()
    {
        var message = Assert.Throws<InputException>(() => Files().DrawFigures([experiment.Origin], default)).Message;
        Assert.Equal($"found no report in {At("embedded")}, expected those of experiments at scale 'embedded'; run their targets first",
            message);
        Write("embedded/dft/table1.json", Drawable);
        Study(new StageTask("Verify", "", Stage.Verify, [])).DrawFigures();
        Assert.Equal(
            ["table1-dark.png", "table1-dark.svg", "table1.json", "table1.png", "table1.svg"],
            Directory.GetFiles(At("embedded/dft")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("tiny-llama2, 0.8 M, for LLaMA-2-7B", File.ReadAllText(At("embedded/dft/table1-dark.svg")));
    }

    [Fact]
    public void A_seed_that_is_the_declared_one_means_the_declared_results()
    {
        Write("embedded/dft/table1.json", Drawable);
        new ResultFiles(Options() with { Overrides = new() { Seed = 1 } }).DrawFigures([experiment.Origin], default);
        Assert.True(File.Exists(At("embedded/dft/table1.svg")));
        Assert.Throws<InputException>(
            () => new ResultFiles(Options() with { Overrides = new() { Seed = 2 } }).DrawFigures([experiment.Origin], default));
    }

    [Fact]
    public void What_cannot_be_verified_is_named_with_its_reason()
    {
        IReadOnlyList<Experiment> all =
        [
            experiment, experiment with { Target = "Table3", Metrics = ["seconds"] },
            experiment with { Target = "Tune-ROME", Paper = ExperimentSource.Tuning },
        ];
        Assert.Equal(["seconds have no snapshot: Table3", "sweeps of options have no snapshot: Tune-ROME"], ResultFiles.Unverifiable(all));
    }

    [Fact]
    public void A_report_that_no_figure_can_be_drawn_of_is_named_and_no_other_is_kept_from_its_figure()
    {
        Write("embedded/dft/table1.json", Drawable);
        Write("embedded/dft/table2.json", "{}");
        var message = Assert.Throws<InputException>(
            () => Files().DrawFigures([experiment.Origin with { Name = "table2" }, experiment.Origin], default)).Message;
        Assert.StartsWith($"{At("embedded/dft/table2.json")}: found no report that a figure can be drawn of", message,
            StringComparison.Ordinal);
        Assert.True(File.Exists(At("embedded/dft/table1.svg")));
    }

    private const string Drawable = """
        {
          "experiment": "dft/table1", "title": "Drawn", "source": "A Paper", "scale": "embedded", "seeds": [1], "protocol": "tf-token",
          "locality": "same-argmax", "numerics-class": "a", "interval": { "method": "bootstrap", "confidence": 0.95, "resamples": 100 },
          "datasets": [ { "name": "zsre", "title": "zsRE", "stand-in": "world-zsre", "real": false } ],
          "models": [ { "name": "llama2-7b", "title": "LLaMA-2-7B", "stand-in": "tiny-llama2", "real": false, "parameters": 812345 } ],
          "figure": { "kind": "bars" },
          "rows": [ { "dataset": "zsre", "model": "llama2-7b", "editor": "rome", "cases": 2,
            "metrics": { "reliability": { "percent": 50, "low": 0, "high": 100, "n": 2, "published": null } } } ],
          "claims": []
        }
        """;

    private const string Claiming = """
        { "experiment": "dft/table1", "title": "Claiming", "source": "A Paper", "scale": "embedded", "seeds": [1], "protocol": "tf-token",
          "locality": "same-argmax", "numerics-class": "a", "interval": { "method": "bootstrap", "confidence": 0.95, "resamples": 100 },
          "datasets": [], "models": [], "rows": [],
          "claims": [ { "that": "a > b", "on": "zsre", "source": "section 4", "measured": { "outcome": "undecided", "holding": 0, "judged": 1, "p-holds": 0.2, "p-fails": 0.8, "comparisons": [] },
            "published": { "outcome": "not judged", "holding": 0, "judged": 0, "comparisons": [] } } ] }
        """;

    private StageRunner Study(StageTask verify) => new(
        [verify, new StageTask("Table1", "", Stage.Report, []) { Experiments = [experiment] }], [experiment.Origin], Options(), default);

    private ResultFiles Files() => new(Options());

    private RunOptions Options() => new() { Store = At(".store"), Results = folder, Scratch = At("artifacts"), Sources = folder };

    private string At(string file) => Path.Combine([folder, .. file.Split('/')]);

    private void Write(string file, string text = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
        File.WriteAllText(At(file), text);
    }
}
