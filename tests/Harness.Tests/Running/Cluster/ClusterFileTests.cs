using Harness.Measuring.Cells;
using Harness.Running.Cluster;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running.Cluster;

public sealed class ClusterFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_has_a_default()
    {
        var cluster = ClusterFile.Of(null);
        Assert.Equal((16, 15, 1440), (cluster.Workers, cluster.Poll, cluster.LongestMinutes));
        Assert.Equal("all", cluster.ClassOf(SampleCells.Cell("a")));
    }

    [Fact]
    public void A_cell_goes_to_the_first_class_for_its_kind_and_model()
    {
        var cluster = Read("""
            classes:
              large: { cpus: 8, memory: 64G, gpus: 1, kinds: [model, training], models: [llama2-7b] }
              training: { minutes: 600, kinds: [training] }
              small: {}
            """);
        Assert.Equal("training", cluster.ClassOf(SampleCells.Cell("t", CellKind.Training)));
        Assert.Equal("small", cluster.ClassOf(SampleCells.Cell("m", CellKind.Model)));
        Assert.Equal("small", cluster.ClassOf(SampleCells.Cell("e")));
    }

    [Fact]
    public void All_mistakes_are_told_with_their_places()
    {
        var file = folder.Write("cluster.yaml", "workers: 0\npoll: 900\nclasses:\n  a: { cpu: 1 }\n");
        var lines = Assert.Throws<InputException>(() => ClusterFile.Of(file)).Message.Split('\n');
        Assert.Equal(
            [
                $"{file}(1,10): 'workers': found 0, expected 1 to 1000.", $"{file}(2,7): 'poll': found 900, expected 1 to 600.",
                $"{file}(4,8): unknown key 'cpu' in class 'a'; did you mean 'cpus'? "
                    + "Known keys: cpus, memory, minutes, gpus, kinds, models.",
            ],
            lines);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() => Assert.StartsWith(
        "none.yaml: cannot be read: ", Assert.Throws<InputException>(() => ClusterFile.Of("none.yaml")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("4G", 2, "8G")]
    [InlineData("1500M", 1, "1500M")]
    [InlineData("all", 2, "all")]
    public void Memory_is_multiplied_as_Slurm_writes_it(string memory, int factor, string product) =>
        Assert.Equal(product, Memory.Times(memory, factor));

    private ClusterFile Read(string yaml) => ClusterFile.Of(folder.Write("cluster.yaml", yaml));
}
