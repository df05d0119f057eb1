using System.Buffers;
using System.Globalization;
using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>
/// NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15), by the tables of Hugging Face's library. string.Normalize cannot be used: without
/// ICU it leaves text as it is.
/// </summary>
internal sealed class UnicodeForm : TextNormalizer
{
    // Nothing below has a decomposition; and a text of nothing but what is below is in its form: composed letters are, in NFC.
    private readonly char wholeBelow, unchangedBelow;
    private readonly bool composes, compatible;

    // What a form changes, or may change beside other characters; a text without it is in that form.
    private readonly Lazy<SearchValues<char>> touched;

    /// <param name="composes">Whether what can be one character is (NFC, NFKC).</param>
    /// <param name="compatible">Whether compatibility forms are decomposed too (NFKC, NFKD).</param>
    public UnicodeForm(bool composes, bool compatible)
    {
        (this.composes, this.compatible) = (composes, compatible);
        wholeBelow = compatible ? '\u00A0' : '\u00C0';
        unchangedBelow = composes && !compatible ? '\u0300' : wholeBelow;
        touched = new(() => SearchValues.Create([.. Enumerable.Range(unchangedBelow, char.MaxValue + 1 - unchangedBelow)
            .Where(IsTouched).Select(unit => (char)unit)]));
    }

    public override TracedText Normalize(TracedText text)
    {
        var mayChange = text.Text.AsSpan().ContainsAnyExceptInRange('\0', (char)(unchangedBelow - 1))
            && text.Text.AsSpan().ContainsAny(touched.Value);
        return mayChange ? Rewrite(text) : text;
    }

    private bool IsTouched(int unit) => char.IsSurrogate((char)unit) || UnicodeTables.Order(unit) > 0 || UnicodeTables.Joins.Contains(unit)
        || Hangul.Joins(unit) || Rewrite(new(((char)unit).ToString(), null)).Text != ((char)unit).ToString();

    private TracedText Rewrite(TracedText text)
    {
        var scalars = new List<Scalar>(text.Text.Length);
        var at = 0;
        foreach (var rune in text.Text.EnumerateRunes())
        {
            Decompose(new(rune.Value, text.Origins is null ? default : text.Origins[at]), scalars);
            at += rune.Utf16SequenceLength;
        }

        Reorder(scalars);
        if (composes) Compose(scalars);
        return Write(scalars, text.Origins is not null);
    }

    private void Decompose(Scalar scalar, List<Scalar> into)
    {
        if (scalar.Value < wholeBelow)
        {
            into.Add(scalar);
            return;
        }

        Span<int> syllable = stackalloc int[3];
        var count = Hangul.Decompose(scalar.Value, syllable);
        ReadOnlySpan<int> parts = count > 0 ? syllable[..count]
            : compatible && UnicodeTables.Compatibility.TryGetValue(scalar.Value, out var known) ? known
            : UnicodeTables.Canonical.TryGetValue(scalar.Value, out known) ? known
            : [scalar.Value];
        foreach (var part in parts) into.Add(scalar with { Value = part });
    }

    // Marks between two starters, in the order of their classes; those of one class stay as they stand.
    private static void Reorder(List<Scalar> scalars)
    {
        for (var start = 0; start < scalars.Count; start++)
        {
            var end = start;
            while (end < scalars.Count && UnicodeTables.Order(scalars[end].Value) > 0) end++;
            if (end - start < 2) continue;
            var sorted = scalars.GetRange(start, end - start).OrderBy(scalar => UnicodeTables.Order(scalar.Value)).ToArray();
            for (; start < end; start++) scalars[start] = sorted[^(end - start)];
        }
    }

    private static void Compose(List<Scalar> scalars)
    {
        var (length, starter, last) = (0, -1, 0);
        for (var i = 0; i < scalars.Count; i++)
        {
            // A mark is kept from its starter by one between them of its own class or a higher one.
            var scalar = scalars[i];
            var order = UnicodeTables.Order(scalar.Value);
            var reaches = starter >= 0 && (length == starter + 1 || last < order);
            if (reaches && TryCompose(scalars[starter].Value, scalar.Value, out var composed))
            {
                scalars[starter] = new(composed, scalars[starter].Origin.With(scalar.Origin));
                continue;
            }

            if (order == 0) starter = length;
            last = order;
            scalars[length++] = scalar;
        }

        scalars.RemoveRange(length, scalars.Count - length);
    }

