namespace Harness.Models.Tokenizers.Patterns;

/// <summary>Matches a text that is not empty, as it stands.</summary>
internal sealed class LiteralPattern(string literal) : IPattern
{
    public string Literal => literal;

    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        for (var from = 0; text[from..].IndexOf(literal, StringComparison.Ordinal) is >= 0 and var offset; from = matches[^1].End)
        {
            matches.Add((from + offset, from + offset + literal.Length));
        }
    }
}
