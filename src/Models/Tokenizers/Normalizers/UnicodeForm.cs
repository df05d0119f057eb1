using System.Text;

namespace Harness.Models.Tokenizers.Normalizers;

/// <summary>
/// NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15), by the tables of Hugging Face's library. string.Normalize cannot be used: without
/// ICU it leaves text as it is.
/// </summary>
/// <param name="composes">Whether what can be one character is (NFC, NFKC).</param>
/// <param name="compatible">Whether compatibility forms are decomposed too (NFKC, NFKD).</param>
internal sealed class UnicodeForm(bool composes, bool compatible) : INormalizer
{
    // Below lies nothing that any form changes: the first are U+00A0 (NFKC, NFKD), U+00C0 (NFD) and U+0300 (NFC).
    private readonly char unchangedBelow = compatible ? '\u00A0' : composes ? '\u0300' : '\u00C0';

    public string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(unchangedBelow - 1))) return text;
        var scalars = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, scalars);
        Reorder(scalars);
        if (composes) Compose(scalars);
        var result = new StringBuilder(scalars.Count);
        foreach (var scalar in scalars) result.Append(new Rune(scalar));
        return result.ToString();
    }

    private void Decompose(int scalar, List<int> into)
    {
        if (Hangul.TryDecompose(scalar, into)) return;
        if (compatible && UnicodeTables.Compatibility.TryGetValue(scalar, out var parts)) into.AddRange(parts);
        else if (UnicodeTables.Canonical.TryGetValue(scalar, out parts)) into.AddRange(parts);
        else into.Add(scalar);
    }

    // Marks between two starters, in the order of their classes; those of one class stay as they stand.
    private static void Reorder(List<int> scalars)
    {
        for (var start = 0; start < scalars.Count; start++)
        {
            var end = start;
            while (end < scalars.Count && UnicodeTables.Order(scalars[end]) > 0) end++;
            if (end - start < 2) continue;
            var sorted = scalars.GetRange(start, end - start).OrderBy(UnicodeTables.Order).ToArray();
            for (; start < end; start++) scalars[start] = sorted[^(end - start)];
        }
    }

    private static void Compose(List<int> scalars)
    {
        var (length, starter, last) = (0, -1, 0);
        foreach (var scalar in scalars.ToArray())
        {
            // A mark is kept from its starter by one between them of its own class or a higher one.
            var order = UnicodeTables.Order(scalar);
            var reaches = starter >= 0 && (length == starter + 1 || last < order);
            if (reaches && TryCompose(scalars[starter], scalar, out var composed))
            {
                scalars[starter] = composed;
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
}
