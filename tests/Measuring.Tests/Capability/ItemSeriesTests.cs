using Harness.Measuring.Capability;

namespace Harness.Tests.Capability;

public sealed class ItemSeriesTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    private string File => Path.Combine(root.FullName, ItemSeries.FileName);

    [Fact]
    public void What_is_written_is_read_back_in_canonical_lines()
    {
        var series = new Dictionary<string,
            IReadOnlyList<SeriesItem>>
        { ["kl"] = [new(1, 0.1), new(0, 1e-9)], ["choice"] = [new(0, -1 / 3.0) { Group = "Ann" }] };
        ItemSeries.Write(File, series);
        Assert.Equal(
            """
            {"group":"Ann","id":0,"series":"choice","value":-0.3333333333333333}
            {"id":1,"series":"kl","value":0.1}
            {"id":0,"series":"kl","value":1E-09}

            """,
            System.IO.File.ReadAllText(File));
        var read = ItemSeries.Read(File);
        Assert.Equal(["choice", "kl"], read.Keys);
        Assert.All(read, pair => Assert.Equal(series[pair.Key], pair.Value));
    }

    [Fact]
    public void A_line_that_is_no_item_is_named()
    {
        System.IO.File.WriteAllText(File, """{"id":0,"series":"kl","value":1}""" + "\n" + """{"id":0,"value":1}""" + "\n");
        Assert.StartsWith(
            $$$"""{{{File}}}(2): found '{"id":0,"value":1}', expected {"id": …, "series": "…", "value": …} (""",
            Assert.Throws<InputException>(() => ItemSeries.Read(File)).Message);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_refused() => Assert.Throws<ArgumentException>(
        () => ItemSeries.Write(File, new Dictionary<string, IReadOnlyList<SeriesItem>> { ["kl"] = [new(0, double.NaN)] }));

    public void Dispose() => root.Delete(recursive: true);
}
