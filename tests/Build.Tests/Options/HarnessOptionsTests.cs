using Cake.Core;
using Harness.Build;
using Harness.Build.Options;
using Harness.Declarations;

namespace Harness.Tests.Options;

public sealed class HarnessOptionsTests
{
    [Fact]
    public void Nothing_given_means_the_embedded_scale_on_every_core()
    {
        var options = Read().Run;
        Assert.Equal(("embedded", Path.Combine(options.Results, "embedded")), (options.Scale, options.ScaleFolder));
        Assert.Equal((Clone.At(".store"), Clone.At("results")), (options.Store, options.Results));
        Assert.Equal(Environment.ProcessorCount, options.Jobs);
        Assert.Equal((null, null, false, false), (options.Overrides.Seed, options.Overrides.Editors, options.Explain, options.Accept));
    }

    [Theory]
    [InlineData("seed=21")]
    [InlineData("editors=rome, memit")]
    [InlineData("set=rome.layer=2")]
    [InlineData("edits=10", "scale=paper")]
    [InlineData("device=cuda")]
    [InlineData("numerics=fast")]
    [InlineData("numerics=fast", "scale=small", "seed=21")]
    public void A_custom_run_is_no_declared_experiment(params string[] arguments) => Assert.True(Read(arguments).Run.IsCustom);

    [Theory]
    [InlineData("numerics=portable", "device=cpu", "jobs=3", "results=r")]
    [InlineData("scale=paper", "device=cuda")]
    [InlineData("target=Verify", "experiments=Table1")]
    public void Other_options_leave_it_what_is_declared(params string[] arguments) => Assert.False(Read(arguments).Run.IsCustom);

