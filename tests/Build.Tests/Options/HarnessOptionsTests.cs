using Cake.Core;
using Harness.Build.Options;

namespace Harness.Tests.Options;

public sealed class HarnessOptionsTests
{
    [Fact]
    public void Nothing_given_means_the_embedded_scale_on_every_core()
    {
        var options = Read();
        Assert.Equal(("embedded", "embedded", ".store", "results"), (options.Scale, options.ResultsName, options.Store, options.Results));
        Assert.Equal(Environment.ProcessorCount, options.Jobs);
        Assert.Equal((null, null, false, false), (options.Overrides.Seed, options.Overrides.Editors, options.Explain, options.Accept));
    }

    [Fact]
    public void A_variant_goes_to_a_results_folder_of_its_own()
    {
        Assert.Equal("small-custom", Read("scale=small", "seed=21").ResultsName);
        Assert.Equal("embedded-custom", Read("editors=rome, memit").ResultsName);
        Assert.Equal("embedded-custom", Read("set=rome.layer=2").ResultsName);
        Assert.Equal("paper-custom", Read("scale=paper", "edits=10").ResultsName);
        Assert.Equal("paper", Read("scale=paper", "device=cuda").ResultsName);
    }

    [Fact]
    public void Fast_numerics_have_results_of_their_own()
    {
        Assert.Equal(("embedded-fast", true), (Read("numerics=fast").ResultsName, Read("numerics=fast").Overrides.IsFast));
        Assert.Equal("small-custom-fast", Read("numerics=fast", "scale=small", "seed=21").ResultsName);
        Assert.Equal(("embedded", false), (Read("numerics=portable").ResultsName, Read().Overrides.IsFast));
    }

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
            var options = HarnessOptions.Read(Arguments("scale=paper"), folder.FullName);
            Assert.Equal(("paper-custom", "arc"), (options.ResultsName, Assert.Single(options.Overrides.Tasks).Key));
            Assert.StartsWith("--accept: a run with ", Assert.Throws<InputException>(() => HarnessOptions.Read(Arguments("accept="), folder.FullName)).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Assert.StartsWith(
            "HARNESS_TASKS: found no folder ", Assert.Throws<InputException>(() => HarnessOptions.Read(Arguments(), folder.FullName)).Message);
    }

    [Fact]
    public void Large_models_and_a_GPU_have_one_worker_unless_more_are_asked_for()
    {
        Assert.Equal((1, 1, 3), (Read("scale=paper").Jobs, Read("device=cuda").Jobs, Read("scale=paper", "jobs=3").Jobs));
        Assert.Equal(("cuda", 10), (Read("device=cuda").Overrides.Device, Read("edits=10").Overrides.Edits));
    }

    [Fact]
    public void Editors_and_assignments_are_split_at_commas_outside_of_values()
    {
        var overrides = Read("editors=rome, memit", "set=memit.layers=[1,2],rome.value.steps=3", "set=full-ft.epochs=1").Overrides;
        Assert.Equal(["rome", "memit"], overrides.Editors);
        Assert.Equal(["memit.layers=[1,2]", "rome.value.steps=3", "full-ft.epochs=1"], overrides.Set);
    }

    [Fact]
    public void Verify_may_be_for_some_experiments_only()
    {
        Assert.Null(Read("target=Verify").Experiments);
        Assert.Equal(["Table1", "LocFT-Table3"], Read("target=verify", "experiments=Table1, LocFT-Table3").Experiments);
        Assert.False(Read("target=Verify", "experiments=Table1").IsCustom);
        Assert.Equal("--experiments: belongs to --target=Verify only; name the experiments as targets instead",
            Assert.Throws<InputException>(() => Read("target=Table1", "experiments=Table1")).Message);
    }

    [Theory]
    [InlineData("unknown option '--sclae'; did you mean '--scale'? (--help lists them all)", "sclae=small")]
    [InlineData("unknown option '--targt'; did you mean '--target'? (--help lists them all)", "targt=Table1")]
    [InlineData("--scale: found 'smal', expected embedded, small, paper; did you mean 'small'?", "scale=smal")]
    [InlineData("--jobs: found '0', expected a whole number of at least 1 and at most 1024", "jobs=0")]
    [InlineData("--seed: found 'x', expected a whole number of at least 0", "seed=x")]
    [InlineData("--edits: found '0', expected a whole number of at least 1 and at most 2147483647", "edits=0")]
    [InlineData("--device: found 'xpu', expected cpu, cuda; did you mean 'cpu'?", "device=xpu")]
    [InlineData("--numerics: found 'quick', expected portable, fast", "numerics=quick")]
    [InlineData("--numerics=fast: numbers of this machine's own kernels are never made or compared as snapshots; leave it out of Verify and --accept", "numerics=fast", "accept=")]
    [InlineData("--numerics=fast: numbers of this machine's own kernels are never made or compared as snapshots; leave it out of Verify and --accept", "numerics=fast", "target=verify")]
    [InlineData("--executor: 'slurm' is not supported yet; leave it out to run on this machine", "executor=slurm")]
    [InlineData("--explain: found 'yes', expected nothing, true or false", "explain=yes")]
    [InlineData("--store: has no value; write --store=FOLDER", "store=")]
    [InlineData("--accept: a run with --seed, --edits, --editors, --set or HARNESS_TASKS is a variant; snapshots are of the declared experiments only", "accept=", "seed=3")]
    public void A_wrong_option_says_what_was_expected(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Read(arguments)).Message);

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
