namespace Harness.Measuring.Worlds;

/// <summary>
/// Invents pronounceable capitalised words of two or three syllables. No word is the beginning of another, so no name or object made of
/// one can be mistaken for a longer one.
/// </summary>
internal sealed class WordMaker(SeededRandom random)
{
    private static readonly string[] Onsets =
        [.. "bcdfghjklmnprstvwz".Select(letter => letter.ToString()), "br", "dr", "gr", "st", "th", "tr"];

    private static readonly string[] Vowels = ["a", "e", "i", "o", "u"];

    private static readonly string[] Codas = ["", "", "", "l", "n", "r", "s"];

    private static readonly string[] Endings = ["", "ck", "l", "ld", "m", "n", "nd", "r", "rn", "s", "th", "x"];

    private readonly HashSet<string> made = [];

    private readonly HashSet<string> beginnings = [];

    /// <summary>A word that this maker has not made before.</summary>
    public string Make()
    {
        while (true)
        {
            var syllables = random.Next(4) == 0 ? 3 : 2;
            var word = "";
            for (var i = 0; i < syllables; i++)
            {
                word += random.Pick(Onsets) + random.Pick(Vowels) + random.Pick(i < syllables - 1 ? Codas : Endings);
            }

            word = char.ToUpperInvariant(word[0]) + word[1..];
            var starts = Enumerable.Range(1, word.Length).Select(length => word[..length]).ToList();
            if (beginnings.Contains(word) || starts.Any(made.Contains)) continue;
            made.Add(word);
            beginnings.UnionWith(starts);
            return word;
        }
    }

    /// <summary>As many different words.</summary>
    public IReadOnlyList<string> Make(int count) => [.. Enumerable.Range(0, count).Select(_ => Make())];
}
