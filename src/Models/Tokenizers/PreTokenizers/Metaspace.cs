using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.PreTokenizers;

/// <summary>Which pieces get a space in front unless they have one.</summary>
internal enum PrependScheme
{
    /// <summary>The one that the text begins with.</summary>
    First,

    /// <summary>Each: also those behind an added token.</summary>
    Always,

    /// <summary>None.</summary>
    Never,
}

/// <summary>SentencePiece's spaces: each is written as another character (▁), and where wanted begins a piece.</summary>
internal sealed class Metaspace(string replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly Split splitter = new(new LiteralPattern(replacement), SplitBehavior.MergedWithNext, invert: false);

    public void Split(Piece piece, List<Piece> pieces)
    {
        var text = piece.Text.ToString().Replace(" ", replacement, StringComparison.Ordinal);
        var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.AtStart);
        if (prepends && !text.StartsWith(replacement, StringComparison.Ordinal)) text = replacement + text;
        var whole = piece with { Text = text.AsMemory() };
        if (split) ((IPreTokenizer)splitter).Split(whole, pieces);
        else pieces.Add(whole);
    }
}
