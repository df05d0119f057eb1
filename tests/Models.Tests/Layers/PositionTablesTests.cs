using Harness.Models;
using Harness.Models.Layers;
using static TorchSharp.torch;

namespace Harness.Tests.Layers;

public sealed class PositionTablesTests
{
    // An odd number of heads is in no groups.
    private static readonly TransformerConfig Three =
        TinyModels.Grouped with { Width = 12, Heads = 3, KeyValueHeads = 3, MaxPositions = 400 };

    [Fact]
    public void A_position_sees_itself_and_what_is_before_it() => Assert.Equal(["0--", "00-", "000"], Mask(3, Three));

    [Fact]
    public void A_window_ends_what_is_seen() =>
        Assert.Equal(["0---", "00--", "-00-", "--00"], Mask(4, Three with { SlidingWindow = 2 }));

    [Theory]
    [InlineData(4, 8, 4)]
    [InlineData(4, 9, 2)]
    [InlineData(4, 16, 2)]
    [InlineData(4, 17, 1)]
    [InlineData(6, 4, 2)]
    [InlineData(3, 2, 1)]
    public void Heads_share_a_product_of_at_most_32_rows(int heads, int positions, int group)
    {
        using var tables = PositionTables.Build(
            positions, Three with { Heads = heads, KeyValueHeads = heads, Width = 4 * heads }, CPU);
        Assert.Equal(group, tables.HeadsInGroup);
        Assert.Equal([group * positions, group * positions], tables.CausalMask_SS.shape);
    }

    [Fact]
    public void Heads_of_a_group_do_not_see_each_other()
    {
        var two = Three with { Heads = 2, KeyValueHeads = 2, Width = 8 };
        Assert.Equal(["0-----", "00----", "000---", "---0--", "---00-", "---000"], Mask(3, two));
        Assert.Equal(["000---", "---000"], Mask(3, two, last: 1));
        Assert.Equal(["00----", "000---", "---00-", "---000"], Mask(3, two, last: 2));
    }

    [Fact]
    public void Alibi_adds_each_heads_slope_times_the_keys_position()
    {
        using var tables = PositionTables.Build(2, Three with { Positions = PositionKind.Alibi, Heads = 2 }, CPU);
        Assert.Null(tables.Rotary);
        Assert.Equal(1, tables.HeadsInGroup);
        Assert.Equal([2, 2, 2], tables.AlibiMask_HTT!.shape);
        Assert.Equal(
            [0, float.NegativeInfinity, 0, 1 / 16f, 0, float.NegativeInfinity, 0, 1 / 256f],
            tables.AlibiMask_HTT.data<float>().ToArray());
    }

    // Eight heads: 2^(−1) to 2^(−8); twelve: those and the odd steps of sixteen, 2^(−0.5), 2^(−1.5) …
    [Theory]
    [InlineData(1, new[] { -8.0 })]
    [InlineData(3, new[] { -4.0, -8, -2 })]
    [InlineData(8, new[] { -1.0, -2, -3, -4, -5, -6, -7, -8 })]
    [InlineData(12, new[] { -1.0, -2, -3, -4, -5, -6, -7, -8, -0.5, -1.5, -2.5, -3.5 })]
    public void Slopes_are_powers_of_two(int heads, double[] exponents)
    {
        using var slopes_H = Alibi.Slopes(heads, CPU);
        Assert.Equal(exponents.Select(exponent => (float)Math.Pow(2, exponent)), slopes_H.data<float>().ToArray());
    }

    [Fact]
    public void Learnt_positions_have_neither_factors_nor_biases()
    {
        using var tables = PositionTables.Build(2, Three with { Positions = PositionKind.Learned }, CPU);
        Assert.Null(tables.Rotary);
        Assert.Null(tables.AlibiMask_HTT);
    }

    [Fact]
    public void Tables_are_built_once_and_those_of_long_texts_make_room_for_each_other()
    {
        using var cache = new PositionTableCache(Three, CPU);
        var (brief, lengthy) = (cache.Of(256), cache.Of(257));
        Assert.Same(brief, cache.Of(256));
        Assert.Same(lengthy, cache.Of(257));
        cache.Of(258);
        Assert.True(lengthy.CausalMask_SS.IsInvalid);
        Assert.NotSame(lengthy, cache.Of(257));
        Assert.Same(brief, cache.Of(256));
        Assert.False(brief.CausalMask_SS.IsInvalid);
    }

    [Fact]
    public void A_text_longer_than_the_models_positions_is_refused()
    {
        using var cache = new PositionTableCache(Three, CPU);
        Assert.Equal("a sequence has 401 tokens; the model has 400 positions; shorten the text",
            Assert.Throws<InputException>(() => cache.Of(401)).Message);
    }

    // A row each: 0 where it may look, - where it may not.
    private static List<string> Mask(int positions, TransformerConfig config, int? last = null)
    {
        using var scope = NewDisposeScope();
        using var tables = PositionTables.Build(positions, config, CPU);
        var mask = tables.CausalMask(last ?? positions);
        var width = (int)mask.shape[1];
        return [.. mask.contiguous().data<float>().ToArray().Chunk(width).Select(row => string.Concat(
            row.Select(value => value == 0 ? '0' : float.IsNegativeInfinity(value) ? '-' : '?')))];
    }
}
