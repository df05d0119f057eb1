using Harness.CheckpointEdits;
using Harness.Editing;
using Harness.Editing.Editors.Prune;

namespace Harness.Tests.CheckpointEdits;

public sealed class FactEditRequestTests
{
    public static TheoryData<string, int> Editors
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var editor in EditorRegistry.All)
            {
                data.Add(editor.Name, 32);
                data.Add(editor.Name, 4);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Editors))]
    public void Every_option_that_an_editor_leaves_open_has_a_value(string name, int layers)
    {
        using var checkpoint = new TinyCheckpoint();
        var request = checkpoint.Request(name);
        Assert.NotNull(request.Editor.Create(request.Options(layers)));
    }

    [Fact]
    public void A_block_that_the_user_gives_takes_the_place_of_the_chosen_one()
    {
        using var checkpoint = new TinyCheckpoint();
        var options = (PruneOptions)checkpoint.Request("prune", "prune.rome.layer=1").Options(32);
        Assert.Equal((1, null), (options.Rome!.Layer, options.Memit));
        Assert.Null(checkpoint.Request("prune", "prune.rome.layer=1").Chosen);
        Assert.Null(checkpoint.Request("prune", "prune.memit.layers=[3]").Chosen);
        Assert.Equal([3], ((PruneOptions)checkpoint.Request("prune", "prune.memit.layers=[3]").Options(32)).Memit!.Layers);
        Assert.NotNull(checkpoint.Request("prune", "prune.log-base=2").Chosen);
    }
}
