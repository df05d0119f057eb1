using System.Text;
using System.Text.RegularExpressions;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

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
    /// <summary>Whether it puts a space in front of a text.</summary>
    bool PrependsSpace => false;

    /// <summary>Adds what a piece, which is never empty, becomes.</summary>
    void Split(Piece piece, List<Piece> pieces);
}

/// <summary>Spells pieces in the byte alphabet, split into GPT-2's words where wanted.</summary>
/// <param name="addPrefixSpace">Whether a piece gets a space in front unless it has one.</param>
/// <param name="useRegex">Whether pieces are split into words.</param>
internal sealed partial class ByteLevel(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    /// <summary>GPT-2's words; they cover any text.</summary>
    public static readonly IPattern Words = new ScalarRegex(WordsExpression(), "GPT-2's words");

    public bool PrependsSpace => addPrefixSpace;

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
    public bool PrependsSpace => scheme != PrependScheme.Never;

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

/// <summary>What becomes of the matches that a Split splits at.</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>The first of those in a row joins the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>The last of those in a row joins the piece behind it.</summary>
    MergedWithNext,

    /// <summary>Those in a row are one piece.</summary>
    Contiguous,
}

/// <summary>Reads the pre_tokenizer of a tokenizer.json.</summary>
internal static class PreTokenizers
{
    private static readonly string[] Flags = ["add_prefix_space", "trim_offsets", "use_regex"];

    /// <summary>The list of its steps.</summary>
    public static IEnumerable<IPreTokenizer> Read(JsonPlace place)
    {
        switch (place["type"].Text())
        {
            case "ByteLevel":
                OnlyFlags(place);
                return [new ByteLevel(place["add_prefix_space"].Flag(), place["use_regex"].Flag(absent: true))];
            case "Split":
                place.Only("type", "pattern", "behavior", "invert");
                var at = (SplitBehavior)place["behavior"].Word(Enum.GetNames<SplitBehavior>());
                return [new Split(Patterns.Read(place["pattern"]), at, place["invert"].Flag())];
            case "Digits":
                var behavior = place.Only("type", "individual_digits")["individual_digits"].Flag()
                    ? SplitBehavior.Isolated : SplitBehavior.Contiguous;
                return [new Split(ScalarRegex.Create(@"\p{N}", place.Where), behavior, invert: false)];
            case "Metaspace":
                var (replacement, scheme, split) = ReadMetaspace(place);
                return [new Metaspace(replacement, scheme, split)];
            case "Sequence":
                return place.Only("type", "pretokenizers")["pretokenizers"].Items.SelectMany(Read);
            case var other:
                throw place.Unsupported($"type '{other}'", "type ByteLevel, Split, Digits, Metaspace or Sequence");
        }
    }

    /// <summary>A ByteLevel, which has flags alone; where it is no pre-tokenizer, they change nothing here.</summary>
    public static void OnlyFlags(JsonPlace place)
    {
        place.Only(["type", .. Flags]);
        foreach (var flag in Flags) place[flag].Flag(absent: true);
    }

    /// <summary>A Metaspace's members, which pre-tokenizer and decoder share.</summary>
    public static (string Replacement, PrependScheme Scheme, bool Split) ReadMetaspace(JsonPlace place)
    {
        place.Only("type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep");
        var scheme = place["prepend_scheme"].IsGiven
            ? (PrependScheme)place["prepend_scheme"].Word(["first", "always", "never"])
            : PrependScheme.Always;
        return place["add_prefix_space"].Flag(absent: true) || scheme == PrependScheme.Never
            ? (place["replacement"].Character(), scheme, place["split"].Flag(absent: true))
            : throw place["add_prefix_space"].Error("false", "true, as in prepend_scheme");
    }
}
