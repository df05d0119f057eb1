using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Planning;
using Harness.Reports;
using Harness.Running;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running;

public sealed class RunRecordTests : IDisposable
{
    private readonly SampleExperiments sample = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        sample.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_record_says_when_where_and_how_a_table_was_made()
    {
        var record = Record("--target=Table1", "--seed=1,2");
        Assert.Equal("./build.sh --target=Table1 --seed=1,2", (string?)record["command"]);
        Assert.Equal(("2026-01-02T03:04:05Z", 60.0), ((string?)record["started"], (double)record["seconds"]!));
        Assert.Equal("""{"computed":12,"reused":30}""", record["cells"]!.ToJsonString());
        Assert.Equal(
            ["processor", "cores", "workers", "operating-system", "dotnet", "libtorch", "numerics-class"],
            record["machine"]!.AsObject().Select(part => part.Key));
        Assert.Equal(2, (int)record["machine"]!["workers"]!);
        Assert.Equal(KeyContext.Current.Numerics, (string?)record["machine"]!["numerics-class"]);
        Assert.Null(record["commit"]);
    }

    [Fact]
    public void Its_commit_is_the_sources_and_results_do_not_make_them_unclean()
    {
        File.WriteAllText(Path.Combine(folder.Path, "source"), "1");
        Git("init", "-q");
        Git("add", ".");
        Git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first");
        Directory.CreateDirectory(Path.Combine(folder.Path, "results"));
        File.WriteAllText(Path.Combine(folder.Path, "results", "table1.csv"), "");
        var clean = Record();
        Assert.Matches("^[0-9a-f]{40}$", (string?)clean["commit"]);
        Assert.True((bool)clean["clean"]!);
        File.WriteAllText(Path.Combine(folder.Path, "source"), "2");
        Assert.False((bool)Record()["clean"]!);
    }

    [Theory]
    [InlineData("--model=https://me:hf_abcdefghijk@host/model", "--model=https://…@host/model")]
    [InlineData("--out=hf_abcdefghijk", "--out=…")]
    [InlineData("--editors=ft-c", "--editors=ft-c")]
    public void Tokens_and_passwords_are_left_out(string argument, string kept) =>
        Assert.Equal($"./build.sh {kept}", (string?)Record(argument)["command"]);

    private JsonObject Record(params string[] arguments)
    {
        var clock = new Clock();
        var record = new RunRecord(folder.Path, arguments, clock);
        clock.Seconds = 60;
        var results = Directory.CreateDirectory(Path.Combine(folder.Path, "results")).FullName;
        record.Write(new Report(sample.LoadTable1(new()), new(), [], []), results, jobs: 2, cells: 42, computed: 12);
        return JsonNode.Parse(File.ReadAllText(Assert.Single(Directory.GetFiles(results, "*" + RunRecord.Extension))))!.AsObject();
    }

    private void Git(params string[] arguments)
    {
        using var git = Process.Start("git", ["-C", folder.Path, .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
