using System.Text;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class ByteAlphabetTests
{
    [Fact]
    public void Every_byte_has_a_letter_of_its_own_and_back()
    {
        Assert.Equal(256, ByteAlphabet.All.Distinct().Count());
        Assert.Equal(("Ġ", "Ċ", "a", "é"), (ByteAlphabet.All[' '], ByteAlphabet.All['\n'], ByteAlphabet.All['a'], ByteAlphabet.All[0xE9]));
        var bytes = new List<byte>();
        Assert.True(ByteAlphabet.TryRead(string.Concat(ByteAlphabet.All), bytes));
        Assert.Equal(Enumerable.Range(0, 256).Select(value => (byte)value), bytes);
        Assert.False(ByteAlphabet.TryRead("a日", bytes));
        Assert.Equal(256, bytes.Count);
    }

    [Fact]
    public void Spells_the_bytes_of_UTF8()
    {
        const string Text = "a é日\U0001F600";
        var letters = new char[Encoding.UTF8.GetByteCount(Text)];
        Assert.Equal(letters.Length, ByteAlphabet.Spell(Text, letters));
        Assert.Equal(string.Concat(Encoding.UTF8.GetBytes(Text).Select(value => ByteAlphabet.All[value])), new string(letters));
    }
}
