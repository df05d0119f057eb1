using System.Text;
using System.Text.Json;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class BpeTokenizerTests
{
    private static readonly BpeTokenizer Small = BpeTokenizer.Train(["low low low lower", "The cat's 12 hats, naïve café"], 1000);

    [Fact]
    public void Round_trips_texts_of_any_script_with_emoji_and_control_characters()
    {
        var random = new SeededRandom(7, "texts");
        for (var i = 0; i < 3000; i++)
        {
            var text = RandomText(random);
            Assert.Equal(text, Small.Decode(Small.EncodeToIds(text)));
        }
    }

    [Fact]
    public void Unpaired_surrogates_become_the_replacement_character()
    {
        Assert.Equal("a\uFFFDb\uFFFD", Small.Decode(Small.EncodeToIds("a\uD800b\uDC00")));
        Assert.Equal(260, BpeTokenizer.Train(["\uD800 \uDC00"], 300).VocabularySize); // EF BF and EF BF BD, twice each
    }

    [Fact]
    public void Merges_by_rank_and_not_from_left_to_right()
    {
        // Words: "bc", " bc" twice, "ab" twice, newlines. Merges in order: b c (3), Ġ bc (2, lower ids than a b), a b (2).
        var tokenizer = BpeTokenizer.Train(["bc bc bc\nab\nab"], 1000);
        Assert.Equal((258, 259, 260), (tokenizer.IdOf("bc"), tokenizer.IdOf("Ġbc"), tokenizer.IdOf("ab")));
        Assert.Equal([2 + 'a', 258], tokenizer.EncodeToIds("abc"));
        Assert.Equal([260, 2 + 'd'], tokenizer.EncodeToIds("abd"));
    }

    [Fact]
    public void Encodes_as_the_definition_does_with_GPT_2_s_own_expression()
    {
        var random = new SeededRandom(11, "definition");
        var texts = Enumerable.Range(0, 60).Select(_ => NaiveBpe.RandomText(random)).ToArray();
        var tokenizer = BpeTokenizer.Train(texts, 400);
        var naive = NaiveBpe.Train(texts, 400);
        for (var i = 0; i < 500; i++)
        {
            var text = NaiveBpe.RandomText(random);
            Assert.Equal(naive.Encode(text), tokenizer.EncodeToIds(text).Select(id => id - 2));
        }
    }

    [Fact]
    public void Letters_outside_the_basic_plane_are_letters()
    {
        // "a𝒜" is one word, which five merges of its five bytes can join (.NET's \p{L} would see two surrogates instead).
        var tokenizer = BpeTokenizer.Train(["a𝒜\na𝒜\na𝒜"], 1000);
        Assert.Single(tokenizer.EncodeToIds("a𝒜"));
    }

    [Fact]
    public void Specials_are_read_from_text_and_never_printed()
    {
        Assert.Equal((0, 1), (Small.BosId, Small.EosId));
        Assert.Equal([0, .. Small.EncodeToIds("low"), 1], Small.EncodeToIds("<s>low</s>"));
        Assert.Equal("low", Small.Decode(Small.EncodeToIds("<s>low</s>")));
        Assert.Empty(Small.EncodeToIds(""));
        Assert.Equal((true, true, false), (Small.IsSpecial(0), Small.IsSpecial(1), Small.IsSpecial(2)));
    }

    [Fact]
    public void What_is_trained_on_the_sample_is_the_committed_file_that_Hugging_Face_s_library_reads()
    {
        var texts = File.ReadLines(Path.Combine(TokenizerFile.SampleFolder, "texts.jsonl"))
            .Select(line => JsonSerializer.Deserialize<string>(line)!);
        using var folder = new ScratchFolder();
        BpeTokenizer.Train(texts, 500).Save(folder.File("tokenizer.json"));
        Assert.Equal(File.ReadAllText(TokenizerFile.Sample("harness")), File.ReadAllText(folder.File("tokenizer.json")));
    }

    [Fact]
    public void Texts_begin_with_the_first_special_where_trained_here()
    {
        Assert.Equal([0], Small.Prefix);
        Assert.Empty(Small.Suffix);
        Assert.Equal([1], Small.StopIds);
        Assert.False(Small.PrependsSpace);
    }

    [Fact]
    public void A_character_cut_in_two_decodes_to_the_replacement_character()
    {
        Assert.Equal("\uFFFD", Small.Decode(Small.EncodeToIds("☃").Take(1)));
    }

    [Fact]
    public void Ids_that_are_no_tokens_decode_to_nothing()
    {
        Assert.Equal("a", Small.Decode([Small.VocabularySize, 2 + 'a', int.MaxValue]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Small.Decode([-1]));
    }

    [Fact]
    public void A_word_of_any_length_is_merged_in_reasonable_time()
    {
        var text = new string('l', 200_000) + new string('=', 200_000);
        Assert.Equal(text, Small.Decode(Small.EncodeToIds(text)));
    }

    private static string RandomText(SeededRandom random)
    {
        (int First, int Last)[] scripts =
        [
            (0x00, 0x1F), (0x20, 0x7E), (0x20, 0x7E), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x6FF),
            (0x900, 0x97F), (0xE00, 0xE7F), (0x2000, 0x206F), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xFFFF),
            (0x10300, 0x1034F), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (0x10FFF0, 0x10FFFF),
        ];
        var text = new StringBuilder();
        var script = random.Pick(scripts);
        for (var length = random.Next(40); length > 0; length--)
        {
            if (random.Next(6) == 0) script = random.Pick(scripts);
            text.Append(new Rune(script.First + random.Next(script.Last - script.First + 1)));
            if (random.Next(5) == 0) text.Append(' ');
        }

        return text.ToString();
    }
}
