using System.Text.Json.Nodes;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class BpeTrainerTests
{
    [Fact]
    public void Learns_the_merges_worked_out_by_hand()
    {
        // Words: "low" 1, " low" 2, " lower" 1. Pairs: l o 4, o w 4, Ġ l 3, w e 1, e r 1. Of the equals, l o has the lower ids.
        // Then lo w 4, then Ġ low 3; what is left occurs once.
        var tokenizer = BpeTokenizer.Train(["low low low lower"], 1000);
        Assert.Equal(261, tokenizer.VocabularySize);
        Assert.Equal((258, 259, 260), (tokenizer.IdOf("lo"), tokenizer.IdOf("low"), tokenizer.IdOf("Ġlow")));
        Assert.Equal([259, 260, 2 + 'e', 2 + 'r'], tokenizer.EncodeToIds("low lower"));
    }

    [Fact]
    public void Learns_what_counting_every_pair_anew_learns()
    {
        var random = new SeededRandom(3, "corpus");
        var texts = Enumerable.Range(0, 60).Select(_ => NaiveBpe.RandomText(random)).ToArray();
        var naive = NaiveBpe.Train(texts, 400);
        using var folder = new ScratchFolder();
        BpeTokenizer.Train(texts, 400).Save(folder.File("tokenizer.json"));
        Assert.Equal(naive.Merges.Select(merge => (merge.Left + 2, merge.Right + 2)), ReadMerges(folder.File("tokenizer.json")));
    }

    [Fact]
    public void Order_of_the_texts_does_not_matter()
    {
        var random = new SeededRandom(5, "order");
        var texts = Enumerable.Range(0, 40).Select(_ => NaiveBpe.RandomText(random)).ToList();
        using var folder = new ScratchFolder();
        BpeTokenizer.Train(texts, 350).Save(folder.File("a"));
        random.Shuffle(texts);
        BpeTokenizer.Train(texts, 350).Save(folder.File("b"));
        Assert.Equal(File.ReadAllBytes(folder.File("a")), File.ReadAllBytes(folder.File("b")));
    }

    [Fact]
    public void Stops_at_the_size_asked_for_and_refuses_one_too_small()
    {
        Assert.Equal(259, BpeTokenizer.Train(["low low low lower"], 259).VocabularySize);
        Assert.Equal(258, BpeTokenizer.Train([], 300).VocabularySize);
        Assert.Equal(
            "tokenizer: found a vocabulary size of 257, expected at least 258 (2 specials and 256 bytes); raise it",
            Assert.Throws<InputException>(() => BpeTokenizer.Train(["low"], 257)).Message);
    }

    private static IEnumerable<(int Left, int Right)> ReadMerges(string file)
    {
        var model = JsonNode.Parse(File.ReadAllText(file))!["model"]!;
        foreach (var merge in model["merges"]!.AsArray())
        {
            var parts = merge!.GetValue<string>().Split(' ');
            yield return ((int)model["vocab"]![parts[0]]!, (int)model["vocab"]![parts[1]]!);
        }
    }
}
