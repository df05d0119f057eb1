using Harness.Models;
using Harness.Models.Generation;

namespace Harness.Tests.Generation;

public class GreedyDecoderTests
{
    private static readonly IReadOnlyList<int>[] Prompts = [[0, 5, 6], [0, 7], [0, 9, 4], [0, 1, 2, 3, 4]];

    [Fact]
    public void Every_new_token_is_the_argmax_under_teacher_forcing()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var answers = GreedyDecoder.Decode(model, Prompts, maxNewTokens: 6, _ => false);
        Assert.All(answers, answer => Assert.Equal(6, answer.Count));
        var whole = Prompts.Zip(answers, (prompt, answer) => new Sequence([.. prompt, .. answer], prompt.Count));
        var forced = TeacherForcing.Run(model, [.. whole]);
        Assert.Equal(answers.Select(answer => answer.ToArray()), forced.Select(answer => answer.Argmax));
    }

    [Fact]
    public void Many_prompts_are_answered_as_each_alone()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var together = GreedyDecoder.Decode(model, Prompts, 6, ids => ids[^1] % 3 == 0);
        Assert.Equal(Prompts.Select(prompt => GreedyDecoder.Decode(model, prompt, 6, ids => ids[^1] % 3 == 0)), together);
    }

    [Fact]
    public void Stops_where_it_is_told_to_and_keeps_the_last_token()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var free = GreedyDecoder.Decode(model, Prompts[0], 6, _ => false);
        Assert.Equal(free.Take(2), GreedyDecoder.Decode(model, Prompts[0], 6, ids => ids.Count == 2));
        Assert.Empty(GreedyDecoder.Decode(model, Prompts[0], 0, _ => false));
    }

    [Fact]
    public void Stops_where_the_positions_of_the_model_end()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped with { MaxPositions = 5 });
        Assert.Equal(3, GreedyDecoder.Decode(model, [0, 5, 6], 100, _ => false).Count);
    }
}
