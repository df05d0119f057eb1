using Harness.CheckpointEdits;
using Harness.Measuring.Cells;
using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Fuzzing;

/// <summary>JSON that nests a hundred thousand times, in facts, texts, data sets and stored worlds: one line that names the file.</summary>
public sealed class DepthTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Theory]
    [InlineData("facts.jsonl")]
    [InlineData("texts.jsonl")]
    [InlineData("records.json")]
    [InlineData("world.json")]
    public void A_file_that_nests_deep(string name)
    {
        var file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, (name.EndsWith('l') ? "{\"prompt\": " : "") + new string('[', 100_000));
        var error = Assert.Throws<InputException>(() => name switch
        {
            "facts.jsonl" => FactFile.Read(file),
            "texts.jsonl" => TextFile.Read(file),
            "records.json" => DatasetReader.Read(new DatasetOptions { Schema = "zsre", Edits = 1 }, file, null, 1, _ => { }),
            _ => (object)World.Load(file),
        }).Message;
        Assert.StartsWith(file, error, StringComparison.Ordinal);
        Assert.Contains("maximum configured depth of 64", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.True(error.Length < 1000, error);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
