using System.Text;
using System.Text.RegularExpressions;
using Harness.Models.Tokenizers.Bpe;
using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.PreTokenizers;

/// <summary>Spells pieces in the byte alphabet, split into GPT-2's words where wanted.</summary>
/// <param name="addPrefixSpace">Whether a piece gets a space in front unless it has one.</param>
/// <param name="useRegex">Whether pieces are split into words.</param>
internal sealed partial class ByteLevel(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    /// <summary>GPT-2's words; they cover any text.</summary>
    public static readonly IPattern Words = new ScalarRegex(WordsExpression(), "GPT-2's words");

    public void Split(Piece piece, List<Piece> pieces)
    {
        if (addPrefixSpace && !piece.Continues && piece.Text.Span[0] != ' ') piece = piece.Behind(" ");
        var text = piece.Text.Span;
        var words = new List<(int Start, int End)>(text.Length / 4 + 1);
        if (useRegex) Words.Find(text, words);
        else words.Add((0, text.Length));

        var letters = new char[Encoding.UTF8.GetByteCount(text)];
        var spelled = new Piece(letters, piece.AtStart, piece.Origins.IsEmpty ? default : OfBytes(text, piece.Origins.Span));
        var written = 0;
        pieces.EnsureCapacity(pieces.Count + words.Count);
        foreach (var (start, end) in words)
        {
            var first = written;
            written += ByteAlphabet.Spell(text[start..end], letters.AsSpan(first));
            pieces.Add(spelled.Part(first, written));
        }
    }

    // A byte comes from where its scalar does.
    private static Extent[] OfBytes(ReadOnlySpan<char> text, ReadOnlySpan<Extent> origins)
    {
        var result = new List<Extent>(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            for (var i = 0; i < rune.Utf8SequenceLength; i++) result.Add(origins[at]);
            at += rune.Utf16SequenceLength;
        }

        return [.. result];
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex WordsExpression();
}
