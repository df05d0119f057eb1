using Harness.Editing.Memory;
using static TorchSharp.torch;

namespace Harness.Tests.Memory;

public sealed class PromptStatesTests
{
    [Fact]
    public void Means_are_those_of_each_prompt_alone_in_the_order_given()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        int[][] prompts = [[0, 5, 6], [0, 7], [0, 8, 9], [0, 3]];
        var means_ND = PromptStates.Means(tiny.Model, prompts, 1);
        var directions_ND = PromptStates.Directions(tiny.Model, prompts, 1);
        for (var i = 0; i < prompts.Length; i++)
        {
            var hidden_TD = tiny.Model.Run(tiny.Model.Embed(PromptStates.Tokens(tiny.Model, [prompts[i]])), 0, 2)[0];
            Assert.InRange(Numbers.Distance(means_ND[i], hidden_TD.mean([0L])), 0, 1e-6);
            Assert.Equal(1, directions_ND[i].norm(2f).AsDouble(), 1e-6);
            Assert.Equal(means_ND[i].norm(2f).AsDouble(), means_ND[i].dot(directions_ND[i]).AsDouble(), 1e-4);
        }
    }
}
