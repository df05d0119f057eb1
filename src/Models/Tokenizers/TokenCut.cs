namespace Harness.Models.Tokenizers;

/// <summary>Where a text may be cut between two of its tokens: not where both have a part of one character.</summary>
internal static class TokenCut
{
    /// <summary>How many of the first tokens to take, at most so many.</summary>
    public static int FromStart(List<Extent> origins, int most)
    {
        var count = Math.Min(most, origins.Count);
        while (IsInside(origins, count)) count--;
        return count;
    }

    /// <summary>The first of the last tokens to take, at most so many.</summary>
    public static int FromEnd(List<Extent> origins, int most)
    {
        var first = Math.Max(0, origins.Count - most);
        while (IsInside(origins, first)) first++;
        return first;
    }

    /// <summary>Where the first tokens end, in UTF-16 units.</summary>
    public static int End(List<Extent> origins, int count) => count == 0 ? 0 : origins[count - 1].End;

    private static bool IsInside(List<Extent> origins, int count) =>
        count > 0 && count < origins.Count && origins[count].Start < origins[count - 1].End;
}