    private static bool TryCompose(int first, int second, out int composed) =>
        Hangul.TryCompose(first, second, out composed) || UnicodeTables.Compositions.TryGetValue((first, second), out composed);

    private static TracedText Write(List<Scalar> scalars, bool traced)
    {
        var text = new StringBuilder(scalars.Count);
        var origins = traced ? new List<Extent>(scalars.Count) : null;
        foreach (var (value, origin) in scalars)
        {
            text.Append(new Rune(value));
            while (origins?.Count < text.Length) origins.Add(origin);
        }

        return new(text.ToString(), origins?.ToArray());
    }

    private readonly record struct Scalar(int Value, Extent Origin);
}

/// <summary>Syllables of Hangul are composed by rule (Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int Syllables = 0xAC00, Leads = 0x1100, Vowels = 0x1161, Tails = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    /// <summary>Writes a syllable's two or three letters and returns their number, or 0 where it is none.</summary>
    public static int Decompose(int scalar, Span<int> letters)
    {
        var index = scalar - Syllables;
        if (index is < 0 or >= SyllableCount) return 0;
        letters[0] = Leads + index / (VowelCount * TailCount);
        letters[1] = Vowels + index / TailCount % VowelCount;
        letters[2] = Tails + index % TailCount;
        return index % TailCount > 0 ? 3 : 2;
    }

    /// <summary>Whether a letter can join what stands before it.</summary>
    public static bool Joins(int scalar) => scalar is >= Vowels and < Vowels + VowelCount or > Tails and < Tails + TailCount;

    public static bool TryCompose(int first, int second, out int syllable)
    {
        var (lead, vowel, open, tail) = (first - Leads, second - Vowels, first - Syllables, second - Tails);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            syllable = Syllables + (lead * VowelCount + vowel) * TailCount;
            return true;
        }

        syllable = first + tail;
        return open is >= 0 and < SyllableCount && open % TailCount == 0 && tail is > 0 and < TailCount;
    }
}

/// <summary>
/// What normalisation has to know of characters, from unicode-normalization.txt: a line for each entry, in hexadecimal. It says what
/// Hugging Face's library does, which a test asks of it scalar by scalar.
/// </summary>
internal static class UnicodeTables
{
    private const string Resource = "unicode-normalization.txt";
    private const int FirstMark = 0x300;

    private static readonly Dictionary<int, byte> Orders = [];

    static UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var scalars = Array.ConvertAll(line[2..].Split(' '), Hexadecimal);
            switch (line[0])
            {
                case 'o':
                    for (var scalar = scalars[1]; scalar <= scalars[^1]; scalar++) Orders.Add(scalar, (byte)scalars[0]);
                    break;
                case 'd':
                    Canonical.Add(scalars[0], scalars[1..]);
                    break;
                case 'k':
                    Compatibility.Add(scalars[0], scalars[1..]);
                    break;
                case 'c':
                    Compositions.Add((scalars[1], scalars[2]), scalars[0]);
                    Joins.Add(scalars[2]);
                    break;
            }
        }
    }

    /// <summary>Full canonical decompositions (lines "d"), Hangul left out.</summary>
    public static Dictionary<int, int[]> Canonical { get; } = [];

    /// <summary>Full compatibility decompositions that differ from the canonical ones (lines "k").</summary>
    public static Dictionary<int, int[]> Compatibility { get; } = [];

    /// <summary>Pairs that are composed (lines "c": the result, then the pair), Hangul left out.</summary>
    public static Dictionary<(int First, int Second), int> Compositions { get; } = [];

    /// <summary>The second ones of those pairs.</summary>
    public static HashSet<int> Joins { get; } = [];

    /// <summary>The rank of a mark's canonical combining class among all, from 1, or 0 (lines "o": the rank, then a range).</summary>
    public static byte Order(int scalar) => scalar < FirstMark ? (byte)0 : Orders.GetValueOrDefault(scalar);

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
