namespace Harness.Models.Tokenizers.Normalizers;

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
