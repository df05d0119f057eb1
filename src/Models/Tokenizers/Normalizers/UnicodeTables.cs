using System.Globalization;

namespace Harness.Models.Tokenizers.Normalizers;

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
