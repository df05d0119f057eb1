namespace Harness.Models.Tokenizers.Patterns;

/// <summary>What a Split splits at and a Replace replaces.</summary>
internal interface IPattern
{
    /// <summary>
    /// Adds the matches in a text of whole characters, in order; none overlap, and one may be empty where the pattern allows it.
    /// </summary>
    void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches);
}
