using System.Runtime.InteropServices;
using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Byte-level BPE (GPT-2; Sennrich et al. 2016), in the class shape of Microsoft.ML.Tokenizers. Any text has an encoding and decodes to
/// itself; an unpaired surrogate becomes U+FFFD. Safe to use from several threads.
/// </summary>
public sealed class BpeTokenizer
{
    // Words kept with their tokens; longer words and later ones are merged each time. Neither changes a result.
    private const int CachedWords = 1 << 16, CachedWordLength = 64;
    private readonly BpeModel model;
    private readonly MergeTable merges;
    private readonly byte[]?[] bytes;
    private readonly int[] byteIds = new int[256];
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> cache = new(StringComparer.Ordinal);

    private BpeTokenizer(BpeModel model)
    {
        this.model = model;
        merges = new MergeTable(model.Merges);
        for (var id = 0; id < model.Tokens.Count; id++) ids.Add(model.Tokens[id], id);
        var specials = model.Specials.ToHashSet();
        bytes = [.. model.Tokens.Select((token, id) => !specials.Contains(id) && ByteAlphabet.TryRead(token, out var read) ? read : null)];
        for (var value = 0; value < 256; value++) byteIds[value] = ids[ByteAlphabet.All[value]];
        BosId = model.Special(BpeModel.Bos) ?? ids[BpeModel.EndOfText];
        EosId = model.Special(BpeModel.Eos) ?? ids[BpeModel.EndOfText];
    }

    /// <summary>Number of ids: specials, 256 bytes, merges.</summary>
    public int VocabularySize => model.Tokens.Count;

    /// <summary>The id that begins a text, <c>&lt;s&gt;</c> (0 where trained here; <c>&lt;|endoftext|&gt;</c> in GPT-2's files).</summary>
    public int BosId { get; }

    /// <summary>The id that ends a text, <c>&lt;/s&gt;</c> (1 where trained here; <c>&lt;|endoftext|&gt;</c> in GPT-2's files).</summary>
    public int EosId { get; }

    /// <summary>
    /// Learns merges: again and again the pair of neighbouring tokens that is most frequent within words, the lowest ids among equals, as
    /// long as a pair occurs twice. The same texts in any order give the same tokenizer.
    /// </summary>
    /// <param name="texts">The corpus.</param>
    /// <param name="vocabularySize">
    /// Ids wanted, at least 258 (two specials and the bytes). Where the corpus repeats too little there are fewer: see
    /// <see cref="VocabularySize"/>.
    /// </param>
    /// <exception cref="InputException">The vocabulary size is below 258.</exception>
    public static BpeTokenizer Train(IEnumerable<string> texts, int vocabularySize) => new(BpeTrainer.Train(texts, vocabularySize));

    /// <summary>Reads a Hugging Face tokenizer.json of byte-level BPE.</summary>
    /// <exception cref="InputException">
    /// The file cannot be read, is damaged, or has a component of another kind; the message names file, component and what was found.
    /// </exception>
    public static BpeTokenizer Load(string file) => new(TokenizerJsonReader.Read(file));

    /// <summary>Writes a tokenizer.json that Hugging Face's tokenizers read; the same tokenizer always gives the same bytes.</summary>
    /// <exception cref="InputException">The file cannot be written; the message names the cause.</exception>
    public void Save(string file) => TokenizerJsonWriter.Write(file, model);

    /// <summary>
    /// A text's ids. No specials are added, and a special's name in the text is plain text (Hugging Face: <c>add_special_tokens=False</c>,
    /// <c>encode_special_tokens=True</c>).
    /// </summary>
    public IReadOnlyList<int> EncodeToIds(string text)
    {
        var result = new List<int>(text.Length / 3 + 1);
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var word = rest[..WordSplitter.FirstWord(rest)];
            result.AddRange(EncodeWord(word));
            rest = rest[word.Length..];
        }

        return result;
    }

    /// <summary>The text of ids, specials skipped; bytes that are not UTF-8 (a character cut in two) become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id outside [0, <see cref="VocabularySize"/>).</exception>
    public string Decode(IEnumerable<int> ids)
    {
        var text = new List<byte>();
        foreach (var id in ids)
        {
            if (id < 0 || id >= bytes.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"expected ids from 0 to {bytes.Length - 1}");
            }

            text.AddRange(bytes[id] ?? []);
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(text));
    }

    /// <summary>The id of a token in the vocabulary's own spelling (" the" is "Ġthe"; specials as they are), or null.</summary>
    public int? IdOf(string token) => ids.TryGetValue(token, out var id) ? id : null;

    private int[] EncodeWord(ReadOnlySpan<char> word)
    {
        if (word.Length > CachedWordLength) return MergeBytes(word);
        lock (cache)
        {
            var lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
            if (lookup.TryGetValue(word, out var known)) return known;
            var result = MergeBytes(word);
            if (cache.Count < CachedWords) lookup[word] = result;
            return result;
        }
    }

    private int[] MergeBytes(ReadOnlySpan<char> word)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, utf8);
        return merges.Apply(Array.ConvertAll(utf8, value => byteIds[value]));
    }
}
