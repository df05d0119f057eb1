using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class BpeModelTests
{
    private static readonly string[] Tokens = ["<unk>", "a", "b", "c", "ab", "bc", "abc", "<0xC3>", "<0xA9>", "<0xE2>", "𝒜"];

    [Fact]
    public void Unknown_characters_are_dropped_or_a_token_each_or_one_in_a_row()
    {
        Assert.Equal([1, 2], Model().Encode("aéxb"));
        Assert.Equal([1, 0, 0, 2], (Model(unknown: "<unk>")).Encode("aéxb"));
        Assert.Equal([1, 0, 2, 0], (Model(unknown: "<unk>", fuses: true)).Encode("aéxbx"));
        Assert.Equal([10], Model().Encode("𝒜"));
    }

    [Fact]
    public void Bytes_spell_what_the_vocabulary_lacks_where_it_has_them_all()
    {
        Assert.Equal([1, 7, 8], Model(unknown: "<unk>", bytes: true).Encode("aé"));

        // The snowman's other bytes have no tokens. An unknown character waits for the next one, even behind bytes.
        Assert.Equal([0, 1], Model(unknown: "<unk>", bytes: true).Encode("☃a"));
        Assert.Equal([7, 8, 0, 1], Model(unknown: "<unk>", bytes: true).Encode("☃éa"));
        Assert.Equal([0, 7, 8, 0], Model(unknown: "<unk>", bytes: true).Encode("☃☃é"));
        Assert.Equal([7, 8, 0], Model(unknown: "<unk>", bytes: true, fuses: true).Encode("☃☃é"));
    }

    [Fact]
    public void Merges_by_rank_unless_the_word_is_a_token_that_ignores_them()
    {
        (string, string)[] merges = [("b", "c"), ("a", "b")];
        Assert.Equal([1, 5], Model(merges).Encode("abc"));
        Assert.Equal([6], Model(merges, ignores: true).Encode("abc"));
        Assert.Equal([4, 1, 5], Model(merges, ignores: true).Encode("ababc"));
    }

    [Fact]
    public void An_unknown_token_that_is_none_is_an_input_error_once_it_is_needed()
    {
        var model = Model(unknown: "<?>");
        Assert.Equal([1], model.Encode("a"));
        Assert.Equal(
            "file: model.unk_token: found '<?>', which model.vocab lacks, expected a token of it; use a sound tokenizer",
            Assert.Throws<InputException>(() => model.Encode("x").Length).Message);
    }

    private static BpeModel Model(
        (string Left, string Right)[]? merges = null, string? unknown = null, bool fuses = false, bool bytes = false, bool ignores = false)
    {
        var ids = Tokens.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return new("file", ids, [.. (merges ?? []).Select(pair => new Merge(ids[pair.Left], ids[pair.Right], ids[pair.Left + pair.Right]))])
        {
            Unknown = unknown,
            FusesUnknown = fuses,
            ByteFallback = bytes,
            IgnoresMerges = ignores,
        };
    }
}
