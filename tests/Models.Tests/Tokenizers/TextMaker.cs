using System.Text;
using System.Text.Json;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>
/// Texts that tokenizers find hard, the same from the same seed: those of the sample (some thirty scripts, emoji, code, special tokens,
/// white space), parts of them strung together, their Unicode forms, and words, marks, numbers and any scalars drawn here. No unpaired
/// surrogates.
/// </summary>
internal static class TextMaker
{
    private static readonly (int First, int Last)[] Scripts =
    [
        (0x61, 0x7A), (0x61, 0x7A), (0x41, 0x5A), (0xC0, 0x24F), (0x391, 0x3C9), (0x410, 0x44F), (0x561, 0x586), (0x5B0, 0x5EA),
            (0x620, 0x652),
        (0x904, 0x94D), (0x985, 0x9CD), (0xB85, 0xBCD), (0xE01, 0xE4E), (0xF40, 0xF84), (0x10D0, 0x10F0), (0x1200, 0x1248),
            (0x1780, 0x17D2),
        (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x1100, 0x11C2), (0x20000, 0x20400), (0x10330, 0x1034A),
        (0x1D400, 0x1D7CB), (0x1E900, 0x1E943), (0xF900, 0xFA6D), (0xFF01, 0xFF5E), (0xFB00, 0xFB06), (0x660, 0x669), (0x966, 0x96F),
        (0x2150, 0x2189), (0x2460, 0x249B), (0x2190, 0x22FF), (0x2500, 0x25FF), (0x20A0, 0x20BF), (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60),
        (0x7B, 0x7E), (0x2010, 0x2027), (0x3001, 0x3011), (0x1F300, 0x1FAFF),
    ];

    private static readonly (int First, int Last)[] Marks =
    [
        (0x300, 0x345), (0x591, 0x5AF), (0x64B, 0x65F), (0x93C, 0x94D), (0xE31, 0xE3A), (0x1DC0, 0x1DE6), (0x20D0, 0x20F0),
            (0x1D165, 0x1D172),
        (0x1E8D0, 0x1E8D6),
    ];

    private static readonly string[] Spaces =
        [" ", " ", "  ", "\t", "\n", "\r\n", "\r", "\u00A0", "\u3000", "\u2003", "\u2028", "\u202F", "\u1680", "\v", "\f", "\u0085",
            "\uFEFF", "\u200B"];

    private static readonly string[] Endings = [
        "'s", "'S", "'t", "'RE", "'ve", "'m", "'ll", "'lL", "'d", "’s", "'ſ", "'x", "''s", "'ß", "'\u212A"];

    private static readonly UnicodeForm[] Forms = [new(true, false), new(false, false), new(true, true), new(false, true)];

    private static readonly string[] Known =
        [.. File.ReadLines(Path.Combine(TokenizerFile.SampleFolder, "texts.jsonl"))
            .Select(line => JsonSerializer.Deserialize<string>(line)!)];

    /// <summary>A number of distinct texts; the first 320 are the sample.</summary>
    public static IReadOnlyList<string> Make(long seed, int count)
    {
        var random = new SeededRandom(seed, "tokenizer/texts");
        var texts = Known.Take(count).ToList();
        var known = texts.ToHashSet(StringComparer.Ordinal);
        while (texts.Count < count)
        {
            var text = string.Concat(Enumerable.Range(0, 1 + random.Next(random.Next(50) == 0 ? 40 : 6)).Select(_ => Piece(random)));
            if (known.Add(text)) texts.Add(text);
        }

        return texts;
    }

    private static string Piece(SeededRandom random)
    {
        var piece = random.Next(14) switch
        {
            0 or 1 => random.Pick(Known),
            2 => Part(random, random.Pick(Known)),
            3 => Part(random, random.Pick(Known)).ToUpperInvariant(),
            4 => random.Pick(Forms).Normalize(random.Pick(Known)),
            5 or 6 => Word(random, random.Pick(Scripts), 9),
            7 => Word(random, Scripts[0], 9) + random.Pick(Endings),
            8 => Repeat(random, 5, () => Word(random, random.Pick(Scripts), 1) + Word(random, random.Pick(Marks), 4)),
            9 => Repeat(random, 12, () => random.Pick(Spaces)),
            10 => Repeat(random, 12, () => Word(random, ('0', '9'), 1)),
            11 => Repeat(random, 8, () => Word(random, random.Pick(Scripts), 1)),
            12 => string.Concat(
                Enumerable.Repeat(random.Pick(["a", "A1", "=", "-", ".", " ", "\n", "é", "漢", "😀", "\u0301"]), 1 + random.Next(60))),
            _ => Repeat(random, 10, () => Any(random)),
        };
        return piece + (random.Next(2) == 0 ? " " : "");
    }

    private static string Word(SeededRandom random, (int First, int Last) range, int most) =>
        Repeat(random, most, () => new Rune(range.First + random.Next(range.Last - range.First + 1)).ToString());

    private static string Repeat(SeededRandom random, int most, Func<string> make) =>
        string.Concat(Enumerable.Range(0, 1 + random.Next(most)).Select(_ => make()));

    // From the basic plane's first scripts mostly, from everywhere sometimes.
    private static string Any(SeededRandom random)
    {
        var value = random.Next(8) > 0 ? random.Next(0x3000) : random.Next(0x110000);
        return Rune.IsValid(value) ? new Rune(value).ToString() : "\uFFFD";
    }

    private static string Part(SeededRandom random, string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        var start = random.Next(runes.Length + 1);
        return string.Concat(runes.Skip(start).Take(1 + random.Next(runes.Length + 1)));
    }
}
