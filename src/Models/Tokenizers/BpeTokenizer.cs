using System.Buffers;
using System.Runtime.InteropServices;
using Harness.Models.Checkpoints;
using Microsoft.ML.Tokenizers;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Byte-pair encoding as Hugging Face's tokenizer.json describes it: byte-level BPE (GPT-2, GPT-J, LLaMA 3, Qwen, BLOOM) and BPE in
/// SentencePiece's manner (LLaMA 1 and 2, Mistral). It encodes and decodes as Hugging Face's tokenizers library does (tests ask that
/// library). Ids of a text are without prefix and suffix; added tokens in it are found (Hugging Face: <c>add_special_tokens=False</c>).
/// Offsets are UTF-16 units of the text that was given, whatever normalisation makes of it, and never cut a pair of surrogates; no
/// normalised text is ever given out beside them. An unpaired surrogate becomes U+FFFD. Safe to use from several threads.
/// </summary>
/// <remarks>
/// Encoding throws <see cref="InputException"/> where an expression in tokenizer.json never ends on a text, and
/// <see cref="NotSupportedException"/> where it is to leave pre-tokenization out: the vocabulary spells what that writes.
/// </remarks>
public sealed class BpeTokenizer : Tokenizer
{
    private readonly byte[] source;
    private readonly TokenizerParts parts;
    private readonly TokenizerRoles roles;
    private readonly AddedTokenFinder finder, normalizedFinder;
    private readonly HashSet<int> specials;
    private readonly TextNormalizer continuing;

    // Decoders drop what they drop in front of the first token, whatever it is: one for others to go on, and how long its text is.
    private readonly Lazy<(IReadOnlyList<int> Ids, int Length)> anyToken;

    // Added tokens that are sought in normalised text are also spelled so when they are decoded.
    private readonly Dictionary<int, string> normalized;

