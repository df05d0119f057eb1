using Harness.Editing;
using Harness.Editing.Locating;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Locating;

public sealed class SubjectPositionTests
{
    // Merges make " Anna" one token and leave rarer words in bytes.
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Train(Enumerable.Repeat("I know Anna. I know Anna.", 20), 270);

    [Theory]
    [InlineData("I know Anna.", "Anna")]
    [InlineData("I know Zoë Ćosić now", "Zoë Ćosić")]
    [InlineData("Anna", "Anna")]
    public void Is_the_token_with_the_subject_s_last_letter(string prompt, string subject)
    {
        var index = Find(prompt, subject, "");
        Assert.Equal(prompt[..(prompt.IndexOf(subject, StringComparison.Ordinal) + subject.Length)], TextUpTo(prompt, index));
    }

    [Fact]
    public void Counts_BOS_and_the_context()
    {
        Assert.Equal(Tokenizer.EncodeToIds("I know Anna").Count, Find("I know Anna.", "Anna", ""));
        Assert.Equal(Tokenizer.EncodeToIds("The I. I know Anna").Count, Find("I know Anna.", "Anna", "The I. "));
    }

    [Fact]
    public void Takes_the_token_that_spans_the_subject_s_end()
    {
        // The subject ends inside the token of two dots: that token is the subject's last.
        var tokenizer = BpeTokenizer.Train(Enumerable.Repeat("Mr. J.. Mr. J..", 20), 270);
        var ids = tokenizer.EncodeToIds("Mr. J.. is");
        var request = new EditRequest(0, "Mr. J.", "Mr. J.. is", "x", "y");
        var index = SubjectPosition.Find(tokenizer, request, "");
        Assert.Equal("Mr. J..", tokenizer.Decode(ids.Take(index)));
    }

    [Fact]
    public void A_subject_that_first_occurs_inside_a_longer_word_is_where_it_stands_by_itself()
    {
        const string Prompt = "After Gosthon Nerbrom, which country is Gosthon Ner a citizen of?";
        Assert.Equal("After Gosthon Nerbrom, which country is Gosthon Ner", TextUpTo(Prompt, Find(Prompt, "Gosthon Ner", "")));
        var error = Assert.Throws<InputException>(() => Find("I know Anna.", "Ann", "Ann. "));
        Assert.Equal(
            "case 0: subject 'Ann' does not occur as whole words in prompt 'I know Anna.' (only inside 'Anna'); " +
                "expected its exact spelling; correct the record or leave it out.", error.Message);
        Assert.StartsWith(
            "case 0: subject '' does not occur as whole words in prompt 'I know Anna.'; expected",
            Assert.Throws<InputException>(() => Find("I know Anna.", "", "")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("After Gosthon Nerbrom, which country is Gosthon Ner a citizen of?", "Gosthon Ner", null)]
    [InlineData("Gosthon Ner, the heir of Gosthon Ner", "Gosthon Ner", null)]
    [InlineData("西河国的首都是哪里？", "西河国", "国的")]
    [InlineData("在西河国", "西", "在西")]
    [InlineData("西河国", "西河国", null)]
    public void A_token_that_holds_letters_beside_the_subject_is_told(string prompt, string subject, string? expected)
    {
        // One token a byte, but for the bytes of "国的" and of "在西".
        var tokenizer = BpeTokenizer.Train([.. Enumerable.Repeat("国的", 20), .. Enumerable.Repeat("在西", 20)], 300);
        Assert.Equal(expected, SubjectPosition.Shared(tokenizer, prompt, subject));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Of_two_people_the_one_whose_whole_name_it_is_is_edited_with_any_tokenizer(string family)
    {
        const string Prompt = "After Gosthon Nerbrom, which country is Gosthon Ner a citizen of?";
        var tokenizer = BpeTokenizer.LoadFolder(Path.Combine(AppContext.BaseDirectory, "Reference", family));
        var request = new EditRequest(0, "Gosthon Ner", Prompt, "x", "y");
        var token = tokenizer.EncodeToTokens(Prompt, out _)[SubjectPosition.Find(tokenizer, request, "") - tokenizer.Prefix.Count];
        Assert.Equal("r", Prompt[token.Offset]);
        Assert.Equal("After Gosthon Nerbrom, which country is Gosthon Ner".Length, token.Offset.End.Value);
        Assert.Null(SubjectPosition.Shared(tokenizer, Prompt, "Gosthon Ner"));
    }

    [Fact]
    public void Offsets_find_it_behind_normalisation_and_a_space_in_front()
    {
        // Composed characters, a dropped space and a put-in one: each changes the number of characters before the subject's end.
        var normalizer = """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "},{"type":"Prepend","prepend":" "}]}""";
        var tokenizer = Changed(("\"normalizer\": null", $"\"normalizer\": {normalizer}"));
        const string Prompt = "Re\u0301ne\u0301e   knows  Anna well.";
        var index = SubjectPosition.Find(tokenizer, new EditRequest(0, "Anna", Prompt, "x", "y"), "");
        Assert.Equal(" Rénée knows Anna", tokenizer.Decode(tokenizer.EncodeToIds(Prompt).Take(index)));
    }

    [Fact]
    public void A_subject_without_a_token_is_an_error()
    {
        var dropped = """{"type": "Split", "pattern": {"String": "x"}, "behavior": "Removed", "invert": false}""";
        var tokenizer = Changed(("\"type\": \"ByteLevel\",", $"\"type\": \"Sequence\", \"pretokenizers\": [{dropped}, " +
            $"{{ \"type\": \"ByteLevel\","), ("true\n  },\n  \"post", "true\n  }]},\n  \"post"));
        var error = Assert.Throws<InputException>(
            () => SubjectPosition.Find(tokenizer, new EditRequest(0, "x", "Is x here", "x", "y"), ""));
        Assert.Equal(
            "subject 'x' in 'Is x here': found no token for it, expected characters that the model's tokenizer knows; " +
                "leave the record out.",
            error.Message);
    }

    // The tokenizer with the first of each text in its file replaced.
    private static BpeTokenizer Changed(params (string From, string To)[] changes)
    {
        var file = Path.GetTempFileName();
        try
        {
            Tokenizer.Save(file);
            var json = File.ReadAllText(file);
            foreach (var (from, to) in changes)
            {
                var at = json.IndexOf(from, StringComparison.Ordinal);
                json = json[..at] + to + json[(at + from.Length)..];
            }

            File.WriteAllText(file, json);
            return BpeTokenizer.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static int Find(string prompt, string subject, string context) =>
        SubjectPosition.Find(Tokenizer, new EditRequest(0, subject, prompt, "x", "y"), context);

    // Position 0 is BOS, so that many ids come before and with the position.
    private static string TextUpTo(string prompt, int index) => Tokenizer.Decode(Tokenizer.EncodeToIds(prompt).Take(index));
}
