using Harness.Models.Tokenizers.Normalizers;
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
    private readonly Replace spaces = new(new LiteralPattern(" "), replacement);
    private readonly Split splitter = new(new LiteralPattern(replacement), SplitBehavior.MergedWithNext, invert: false);

    public void Split(Piece piece, List<Piece> pieces)
    {
        var text = spaces.Normalize(new TracedText(piece.Text.ToString(), piece.Origins.IsEmpty ? null : piece.Origins.ToArray()));
        var prepends = !piece.Continues && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.AtStart));
        if (prepends && !text.Text.StartsWith(replacement, StringComparison.Ordinal)) text = text.Behind(replacement);
        var whole = new Piece(text.Text.AsMemory(), piece.AtStart, text.Origins, piece.Continues);
        if (split) ((IPreTokenizer)splitter).Split(whole, pieces);
        else pieces.Add(whole);
    }
}