    [Fact]
    public void Tasks_of_the_environment_make_a_variant()
    {
        var folder = Directory.CreateTempSubdirectory("tasks");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.yaml"), """
                { task: arc, dataset_path: json, dataset_kwargs: { data_files: a.json }, test_split: train, output_type: multiple_choice,
                  doc_to_text: q, doc_to_choice: ["x", "y"], doc_to_target: 1 }
                """);
            File.WriteAllText(Path.Combine(folder.FullName, "a.json"), """{ "q": "?" }""");
            var options = HarnessOptions.Read(Arguments("scale=paper"), folder.FullName).Run;
            Assert.Equal((true, "arc"), (options.IsCustom, Assert.Single(options.Overrides.Tasks).Key));
            Assert.StartsWith("--accept: a run with ",
                Assert.Throws<InputException>(() => HarnessOptions.Read(Arguments("accept="), folder.FullName)).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Assert.StartsWith(
            "HARNESS_TASKS: found no folder ",
                Assert.Throws<InputException>(() => HarnessOptions.Read(Arguments(), folder.FullName)).Message);
        Assert.Empty(HarnessOptions.Read(Arguments("target=Test"), folder.FullName).Run.Overrides.Tasks);
    }

    [Fact]
    public void Large_models_and_a_GPU_have_one_worker_unless_more_are_asked_for()
    {
        Assert.Equal((1, 1, 3), (Read("scale=paper").Run.Jobs, Read("device=cuda").Run.Jobs, Read("scale=paper", "jobs=3").Run.Jobs));
        Assert.Equal(("cuda", 10), (Read("device=cuda").Run.Overrides.Device, Read("edits=10").Run.Overrides.Edits));
    }

    [Fact]
    public void Editors_and_assignments_are_split_at_commas_outside_of_values()
    {
        var overrides = Read("editors=rome, memit", "set=memit.layers=[1,2],rome.value.steps=3", "set=full-ft.epochs=1").Run.Overrides;
        Assert.Equal(["rome", "memit"], overrides.Editors);
        Assert.Equal(["memit.layers=[1,2]", "rome.value.steps=3", "full-ft.epochs=1"], overrides.Set);
    }

    [Fact]
    public void Lists_of_seeds_and_values_are_a_run_each_with_a_folder_of_its_own()
    {
        var options = Read("seed=1,2", "set=rome.layer=1,2").Run;
        Assert.Equal(
            [(1L, "rome.layer=1"), (1L, "rome.layer=2"), (2L, "rome.layer=1"), (2L, "rome.layer=2")],
            options.Runs.Select(run => (run.Seed!.Value, Assert.Single(run.Set))));
        Assert.Equal(options.Runs[0], options.Overrides);
        var table = new ExperimentSource("Table1", "dft", "table1");
        var folders = options.Runs.Select(run => options.For(run).FolderOf(table)).ToList();
        Assert.Equal(4, folders.Distinct().Count());
        Assert.All(folders, folder => Assert.StartsWith(Path.Combine(options.Results, "custom", "Table1-"), folder));
        Assert.Equal(Path.Combine(options.Results, "embedded", "dft"), options.For(ExperimentOverrides.None).FolderOf(table));
    }

    [Fact]
    public void An_edit_has_one_seed_and_its_values_are_as_they_stand()
    {
        Assert.Contains("--seed: found '1,2', expected a whole number of at least 0",
            Assert.Throws<InputException>(() => Read("target=Edit", "seed=1,2")).Message.Split('\n').Select(line => line.Trim()));
        Assert.Single(Read("target=Edit", "tree=", "set=ike.fact-label=Fact, new").Run.Runs);
    }

    [Fact]
    public void Verify_may_be_for_some_experiments_only()
    {
        Assert.Empty(Read("target=Verify").Experiments);
        Assert.Equal(["Table1", "LocFT-Table3"], Read("target=verify", "experiments=Table1, LocFT-Table3").Experiments);
    }

    [Theory]
    [InlineData("unknown option '--sclae'; did you mean '--scale'? (--help lists them all)", "sclae=small")]
    [InlineData("unknown option '--targt'; did you mean '--target'? (--help lists them all)", "targt=Table1")]
    [InlineData("--scale: found 'smal', expected embedded, small, paper; did you mean 'small'?", "scale=smal")]
    [InlineData("--jobs: found '0', expected a whole number of at least 1 and at most 1024", "jobs=0")]
    [InlineData("--seed: found 'x', expected a whole number of at least 0, or several: --seed=1,2,3", "seed=x")]
    [InlineData("--edits: found '0', expected a whole number of at least 1 and at most 2147483647", "edits=0")]
    [InlineData("--device: found 'xpu', expected cpu, cuda; did you mean 'cpu'?", "device=xpu")]
    [InlineData("--numerics: found 'quick', expected portable, fast", "numerics=quick")]
    [InlineData("--numerics=fast: numbers of this machine's own kernels are never made or compared as snapshots; " +
        "leave it out of Verify and --accept", "numerics=fast", "accept=")]
    [InlineData("--numerics=fast: numbers of this machine's own kernels are never made or compared as snapshots; " +
        "leave it out of Verify and --accept", "numerics=fast", "target=verify")]
    [InlineData("--executor: found 'pbs', expected local, slurm", "executor=pbs")]
    [InlineData("--slurm: has no meaning without --executor=slurm; add that or leave it out", "slurm=cluster.yaml")]
    [InlineData("--detach: has no meaning without --executor=slurm; add that or leave it out", "detach=true")]
    [InlineData("--explain: found 'yes', expected nothing, true or false", "explain=yes")]
    [InlineData("--store: has no value; write --store=FOLDER", "store=")]
    [InlineData("--jobs: has no value; write --jobs=N", "jobs=")]
    [InlineData("--tree: found 'all', expected nothing, true or false", "tree=all")]
    [InlineData("--seed: found '1' and '2', expected one value; leave the others out", "seed=1", "seed=2")]
    [InlineData("--store: found 'a' and 'b', expected one value; leave the others out", "store=a", "store=b")]
    [InlineData("--set: found 'rome.layer=1' and 'rome.layer=2', expected one assignment; leave the others out, "
        + "or write rome.layer=1,2 to run each", "set=rome.layer=1,memit.layers=[1,2]", "set=rome.layer=2")]
    [InlineData("--rounds: has no meaning beside --large-model, which measures nothing; leave it out", "target=Benchmark", "large-model=m",
        "rounds=3")]
    [InlineData("--target=Verify: a run with --seed, --edits, --editors, --set or HARNESS_TASKS is a variant; " +
        "snapshots are of the declared experiments only", "target=Verify", "target=Table1", "seed=3")]
    [InlineData("--accept: a run with --seed, --edits, --editors, --set or HARNESS_TASKS is a variant; " +
        "snapshots are of the declared experiments only", "accept=", "seed=3")]
    public void A_wrong_option_says_what_was_expected(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Read(arguments)).Message);

    [Theory]
    [InlineData("Test", "edits=3", "experiments, Figures")]
    [InlineData("test", "jobs=2", "experiments, Verify, Edit, Tune")]
    [InlineData("Test", "device=cuda", "experiments, Verify, Edit")]
    [InlineData("Test", "numerics=fast", "experiments, Verify, Figures, Edit")]
    [InlineData("Test", "scale=small", "experiments, Verify, Figures, Edit, Tune")]
    [InlineData("Clean", "seed=1", "experiments, Figures, Edit")]
    [InlineData("Clean", "results=r", "tables, Verify, Figures, Benchmark, Tune, Faults")]
    [InlineData("Figures", "jobs=2", "experiments, Verify, Edit, Tune")]
    [InlineData("Figures", "store=s", "experiments, Verify, Clean, Edit, Tune, Status, Cancel")]
    [InlineData("Figures", "explain=", "experiments, Verify, Tune")]
    [InlineData("Figures", "accept=", "tables, Verify")]
    [InlineData("Verify", "set=rome.layer=1", "tables, stages, Figures, Edit")]
    [InlineData("Benchmark", "executor=local", "experiments, Verify")]
    [InlineData("Table1", "experiments=Table1", "Verify")]
    [InlineData("Table1", "rounds=3", "Benchmark")]
    [InlineData("Table1", "only=x", "Benchmark, Faults")]
    [InlineData("Table1", "long=true", "Faults")]
    [InlineData("Table1", "run=x", "Status, Cancel")]
    [InlineData("Table1", "cache=1", "Edit")]
    [InlineData("Table1-Scores", "results=r", "tables, Verify, Figures, Benchmark, Tune, Faults")]
    [InlineData("Model-llama2-7b-zsre", "accept=", "tables, Verify")]
    [InlineData("data-zsre", "set=rome.layer=1", "tables, stages, Figures, Edit")]
    [InlineData("Default", "seed=1", "experiments, Figures, Edit")]
    public void An_option_that_the_target_does_not_use_is_refused(string target, string argument, string users) => Assert.Equal(
        $"--{argument.Split('=')[0]}: found with --target={target}, expected with {users} only; leave it out",
        Assert.Throws<InputException>(() => Read($"target={target}", argument)).Message);

    [Theory]
    [InlineData("Table1", "editor=rome", "Edit, New only; write --editors=A,B")]
    [InlineData("Edit", "editors=rome", "experiments, Figures, Tune only; write --editor=NAME")]
    public void Who_mixes_up_editor_and_editors_is_told_the_other(string target, string argument, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Read($"target={target}", argument)).Message);

    [Fact]
    public void A_new_editor_has_a_name()
    {
        Assert.Equal("soft", Read("target=New", "editor=soft").NewEditor);
        Assert.Null(Read("target=New", "dryrun=").NewEditor);
        Assert.Null(Read("target=Table1").NewEditor);
        Assert.Equal("--editor: missing; write --editor=NAME, the name of the new editor",
            Assert.Throws<InputException>(() => Read("target=New")).Message);
    }

    [Fact]
    public void An_option_needs_one_target_that_uses_it_and_none_where_nothing_runs()
    {
        Assert.Equal(2, Read("target=Clean", "target=Table1", "jobs=2").Run.Jobs);
        Assert.Equal(
            "--jobs: found with --target=Clean --target=Test, expected with experiments, Verify, Edit, Tune only; leave it out",
            Assert.Throws<InputException>(() => Read("target=Clean", "target=Test", "jobs=2")).Message);
        Assert.Equal(2, Read("tree=", "jobs=2", "rounds=3").Run.Jobs);
        foreach (var view in (string[])["tree=", "dryrun=", "description=", "exclusive=", "verbosity=quiet", "working=."])
            Assert.Equal("embedded", Read("target=Test", view).Run.Scale);
    }

    [Fact]
    public void Only_what_is_asked_for_is_read()
    {
        ExperimentSource[] all =
        [
            new("Table1", "dft", "table1"), new("A-Table1", "a", "table1"), new("Tune-X", "tuning", "x"), new("", "a", "broken"),
            new("Clean", "a", "clean"),
        ];
        Assert.Equal(("", false), Asked("target=Test"));
        Assert.Equal(("", false), Asked("target=Clean", "target=Figures"));
        Assert.Equal(("table1", false), Asked("target=table1-scores"));
        Assert.Equal(("table1", false), Asked("target=Verify", "experiments=DFT"));
        Assert.Equal(("table1 table1 broken clean", false), Asked("target=Study"));
        Assert.Equal(("", false), Asked("target=Tune"));
        Assert.Equal(("x", false), Asked("target=tune-x"));
        Assert.Equal(("table1 table1 x broken clean", false), Asked("target=Verify"));
        Assert.Equal(("table1 table1 x broken clean", false), Asked("tree="));
        Assert.Equal(("", true), Asked("target=Model-llama2-7b-zsre"));
        Assert.Equal(
            "--experiments: found 'A-Table2', expected experiments or papers by their targets; did you mean 'A-Table1'? " +
                "(--help lists them all)",
            Assert.Throws<InputException>(() => Asked("target=Verify", "experiments=DFT,A-Table2")).Message);

        (string, bool) Asked(params string[] arguments)
        {
            var (asked, withOthers) = Read(arguments).SourcesOf(all);
            return (string.Join(' ', asked.Select(source => source.Name)), withOthers);
        }
    }

    [Fact]
    public void A_search_of_options_may_be_narrowed_and_refuses_what_it_has_no_use_for()
    {
        var options = Read("target=Tune", "editors=memit,rome", "models=tiny-gpt2", "scale=small", "jobs=2", "explain=");
        Assert.Equal(["memit", "rome"], options.SearchedEditors!);
        Assert.Equal(["tiny-gpt2"], options.SearchedModels!);
        Assert.Equal(("small", 2, true, false), (options.Run.Scale, options.Run.Jobs, options.Run.Explain, options.Run.IsVariant));
        Assert.Null(Read("target=Tune").SearchedEditors);
        Assert.Equal(
            "--models: found with --target=Table1, expected with Tune only; leave it out",
            Assert.Throws<InputException>(() => Read("target=Table1", "models=tiny-gpt2")).Message);
        Assert.StartsWith("--seed: found with --target=Tune, expected with experiments, Figures, Edit only; leave it out",
            Assert.Throws<InputException>(() => Read("target=Tune", "seed=3")).Message, StringComparison.Ordinal);
        Assert.StartsWith("--set: found with --target=Tune, expected with tables, stages, Figures, Edit only; leave it out",
            Assert.Throws<InputException>(() => Read("target=Tune", "set=rome.layer=1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_of_the_benchmarks_gets_its_options_and_the_folder_of_results()
    {
        Assert.Equal(["--only=a,b", $"--results={Path.Combine("r", "benchmarks")}"],
            Read("target=Benchmark", "only=a,b", "results=r").Benchmark);
        Assert.Equal([$"--results={Clone.At("results", "benchmarks")}"], Read("target=Benchmark").Benchmark);
        Assert.Equal(["--large-model=m"], Read("target=Benchmark", "large-model=m").Benchmark);
    }

    [Fact]
    public void All_wrong_options_are_told_together()
    {
        var message = Assert.Throws<InputException>(() => Read("jobs=many", "sclae=small")).Message;
        Assert.Contains("--jobs: found 'many'", message);
        Assert.Contains("unknown option '--sclae'", message);
    }

    internal static HarnessOptions Read(params string[] arguments) => HarnessOptions.Read(Arguments(arguments));

    private static CakeArguments Arguments(params string[] arguments) =>
        new(arguments.Select(argument => argument.Split('=', 2)).ToLookup(pair => pair[0], pair => pair[1]));
}
