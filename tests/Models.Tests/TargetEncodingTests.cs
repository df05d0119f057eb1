using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Tests;

public class TargetEncodingTests
{
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Train(["The capital of France is Paris"], 280);

    [Fact]
    public void Is_BOS_then_the_prompt_then_the_target_behind_a_space()
    {
        var prompt = Tokenizer.EncodeToIds("The capital of France is");
        var target = Tokenizer.EncodeToIds(" Paris");
        var sequence = TargetEncoding.Encode(Tokenizer, "The capital of France is", "Paris", appendEos: true);
        Assert.Equal([Tokenizer.BosId, .. prompt, .. target, Tokenizer.EosId], sequence.Ids);
        Assert.Equal(1 + prompt.Count, sequence.TargetStart);
        Assert.Equal(target.Count + 1, sequence.TargetLength);
    }

    [Fact]
    public void A_target_that_brings_its_space_gets_no_second_one()
    {
        var bare = TargetEncoding.Encode(Tokenizer, "The", "Paris", appendEos: false);
        Assert.Equal(bare.Ids, TargetEncoding.Encode(Tokenizer, "The", " Paris", appendEos: false).Ids);
    }
}
