using System.Text;
using System.Text.RegularExpressions;

namespace Harness.Tests.Tokenizers;

/// <summary>
/// Byte-pair encoding by its definition: every pair counted anew for each merge, merges applied one rank at a time. A token is a byte or
/// 256 + its merge's rank.
/// </summary>
internal sealed class NaiveBpe
{
    private static readonly Regex Words = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    private NaiveBpe(List<(int Left, int Right)> merges) => Merges = merges;

    public IReadOnlyList<(int Left, int Right)> Merges { get; }

    public static NaiveBpe Train(IEnumerable<string> texts, int vocabularySize)
    {
        var merges = new List<(int Left, int Right)>();
        var words = texts.SelectMany(Split).ToList();
        while (merges.Count < vocabularySize - 258)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).FirstOrDefault();
            if (best.Value < 2) break;
            words = [.. words.Select(word => Replace(word, best.Key, 256 + merges.Count))];
            merges.Add(best.Key);
        }

        return new(merges);
    }

    /// <summary>Text of letters, digits, apostrophes and white space in the basic plane, made to repeat itself.</summary>
    public static string RandomText(SeededRandom random)
    {
        string[] pieces =
        [
            "a", "b", "aa", "ab", "é", "д", "'s", "'ll", "'", "!", "?!", "_", "1", "22", "²", " ", "  ", "\n", "\t ", "\u00A0",
            "\u3000", "\u0085",
        ];
        return string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => random.Pick(pieces)));
    }

    public IEnumerable<int> Encode(string text) =>
        Split(text).SelectMany(word => Merges.Index().Aggregate(word, (pieces, merge) => Replace(pieces, merge.Item, 256 + merge.Index)));

    private static IEnumerable<List<int>> Split(string text) =>
        Words.Matches(text).Select(match => Encoding.UTF8.GetBytes(match.Value).Select(value => (int)value).ToList());

    private static List<int> Replace(List<int> word, (int Left, int Right) pair, int merged)
    {
        var result = new List<int>();
        for (var i = 0; i < word.Count; i++)
        {
            var joins = i + 1 < word.Count && (word[i], word[i + 1]) == pair;
            result.Add(joins ? merged : word[i]);
            if (joins) i++;
        }

        return result;
    }
}