    private BpeTokenizer(byte[] source, TokenizerParts parts, TokenizerRoles roles)
    {
        (this.source, this.parts, this.roles) = (source, parts, roles);
        finder = new(parts.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        var sought = parts.AddedTokens.Where(token => token.Normalized).ToArray();
        normalized = sought.ToDictionary(token => token.Id, token => parts.Normalizer.Normalize(token.Content));
        normalizedFinder = new(sought.Select(token => (normalized[token.Id], token)));
        specials = [.. parts.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        continuing = parts.Normalizer.ForContinuation();
        anyToken = new(AnyToken);
        VocabularySize = parts.Tokens.Count == 0 ? 0 : parts.Tokens.Keys.Max() + 1;
    }

    /// <summary>What happens to a text between added tokens before it is split.</summary>
    public override Normalizer Normalizer => parts.Normalizer;

    /// <summary>One more than the highest id. Some ids below may be no tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>Ids that are put before a text: the one that begins it, or none. Prompts start with them.</summary>
    public IReadOnlyList<int> Prefix => roles.Prefix;

    /// <summary>Ids that are put behind a text. Prompts, which are continued, have none.</summary>
    public IReadOnlyList<int> Suffix => roles.Suffix;

    /// <summary>
    /// The id that begins a text, where there is one (<c>&lt;s&gt;</c>, 0, where trained here); see <see cref="Prefix"/>.
    /// </summary>
    public int? BosId => roles.Bos;

    /// <summary>The id that ends a text (<c>&lt;/s&gt;</c>, 1, where trained here).</summary>
    public int EosId => roles.Eos;

    /// <summary>Ids that end generation: <see cref="EosId"/> and those that the model's configuration names.</summary>
    public IReadOnlySet<int> StopIds => roles.Stops;

    /// <summary>
    /// Whether encoding puts a space before a text, as SentencePiece does: a text that is encoded to follow another must not bring its own.
    /// </summary>
    public bool PrependsSpace => parts.PrependsSpace;

    /// <summary>
    /// Learns merges of GPT-2's words: again and again the pair of neighbouring tokens that is most frequent within words, the lowest ids
    /// among equals, as long as a pair occurs twice. The same texts in any order give the same tokenizer.
    /// </summary>
    /// <param name="texts">The corpus.</param>
    /// <param name="vocabularySize">
    /// Ids wanted, at least 258 (two specials and the bytes). Where the corpus repeats too little there are fewer: see
    /// <see cref="VocabularySize"/>.
    /// </param>
    /// <exception cref="InputException">The vocabulary size is below 258.</exception>
    public static BpeTokenizer Train(IEnumerable<string> texts, int vocabularySize) =>
        Create("tokenizer", TokenizerJsonWriter.Write(BpeTrainer.Train(texts, vocabularySize)));

    /// <summary>Reads a Hugging Face tokenizer.json; added tokens' well-known names say which begin and end texts.</summary>
    /// <exception cref="InputException">
    /// The file cannot be read, is damaged, or has a component of another kind; the message names file, component and what was found.
    /// </exception>
    public static BpeTokenizer Load(string file) => Create(file, FileCause.ReadAllBytes(file));

    /// <summary>
    /// Reads a model folder's tokenizer.json; tokenizer_config.json, config.json and generation_config.json, as far as they are there, say
    /// which tokens begin and end texts and generation, and (for the classes of transformers that follow them) whether texts get them.
    /// tokenizer_config.json, or special_tokens_map.json and added_tokens.json in older folders, may add tokens and change their flags.
    /// </summary>
    /// <exception cref="InputException">As <see cref="Load"/>, of any of the files; or one contradicts tokenizer.json.</exception>
    public static BpeTokenizer LoadFolder(string folder)
    {
        var file = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(file)) throw GivenInstead.Without(folder, $"{file}: not found");
        var source = FileCause.ReadAllBytes(file);
        var (parts, roles) = TokenizerRoles.OfFolder(folder, TokenizerJson.Read(file, source));
        return new(source, parts, roles);
    }

    /// <summary>Writes the tokenizer.json: what was read, byte for byte; for one trained here, always the same bytes.</summary>
    /// <exception cref="InputException">The file cannot be written; the message names the cause.</exception>
    public void Save(string file) => DurableFile.Write(file, stream => stream.Write(source));

    /// <summary>The same without <see cref="Prefix"/>: for prompts that bring their own beginning, or are to have none.</summary>
    public BpeTokenizer WithoutPrefix() => new(source, parts, roles with { Prefix = [] });

    /// <summary>
    /// The ids of a text that goes on another one, as in the middle of a text: without the space that this tokenizer may put in front
    /// (see <see cref="PrependsSpace"/>). What the text brings itself stays.
    /// </summary>
    public IReadOnlyList<int> EncodeContinuation(string text) => Encode(text, normalizes: true, continues: true, null);

    /// <summary>
    /// The text of ids that go on another text: a space that the first of them stands for is kept, which
    /// <see cref="Decode(IEnumerable{int})"/> may drop.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative id.</exception>
    public string DecodeContinuation(IEnumerable<int> ids)
    {
        var (before, length) = anyToken.Value;
        return Decode([.. before, .. ids])[length..];
    }

    /// <summary>
    /// The text of ids; specials are skipped, and ids that are no tokens (Hugging Face: <c>skip_special_tokens=True</c>, spaces not
    /// cleaned up).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative id.</exception>
    public override string Decode(IEnumerable<int> ids)
    {
        var tokens = new List<string>();
        foreach (var id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id);
            if (specials.Contains(id)) continue;
            if (normalized.TryGetValue(id, out var token) || parts.Tokens.TryGetValue(id, out token)) tokens.Add(token);
        }

        return parts.Decoders is null
            ? string.Join(' ', tokens)
            : string.Concat(parts.Decoders.Aggregate(tokens, (current, decoder) => decoder(current)));
    }

    /// <summary>Writes the text of ids as <see cref="Decode(IEnumerable{int})"/> gives it, whole or not at all.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="destination">Where to write.</param>
    /// <param name="idsConsumed">All ids, or 0 where the text does not fit.</param>
    /// <param name="charsWritten">The text's length, or 0 where it does not fit.</param>
    /// <returns>Done, or DestinationTooSmall.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative id.</exception>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        int[] all = [.. ids];
        var text = Decode(all);
        var fits = text.TryCopyTo(destination);
        (idsConsumed, charsWritten) = fits ? (all.Length, text.Length) : (0, 0);
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <summary>Whether an id is that of a special token, which decoding skips.</summary>
    public bool IsSpecial(int id) => specials.Contains(id);

    /// <summary>The id of a token in the vocabulary's own spelling (" the" is "Ġthe" or "▁the"; added tokens as such), or null.</summary>
    public int? IdOf(string token) => parts.IdOf(token);

    /// <summary>The ids of a text, as many as are wanted; a character is taken whole or not at all.</summary>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        text ??= textSpan.ToString();
        if (settings.MaxTokenCount < int.MaxValue)
        {
            var some = EncodeToTokens(text, default, settings);
            return new() { Tokens = [.. some.Tokens.Select(token => token.Id)], CharsConsumed = some.CharsConsumed };
        }

