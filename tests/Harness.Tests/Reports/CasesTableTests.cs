using Harness.Measuring.Data;
using Harness.Reports;
using Harness.Tests.Declarations;

namespace Harness.Tests.Reports;

public sealed class CasesTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_score_stands_with_its_seed_and_scores_of_cases_with_prompt_and_answers_before_and_after()
    {
        var experiment = Examples.Small(["reliability", "capability"], [new("original", null), new("rome", new object())]) with
        {
            Seeds = [2, 3],
        };
        MeasuredRow[] rows =
        [
            .. from seed in experiment.Seeds
               from editor in new[] { "original", "rome" }
               let row = Examples.Row(
                   editor, ("reliability", [new(0, 1) { Said = "Ann" }, new(1, 0.5) { Said = $"{editor} | b" }]),
                   ("choice", [new(0, seed - 2.0) { Group = "Bob" }]))
               where editor == "rome" || seed == 2
               select row with { Seed = seed },
            Examples.Row("original", ("reliability", Examples.Items(1, 0.5)), ("choice", Examples.Items(1.0))) with { Seed = 3 },
        ];
        var report = Report.Build(experiment, rows) with
        {
            Cases = new Dictionary<(long Seed, string Dataset), IReadOnlyList<EditCase>>
            {
                [(2, "zsre")] = [Case(0, "Who wrote \"Emma\"?", "Ann"), Case(1, "Where, then?", "Rome")],
                [(3, "zsre")] = [Case(0, "When?", "Now"), Case(1, "Why?", "So")],
            },
        };
        Assert.Equal("""
            seed,dataset,model,editor,series,item,group,prompt,wanted,before,after,score
            2,zsre,llama2-7b,original,choice,0,Bob,,,,,0
            2,zsre,llama2-7b,original,reliability,0,,"Who wrote ""Emma""?",Ann,Ann,Ann,1
            2,zsre,llama2-7b,original,reliability,1,,"Where, then?",Rome,original | b,original | b,0.5
            3,zsre,llama2-7b,original,choice,0,,,,,,1
            3,zsre,llama2-7b,original,reliability,0,,When?,Now,,,1
            3,zsre,llama2-7b,original,reliability,1,,Why?,So,,,0.5
            2,zsre,llama2-7b,rome,choice,0,Bob,,,,,0
            2,zsre,llama2-7b,rome,reliability,0,,"Who wrote ""Emma""?",Ann,Ann,Ann,1
            2,zsre,llama2-7b,rome,reliability,1,,"Where, then?",Rome,original | b,rome | b,0.5
            3,zsre,llama2-7b,rome,choice,0,Bob,,,,,1
            3,zsre,llama2-7b,rome,reliability,0,,When?,Now,,Ann,1
            3,zsre,llama2-7b,rome,reliability,1,,Why?,So,,rome | b,0.5

            """, CasesTable.ToText(report));
    }

    [Fact]
    public void What_is_compressed_reads_back_and_what_is_not_is_no_such_file()
    {
        var file = Path.Combine(folder.Path, "table1.cases.csv.gz");
        Assert.False(CasesTable.Holds(file, "a"));
        CasesTable.Write(file, "a,ü\n");
        Assert.Equal("a,ü\n", CasesTable.Read(file));
        Assert.True(CasesTable.Holds(file, "a,ü\n"));
        Assert.False(CasesTable.Holds(file, "a,b\n"));
        File.WriteAllText(file, "a,ü\n");
        Assert.False(CasesTable.Holds(file, "a,ü\n"));
    }

    [Fact]
    public void Verify_compares_the_scores_and_not_how_they_are_compressed()
    {
        var report = Examples.Report();
        var (committed, regenerated) = (Path.Combine(folder.Path, "committed"), Path.Combine(folder.Path, "regenerated"));
        foreach (var place in (string[])[committed, regenerated])
            ReportWriter.Write(report, ReportWriterTests.Somewhere, place, withFigure: false);
        Snapshot.Accept(report, ReportWriterTests.Somewhere.NumericsClass, committed);
        IReadOnlyList<string> Compare() =>
            Snapshot.Compare(report, ReportWriterTests.Somewhere.NumericsClass, committed, regenerated, folder.Path).Differences;
        Assert.Empty(Compare());

        var file = Path.Combine(committed, "table1.cases.csv.gz");
        var text = CasesTable.Read(file);
        using (var stored = new System.IO.Compression.GZipStream(File.Create(file), System.IO.Compression.CompressionLevel.NoCompression))
            stored.Write(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Empty(Compare());

        CasesTable.Write(file, text.Replace("rome,reliability,9,,,,,,0", "rome,reliability,9,,,,,,1"));
        Assert.Equal(["committed/table1.cases.csv.gz: line 31: expected '1,zsre,llama2-7b,rome,reliability,9,,,,,,1', "
            + "actual '1,zsre,llama2-7b,rome,reliability,9,,,,,,0'"], Compare());
        File.WriteAllText(file, "none");
        Assert.StartsWith("committed/table1.cases.csv.gz: expected compressed values, actual none (", Assert.Single(Compare()));
    }

    private static EditCase Case(int id, string prompt, string wanted) => new()
    {
        Id = id,
        Subject = "",
        Prompt = prompt,
        TargetNew = wanted,
        TargetOld = "",
        Rephrases = [],
        Locality = [],
    };
}
