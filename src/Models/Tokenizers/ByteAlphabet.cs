using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>
/// The spelling of bytes in byte-level vocabularies (GPT-2): printable Latin-1 bytes stand for themselves, the other 68 for U+0100 onwards,
/// so that a space is written "Ġ".
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Letters = MakeLetters();
    private static readonly byte?[] Bytes = MakeBytes();

    /// <summary>The token of each byte, in the bytes' order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Letters.Select(letter => letter.ToString())];

    /// <summary>Adds the bytes that a token stands for; false, and nothing added, where it has a character outside the alphabet.</summary>
    public static bool TryRead(string token, List<byte> bytes)
    {
        var before = bytes.Count;
        foreach (var letter in token)
        {
            if (letter < Bytes.Length && Bytes[letter] is { } value)
            {
                bytes.Add(value);
                continue;
            }

            bytes.RemoveRange(before, bytes.Count - before);
            return false;
        }

        return true;
    }

    /// <summary>Writes the letters of a text's UTF-8 bytes and returns their number; the text has no unpaired surrogates.</summary>
    public static int Spell(ReadOnlySpan<char> text, Span<char> letters)
    {
        Span<byte> bytes = stackalloc byte[4];
        var written = 0;
        for (var index = 0; index < text.Length;)
        {
            if (char.IsAscii(text[index]))
            {
                letters[written++] = Letters[text[index++]];
                continue;
            }

            Rune.DecodeFromUtf16(text[index..], out var rune, out var width);
            index += width;
            var count = rune.EncodeToUtf8(bytes);
            for (var i = 0; i < count; i++) letters[written++] = Letters[bytes[i]];
        }

        return written;
    }

    private static char[] MakeLetters()
    {
        var letters = new char[256];
        var next = (char)0x100;
        for (var value = 0; value < letters.Length; value++)
        {
            var stands = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            letters[value] = stands ? (char)value : next++;
        }

        return letters;
    }

    private static byte?[] MakeBytes()
    {
        var bytes = new byte?[Letters.Max() + 1];
        for (var value = 0; value < Letters.Length; value++) bytes[Letters[value]] = (byte)value;
        return bytes;
    }
}
