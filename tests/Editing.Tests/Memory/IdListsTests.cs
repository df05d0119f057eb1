using Harness.Editing.Memory;
using static TorchSharp.torch;

namespace Harness.Tests.Memory;

public sealed class IdListsTests
{
    [Fact]
    public void Lists_come_back_as_they_were()
    {
        int[][] lists = [[3, 1], [], [2], []];
        var tensors = new Dictionary<string, Tensor>();
        IdLists.Add(tensors, "some", lists);
        IdLists.Add(tensors, "none", []);
        Assert.Equal(["none.ends", "none.ids", "some.ends", "some.ids"], tensors.Keys.Order());
        Assert.Equal(lists, IdLists.Read(tensors, "some"));
        Assert.Empty(IdLists.Read(tensors, "none"));
        foreach (var one in tensors.Values)
            one.Dispose();
    }
}
