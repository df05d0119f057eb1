using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers.AddedTokens;
using Harness.Models.Tokenizers.Bpe;
using Harness.Models.Tokenizers.Json;
using Harness.Models.Tokenizers.PreTokenizers;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Byte-pair encoding as Hugging Face's tokenizer.json describes it, in the class shape of Microsoft.ML.Tokenizers: byte-level BPE (GPT-2,
/// GPT-J, LLaMA 3, Qwen, BLOOM) and BPE in SentencePiece's manner (LLaMA 1 and 2, Mistral). It encodes and decodes as Hugging Face's
/// tokenizers library does (compared by tests/tokenizers). An unpaired surrogate becomes U+FFFD. Safe to use from several threads.
/// </summary>
public sealed class BpeTokenizer
{
    private readonly byte[] source;
    private readonly TokenizerParts parts;
    private readonly TokenizerRoles roles;
    private readonly AddedTokenFinder finder, normalizedFinder;
    private readonly HashSet<int> specials;

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
        VocabularySize = parts.Tokens.Count == 0 ? 0 : parts.Tokens.Keys.Max() + 1;
    }

    /// <summary>One more than the highest id. Some ids below may be no tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>Ids that the post-processor puts before a text: the one that begins it, or none. Prompts start with them.</summary>
    public IReadOnlyList<int> Prefix => parts.Prefix;

    /// <summary>Ids that the post-processor puts behind a text. Prompts, which are continued, have none.</summary>
    public IReadOnlyList<int> Suffix => parts.Suffix;

    /// <summary>The id that begins a text, where there is one (<c>&lt;s&gt;</c>, 0, where trained here); see <see cref="Prefix"/>.</summary>
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
        Create("tokenizer", TokenizerJsonWriter.Write(BpeTrainer.Train(texts, vocabularySize)), TokenizerRoles.Of);

    /// <summary>Reads a Hugging Face tokenizer.json; added tokens' well-known names say which begin and end texts.</summary>
    /// <exception cref="InputException">
    /// The file cannot be read, is damaged, or has a component of another kind; the message names file, component and what was found.
    /// </exception>
    public static BpeTokenizer Load(string file) => Create(file, JsonComponents.ReadBytes(file), TokenizerRoles.Of);

    /// <summary>
    /// Reads a model folder's tokenizer.json; tokenizer_config.json, config.json and generation_config.json, as far as they are there, say
    /// which tokens begin and end texts and generation.
    /// </summary>
    /// <exception cref="InputException">As <see cref="Load"/>, of any of the files.</exception>
    public static BpeTokenizer LoadFolder(string folder)
    {
        var file = Path.Combine(folder, "tokenizer.json");
        return Create(file, JsonComponents.ReadBytes(file), (_, parts) => TokenizerRoles.OfFolder(folder, parts));
    }

    /// <summary>Writes the tokenizer.json: what was read, byte for byte; for one trained here, always the same bytes.</summary>
    /// <exception cref="InputException">The file cannot be written; the message names the cause.</exception>
    public void Save(string file) => DurableFile.Write(file, stream => stream.Write(source));

    /// <summary>
    /// A text's ids, without prefix and suffix; added tokens in it are found (Hugging Face: <c>add_special_tokens=False</c>).
    /// </summary>
    /// <exception cref="InputException">An expression in tokenizer.json never ends on this text.</exception>
    public IReadOnlyList<int> EncodeToIds(string text)
    {
        var ids = new List<int>(text.Length / 3 + 1);
        text = WellFormed.Text(text);
        foreach (var (start, end, added) in finder.Split(text))
        {
            if (added is { } id) ids.Add(id);
            else EncodePlain(text[start..end], atStart: start == 0, ids);
        }

        return ids;
    }

    /// <summary>
    /// The text of ids; specials are skipped, and ids that are no tokens (Hugging Face: <c>skip_special_tokens=True</c>, spaces not
    /// cleaned up).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative id.</exception>
    public string Decode(IEnumerable<int> ids)
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
            : string.Concat(parts.Decoders.Aggregate(tokens, (current, decoder) => decoder.Decode(current)));
    }

    /// <summary>Whether an id is that of a special token, which decoding skips.</summary>
    public bool IsSpecial(int id) => specials.Contains(id);

    /// <summary>The id of a token in the vocabulary's own spelling (" the" is "Ġthe" or "▁the"; added tokens as such), or null.</summary>
    public int? IdOf(string token) => parts.IdOf(token);

    private static BpeTokenizer Create(string file, byte[] source, Func<string, TokenizerParts, TokenizerRoles> findRoles)
    {
        var parts = TokenizerJsonReader.Read(file, source);
        return new(source, parts, findRoles(file, parts));
    }

    // What lies between added tokens that are found in the text as it is.
    private void EncodePlain(string text, bool atStart, List<int> ids)
    {
        text = parts.Normalizer.Normalize(text);
        foreach (var (start, end, added) in normalizedFinder.Split(text))
        {
            if (added is { } id) ids.Add(id);
            else EncodeWords(new Piece(text.AsMemory(start..end), atStart && start == 0), ids);
        }
    }

    private void EncodeWords(Piece text, List<int> ids)
    {
        List<Piece> pieces = [text];
        foreach (var step in parts.PreTokenizers)
        {
            var split = new List<Piece>();
            foreach (var piece in pieces) step.Split(piece, split);
            pieces = split;
        }

        foreach (var piece in pieces) ids.AddRange(parts.Model.Encode(piece.Text.Span));
    }
}
