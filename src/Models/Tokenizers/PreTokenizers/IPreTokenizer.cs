namespace Harness.Models.Tokenizers.PreTokenizers;

/// <summary>A part of a text on its way to the model.</summary>
/// <param name="Text">The part.</param>
/// <param name="AtStart">Whether the whole text begins with it.</param>
/// <param name="Origins">Where each of its units comes from; empty where nobody asks.</param>
/// <param name="Continues">Whether it goes on a text that was encoded before: it gets no space in front.</param>
internal readonly record struct Piece(
    ReadOnlyMemory<char> Text, bool AtStart, ReadOnlyMemory<Extent> Origins = default, bool Continues = false)
{
    public Piece Part(int start, int end) =>
        new(Text[start..end], AtStart && start == 0, Origins.IsEmpty ? Origins : Origins[start..end], Continues && start == 0);

    /// <summary>The same with something in front.</summary>
    public Piece Behind(string prefix) => this with
    {
        Text = $"{prefix}{Text}".AsMemory(),
        Origins = Origins.IsEmpty ? Origins : TracedText.Behind(prefix, Origins.Span),
    };
}

/// <summary>Cuts and rewrites pieces; merges never cross pieces.</summary>
internal interface IPreTokenizer
{
    /// <summary>Adds what a piece, which is never empty, becomes.</summary>
    void Split(Piece piece, List<Piece> pieces);
}
