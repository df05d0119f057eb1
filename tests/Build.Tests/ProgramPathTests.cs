using System.Diagnostics;
using System.Runtime.Versioning;
using Harness.Build;
using Harness.CheckpointEdits;
using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Running;

namespace Harness.Tests;

/// <summary>
/// Runs of the program from a folder that is not the clone: what the user names is there, what the harness has of its own is in the clone.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ProgramPathTests : IDisposable
{
    private static readonly string Program = typeof(Build.Program).Assembly.Location;
    private readonly string folder = Directory.CreateTempSubdirectory("paths-").FullName;

    public ProgramPathTests()
    {
        string[] texts = ["Ada Byron was born in London.", "Alan Turing was born in London.", "Ada Byron was born in Paris."];
        var tokenizer = BpeTokenizer.Train(texts.SelectMany(text => Enumerable.Repeat(text, 3)), 300);
        using var model = Transformer.Create(
            new TransformerConfig
            {
                Family = "llama",
                VocabularySize = tokenizer.VocabularySize,
                Width = 16,
                MlpWidth = 32,
                Layers = 2,
                Heads = 2,
                KeyValueHeads = 2,
                MaxPositions = 64,
            },
            seed: 1);
        model.Save(Directory.CreateDirectory(At("llama2-7b-zsre")).FullName, tokenizer);
        File.WriteAllText(At("facts.jsonl"), """{"prompt": "Ada Byron was born in", "target": "Paris"}""");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_edit_takes_and_writes_what_lies_where_the_user_stands()
    {
        var (exitCode, output, errors) = Run(
            folder, "--target=Edit", "--model=llama2-7b-zsre", "--facts=facts.jsonl", "--editor=full-ft", "--out=new/edited",
                "--set=full-ft.tuning.epochs=1");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("model llama2-7b-zsre, the folder here and not the study's model of that name; 1 thread (--jobs)",
            output.Split('\n'));
        Assert.Contains($"written: new/edited, a whole model folder; {FactOutput.ReportFile} in it tells all of the above",
            output.Split('\n'));
        Assert.True(File.Exists(At("new/edited", FactOutput.ReportFile)));
    }

    [Theory]
    [InlineData("facts.jsonl", "texts.txt")]
    [InlineData("./facts.jsonl", "../texts.txt")]
    public void A_file_is_named_as_the_user_named_it(string facts, string texts)
    {
        File.WriteAllText(At("facts.jsonl"), "{}");
        var (exitCode, _, errors) = Run(
            folder, "--target=Edit", "--model=llama2-7b-zsre", $"--facts={facts}", "--editor=rome", "--out=edited", $"--texts={texts}");
        Assert.Equal(1, exitCode);
        Assert.Contains($"{facts}(1): found no \"prompt\"", errors, StringComparison.Ordinal);
        Assert.Contains($"{texts}: found no readable file (Could not find file '{Path.GetFullPath(At(texts))}')", errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Working_is_as_if_started_there()
    {
        File.WriteAllText(At("facts.jsonl"), "{}");
        var (_, _, errors) = Run(
            Path.GetTempPath(), $"--working={folder}", "--target=Edit", "--model=llama2-7b-zsre", "--facts=facts.jsonl",
                "--editor=full-ft", "--out=edited");
        Assert.Contains("facts.jsonl(1): found no \"prompt\"", errors, StringComparison.Ordinal);
        Assert.Equal(
            "Error: --working: found no folder 'nowhere', expected one to work in; correct it or leave it out",
            Run(folder, "--working=nowhere", "--target=Clean", "--store=mine").Errors.TrimEnd());
    }

    [Fact]
    public void A_store_of_the_users_is_where_the_user_stands()
    {
        Assert.Contains("mine: there is no store", Run(folder, "--target=Clean", "--store=mine").Output.Split('\n'));
        Directory.CreateDirectory(At("mine"));
        Assert.Contains("mine: deleted", Run(folder, "--target=Clean", "--store=mine").Output.Split('\n'));
        Assert.False(Directory.Exists(At("mine")));
    }

    [Theory]
    [InlineData("normal", "== Clean|mine: there is no store")]
    [InlineData("minimal", "mine: there is no store")]
    [InlineData("quiet", "mine: there is no store")]
    public void A_quiet_run_names_no_steps(string verbosity, string lines) => Assert.Equal(
        lines.Split('|'),
        Run(folder, "--target=Clean", "--store=mine", $"--verbosity={verbosity}").Output.TrimEnd().Split('\n'));

    [Fact]
    public void Folders_of_the_environment_are_where_the_user_stands() => Assert.Equal(
        "Error: HARNESS_TASKS: found no folder 'tasks', expected one with tasks of lm-evaluation-harness, *.yaml, and their data; " +
            "correct or unset it",
        Run(folder, [("HARNESS_TASKS", "tasks")], "--target=Figures").Errors.TrimEnd());

    [Fact]
    public void Results_that_the_user_does_not_place_are_in_the_clone()
    {
        const string Rest = ", expected those of experiments at scale 'paper'; run their targets first";
        Assert.EndsWith($"Error: found no report in {Path.Combine(Clone.Root, "results", "paper")}{Rest}",
            Run(folder, "--target=Figures", "--scale=paper").Errors.TrimEnd());
        Assert.EndsWith($"Error: found no report in {Path.Combine("results", "paper")}{Rest}",
            Run(Clone.Root, "--target=Figures", "--scale=paper").Errors.TrimEnd());
    }

    [Theory]
    [InlineData("--Target=Clean")]
    [InlineData("-target=Clean")]
    public void A_target_is_one_however_it_is_written(string target) =>
        Assert.Contains("mine: there is no store", Run(folder, target, "--store=mine").Output.Split('\n'));

    [Theory]
    [InlineData("meta-llama/Llama-2-7b-hf")]
    [InlineData("https://huggingface.co/meta-llama/Llama-2-7b-hf")]
    public void A_name_of_the_hub_is_told_what_to_do(string model)
    {
        File.WriteAllText(At("facts.jsonl"), "{}");
        Assert.Equal(
            $"Error: --model: found '{model}', which is neither a folder nor a model of the study, expected a Hugging Face model folder; " +
                "correct the path, "
            + "or fetch a model of the hub first (hf download ORGANISATION/NAME --local-dir FOLDER) and give that folder",
            Run(folder, "--target=Edit", $"--model={model}", "--facts=facts.jsonl", "--editor=full-ft", "--out=edited").Errors.TrimEnd());
    }

    [Theory]
    [InlineData()]
    [InlineData("--help")]
    [InlineData("-h", "--target=Table1")]
    public void The_help_needs_no_target(params string[] arguments)
    {
        var (exitCode, output, errors) = Run(folder, arguments);
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("  DFT        DFT-Change DFT-Controls DFT-Sweep Table1 Table2 Table3", output.Split('\n'));
    }

    private string At(params ReadOnlySpan<string> parts) => Path.Combine([folder, .. parts]);

    private static (int ExitCode, string Output, string Errors) Run(string place, params string[] arguments) => Run(place, [], arguments);

    internal static (int ExitCode, string Output, string Errors) Run(
        string place, (string Name, string Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Program, .. arguments])
        { WorkingDirectory = place, RedirectStandardOutput = true, RedirectStandardError = true };
        NumericsEnvironment.Set(start.Environment, isFast: false);
        start.Environment.Remove("HARNESS_TASKS");
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