        return new() { Tokens = Encode(text, settings, null), CharsConsumed = text.Length };
    }

    /// <summary>
    /// The tokens of a text, in the vocabulary's own spelling, with their offsets: what a token was made of, an added token's white space
    /// included, and an empty range where the tokenizer has put it in.
    /// </summary>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        text ??= textSpan.ToString();
        var origins = new List<Extent>();
        var ids = Encode(text, settings, origins);
        var count = TokenCut.FromStart(origins, settings.MaxTokenCount);
        var tokens = new EncodedToken[count];
        for (var i = 0; i < count; i++) tokens[i] = new(ids[i], parts.Tokens[ids[i]], origins[i].Start..origins[i].End);
        return new() { Tokens = tokens, CharsConsumed = count == ids.Count ? text.Length : TokenCut.End(origins, count) };
    }

    /// <summary>How many tokens a text has, or how many are taken of it.</summary>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <summary>Where the first tokens of a text end, or its last ones begin; a character is taken whole or not at all.</summary>
    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        text ??= textSpan.ToString();
        normalizedText = null;
        var origins = new List<Extent>();
        var total = Encode(text, settings, origins).Count;
        tokenCount = fromEnd ? total - TokenCut.FromEnd(origins, settings.MaxTokenCount)
            : TokenCut.FromStart(origins, settings.MaxTokenCount);
        if (tokenCount == total) return fromEnd ? 0 : text.Length;
        if (fromEnd) return tokenCount == 0 ? text.Length : origins[^tokenCount].Start;
        return TokenCut.End(origins, tokenCount);
    }

    private (IReadOnlyList<int> Ids, int Length) AnyToken()
    {
        var ids = EncodeContinuation("a");
        return (ids, Decode(ids).Length);
    }

    private static BpeTokenizer Create(string file, byte[] source)
    {
        var parts = TokenizerJson.Read(file, source);
        return new(source, parts, TokenizerRoles.Of(file, parts));
    }

    private List<int> Encode(string text, EncodeSettings settings, List<Extent>? origins) => settings.ConsiderPreTokenization
        ? Encode(text, settings.ConsiderNormalization, continues: false, origins)
        : throw new NotSupportedException("encoding without pre-tokenization: the vocabulary spells what that writes; leave it on");

    private List<int> Encode(string text, bool normalizes, bool continues, List<Extent>? origins)
    {
        var ids = new List<int>(text.Length / 3 + 1);
        text = WellFormed.Text(text);
        foreach (var (start, end, added) in finder.Split(text))
        {
            if (added is { } id)
            {
                ids.Add(id);
                origins?.Add(new(start, end));
                continue;
            }

            var part = text[start..end];
            var traced = new TracedText(part, origins is null ? null : Extent.OfScalars(part, start));
            var goesOn = continues && start == 0;
            if (normalizes) traced = (goesOn ? continuing : parts.Normalizer).Normalize(traced);
            EncodePlain(traced, atStart: start == 0, goesOn, ids, origins);
        }

        return ids;
    }

    // What lies between added tokens that are found in the text as it is, normalised.
    private void EncodePlain(TracedText text, bool atStart, bool continues, List<int> ids, List<Extent>? origins)
    {
        foreach (var (start, end, added) in normalizedFinder.Split(text.Text))
        {
            if (added is { } id)
            {
                ids.Add(id);
                origins?.Add(Extent.Around(text.Origins.AsSpan(start..end)));
                continue;
            }

            var piece = new Piece(
                text.Text.AsMemory(start..end), atStart && start == 0, origins is null ? default : text.Origins.AsMemory(start..end),
                    continues && start == 0);
            EncodeWords(piece, ids, origins);
        }
    }

    private void EncodeWords(Piece text, List<int> ids, List<Extent>? origins)
    {
        List<Piece> pieces = [text];
        foreach (var step in parts.PreTokenizers)
        {
            var split = new List<Piece>();
            foreach (var piece in pieces) step.Split(piece, split);
            pieces = split;
        }

        foreach (ref readonly var piece in CollectionsMarshal.AsSpan(pieces))
        {
            if (origins is null) ids.AddRange(parts.Model.Encode(piece.Text.Span));
            else ids.AddRange(parts.Model.Encode(piece.Text.Span, piece.Origins.Span, origins));
        }
    }
}
