// B = batch, T = positions, H = heads, d = head width.
using Harness.Models;
using Harness.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests.Layers;

public sealed class RotaryTableTests : IDisposable
{
    private const int Positions = 5;

    // Frequencies 1 and 100^(−2/4) = 0.1 over a head of four channels.
    private static readonly TransformerConfig Four = TinyModels.Grouped with { HeadSize = 4, RotaryBase = 100 };

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Llama_turns_a_channel_with_the_one_half_a_head_further() =>
        CheckKeys(Four, (0, 2, 1), (1, 3, 0.1));

    [Fact]
    public void Gpt_j_turns_neighbours_and_leaves_the_rest_as_it_is() =>
        CheckKeys(Four with { HeadSize = 8, RotaryWidth = 4, RotaryInterleaved = true }, (0, 1, 1), (2, 3, 0.1));

    [Fact]
    public void Linear_scaling_divides_every_frequency() =>
        CheckKeys(Four with { RotaryScaling = new RotaryScaling(4) }, (0, 2, 1 / 4.0), (1, 3, 0.1 / 4));

    // Frequencies 1, 0.1 and 0.01 turn 20, 2 and 0.2 times within 126 positions: kept, a third of it kept, and divided.
    [Fact]
    public void Llama_3_1_scales_by_the_number_of_turns()
    {
        var kept = (126 * 0.1 / (2 * Math.PI) - 1) / 3;
        CheckKeys(Four with { HeadSize = 6, RotaryBase = 1000, RotaryScaling = new RotaryScaling(8, 1, 4, 126) },
            (0, 3, 1), (1, 4, 0.1 * (kept + ((1 - kept) / 8))), (2, 5, 0.01 / 8));
    }

    [Fact]
    public void Queries_are_turned_alike_and_scaled()
    {
        using var table = Table(Four);
        var split_BTHd = Split(Positions, 4);
        Assert.Equal(0, TinyModels.Distance(table.Key(split_BTHd).mul(Held(0.5)), table.Query(split_BTHd)), 1e-6);
    }

    [Fact]
    public void What_a_query_gives_a_key_depends_on_their_distance_alone()
    {
        using var table = Table(Four);
        var same_BTHd = Split(1, 4).expand(1, Positions, 1, 4);
        var scores_TT = table.Query(same_BTHd)[0].squeeze(1).matmul(table.Key(same_BTHd)[0].squeeze(1).t());
        for (var distance = 0; distance < Positions; distance++)
        {
            var diagonal = scores_TT.diagonal(-distance).data<float>().ToArray();
            Assert.All(diagonal, score => Assert.Equal(diagonal[0], score, 1e-5f));
        }
    }

    [Fact]
    public void Fewer_keys_than_positions_are_the_last_ones_and_a_selection_may_be_any()
    {
        using var table = Table(Four);
        var split_BTHd = Split(Positions, 4);
        var all_BTHd = table.Key(split_BTHd);
        Assert.True(TinyModels.Same(all_BTHd.narrow(1, 3, 2).contiguous(), table.Key(split_BTHd.narrow(1, 3, 2))));

        var selected = table.At(tensor(new long[] { 4, 0, 2, 2 }, [2, 2]));
        var chosen_BTHd = split_BTHd.index_select(1, tensor(new long[] { 4, 0, 2, 2 })).view(2, 2, 1, 4);
        var expected_BTHd = all_BTHd.index_select(1, tensor(new long[] { 4, 0, 2, 2 })).view(2, 2, 1, 4);
        Assert.True(TinyModels.Same(expected_BTHd, selected.Key(chosen_BTHd)));
    }

    [Fact]
    public void Only_neighbours_can_be_turned_in_a_part_of_the_head() => Assert.Equal(
        "model shape: rotary-width is 2; expected the head's 4, or rotary-interleaved",
        Assert.Throws<InputException>(() => Table(Four with { RotaryWidth = 2 })).Message);

    // Each pair of channels is a point that is turned by position times frequency; channels of no pair stay.
    private static void CheckKeys(TransformerConfig config, params (int First, int Second, double Frequency)[] pairs)
    {
        using var table = Table(config);
        var width = config.HeadWidth;
        var split_BTHd = Split(Positions, width);
        var (given, found) = (split_BTHd.data<float>().ToArray(), table.Key(split_BTHd).contiguous().data<float>().ToArray());
        var expected = Array.ConvertAll(given, value => (double)value);
        for (var position = 0; position < Positions; position++)
            foreach (var (first, second, frequency) in pairs)
            {
                var (a, b) = ((position * width) + first, (position * width) + second);
                var (sine, cosine) = Math.SinCos(position * frequency);
                (expected[a], expected[b]) = ((given[a] * cosine) - (given[b] * sine), (given[b] * cosine) + (given[a] * sine));
            }

        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    private static RotaryTable Table(TransformerConfig config) => RotaryTable.Build(Positions, config, CPU);

    // [1, T, 1, d], no value twice.
    private static Tensor Split(int positions, int width) =>
        tensor(Enumerable.Range(1, positions * width).Select(value => value / 10f).ToArray(), [1, positions, 1, width]);
}
