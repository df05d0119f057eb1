using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.PreTokenizers;

/// <summary>Splits at a pattern's matches or, inverted, at what lies between them. Digits is the Split at \p{N}.</summary>
internal sealed class Split(IPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    void IPreTokenizer.Split(Piece piece, List<Piece> pieces)
    {
        foreach (var (start, end) in Parts(piece.Text.Span))
        {
            if (start < end) pieces.Add(piece.Part(start, end));
        }
    }

    private IEnumerable<(int Start, int End)> Parts(ReadOnlySpan<char> text)
    {
        var stretches = Stretches(text);
        switch (behavior)
        {
            case SplitBehavior.Removed:
                return stretches.Where(stretch => !stretch.IsMatch).Select(stretch => (stretch.Start, stretch.End));
            case SplitBehavior.Isolated:
                return stretches.Select(stretch => (stretch.Start, stretch.End));
            case SplitBehavior.Contiguous:
                return Join(stretches, (before, now) => before == now);
            case SplitBehavior.MergedWithPrevious:
                return Join(stretches, (before, now) => now && !before);
            default:
                stretches.Reverse();
                return Join(stretches, (after, now) => now && !after).AsEnumerable().Reverse();
        }
    }

    // The matches and what lies between them; together they are the text.
    private List<(int Start, int End, bool IsMatch)> Stretches(ReadOnlySpan<char> text)
    {
        var matches = new List<(int Start, int End)>();
        pattern.Find(text, matches);
        var stretches = new List<(int Start, int End, bool IsMatch)>(matches.Count + 1);
        var last = 0;
        foreach (var (start, end) in matches)
        {
            if (last < start) stretches.Add((last, start, invert));
            stretches.Add((start, end, !invert));
            last = end;
        }

        if (last < text.Length) stretches.Add((last, text.Length, invert));
        return stretches;
    }

    // A stretch joins the part that ended last where it may. Nothing counts as no match.
    private static List<(int Start, int End)> Join(List<(int Start, int End, bool IsMatch)> stretches, Func<bool, bool, bool> joins)
    {
        var parts = new List<(int Start, int End)>();
        var last = false;
        foreach (var (start, end, isMatch) in stretches)
        {
            if (parts.Count > 0 && joins(last, isMatch)) parts[^1] = (Math.Min(parts[^1].Start, start), Math.Max(parts[^1].End, end));
            else parts.Add((start, end));
            last = isMatch;
        }

        return parts;
    }
}
