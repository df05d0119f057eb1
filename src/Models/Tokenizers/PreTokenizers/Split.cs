using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.PreTokenizers;

/// <summary>Splits at a pattern's matches or, inverted, at what lies between them. Digits is the Split at \p{N}.</summary>
internal sealed class Split(IPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    void IPreTokenizer.Split(Piece piece, List<Piece> pieces)
    {
        var stretches = Stretches(piece.Text.Span);
        pieces.EnsureCapacity(pieces.Count + stretches.Count);
        foreach (var (start, end, isMatch) in Joined(stretches))
        {
            if (start < end && !(isMatch && behavior == SplitBehavior.Removed)) pieces.Add(piece.Part(start, end));
        }
    }

    private List<(int Start, int End, bool IsMatch)> Joined(List<(int Start, int End, bool IsMatch)> stretches)
    {
        switch (behavior)
        {
            case SplitBehavior.Removed or SplitBehavior.Isolated:
                return stretches;
            case SplitBehavior.Contiguous:
                return Join(stretches, (before, now) => before == now);
            case SplitBehavior.MergedWithPrevious:
                return Join(stretches, (before, now) => now && !before);
            default:
                stretches.Reverse();
                var joined = Join(stretches, (after, now) => now && !after);
                joined.Reverse();
                return joined;
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
    private static List<(int Start, int End, bool IsMatch)> Join(
        List<(int Start, int End, bool IsMatch)> stretches, Func<bool, bool, bool> joins)
    {
        var parts = new List<(int Start, int End, bool IsMatch)>();
        var last = false;
        foreach (var (start, end, isMatch) in stretches)
        {
            if (parts.Count > 0 && joins(last, isMatch))
                parts[^1] = (Math.Min(parts[^1].Start, start), Math.Max(parts[^1].End, end), isMatch);
            else parts.Add((start, end, isMatch));
            last = isMatch;
        }

        return parts;
    }
}
