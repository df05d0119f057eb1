using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public class TokenBatchTests
{
    [Fact]
    public void Pads_right_and_labels_each_position_with_the_next_token()
    {
        using var scope = NewDisposeScope();
        using var batch = new TokenBatch([new Sequence([0, 5, 6, 7, 8], 3), new Sequence([0, 9, 4], 1)]);
        Assert.Equal([2, 4], batch.Tokens_BT.shape);
        Assert.Equal([0, 5, 6, 7, 0, 9, 0, 0], batch.Tokens_BT.data<long>().ToArray());
        Assert.Equal([2, 3, 4, 5], batch.TargetRows_N.data<long>().ToArray());
        Assert.Equal([7, 8, 9, 4], batch.TargetLabels_N.data<long>().ToArray());
        Assert.Equal([0, 1], batch.PromptRows_M.data<long>().ToArray());
        Assert.Equal([5, 6], batch.PromptLabels_M.data<long>().ToArray());
    }

    [Fact]
    public void Rows_of_the_last_positions_are_counted_from_where_the_first_target_is_predicted()
    {
        using var scope = NewDisposeScope();
        using var batch = new TokenBatch([new Sequence([0, 5, 6, 7, 8], 3), new Sequence([0, 9, 4, 3], 3)]);
        Assert.Equal(2, batch.LastPositions);
        Assert.Equal([0, 1, 2], batch.TargetRows(2).data<long>().ToArray());
        Assert.Equal([1, 2, 4], batch.TargetRows(3).data<long>().ToArray());
        Assert.Equal(batch.TargetRows_N.data<long>().ToArray(), batch.TargetRows(4).data<long>().ToArray());
    }

    [Fact]
    public void Selects_rows_of_the_hidden_states()
    {
        using var scope = NewDisposeScope();
        var hidden_BTD = TensorArithmetic.Counting(8).to(ScalarType.Float32).view(2, 2, 2);
        Assert.Equal([2f, 3f, 4f, 5f], TokenBatch.Select(hidden_BTD, tensor(new long[] { 1, 2 })).data<float>().ToArray());
    }

    [Fact]
    public void A_target_needs_a_token_before_it_and_one_of_its_own()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sequence([0, 1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sequence([0, 1], 2));
        Assert.Equal(1, new Sequence([0, 1], 1).TargetLength);
    }
}
