using System.Diagnostics.CodeAnalysis;

namespace Harness.Models.Tokenizers;

/// <summary>
/// The spelling of bytes in byte-level vocabularies (GPT-2): printable Latin-1 bytes stand for themselves, the other 68 for U+0100 onwards,
/// so that a space is written "Ġ".
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Letters = MakeLetters();
    private static readonly Dictionary<char, byte> Bytes = Letters.Index().ToDictionary(pair => pair.Item, pair => (byte)pair.Index);

    /// <summary>The token of each byte, in the bytes' order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Letters.Select(letter => letter.ToString())];

    /// <summary>The bytes that a token stands for; false where it has a character outside the alphabet.</summary>
    public static bool TryRead(string token, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (Bytes.TryGetValue(token[i], out bytes[i])) continue;
            bytes = null;
            return false;
        }

        return true;
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
}
