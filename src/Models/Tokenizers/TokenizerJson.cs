using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>What a tokenizer.json describes, in the order in which a text passes through it.</summary>
internal sealed record TokenizerParts
{
    /// <summary>Tokens found before anything else.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Rewrites what lies between them.</summary>
    public required TextNormalizer Normalizer { get; init; }

    /// <summary>Cut it into words.</summary>
    public required IReadOnlyList<IPreTokenizer> PreTokenizers { get; init; }

    /// <summary>Encodes a word.</summary>
    public required BpeModel Model { get; init; }

    /// <summary>Ids before a text that stands alone.</summary>
    public required IReadOnlyList<int> Prefix { get; init; }

    /// <summary>Ids behind it.</summary>
    public required IReadOnlyList<int> Suffix { get; init; }

    /// <summary>From tokens to text; without it they are joined by spaces.</summary>
    public required IReadOnlyList<Decoder>? Decoders { get; init; }

    /// <summary>Every id's spelling, of the vocabulary and of added tokens. There may be gaps.</summary>
    public required IReadOnlyDictionary<int, string> Tokens { get; init; }

    /// <summary>Whether normalizer or pre-tokenizer puts a space in front of a text.</summary>
    public bool PrependsSpace => Normalizer.PrependsSpace || PreTokenizers.Any(step => step.PrependsSpace);

    /// <summary>An added token's id, or null.</summary>
    public int? AddedId(string content) => AddedTokens.FirstOrDefault(token => token.Content == content)?.Id;

    /// <summary>A token's id, or null.</summary>
    public int? IdOf(string token) => AddedId(token) ?? (Model.Vocabulary.TryGetValue(token, out var id) ? id : null);
}

/// <summary>
/// Reads Hugging Face's tokenizer.json. What cannot be followed exactly is an error; truncation and padding are left aside: they concern
/// batches, not the encoding of a text.
/// </summary>
internal sealed class TokenizerJson
{
    /// <summary>How errors about a tokenizer's files are put.</summary>
    public static readonly JsonVoice Voice = new("the file is damaged: copy or write it again");

    private readonly Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> tokens = [];

    private TokenizerJson()
    {
    }

    /// <exception cref="InputException">The content is damaged, or has a component of another kind.</exception>
    public static TokenizerParts Read(string file, ReadOnlySpan<byte> content)
    {
        var root = JsonPlace.Parse(file, content, Voice, $"a {Path.GetFileName(file)}").Only(
            "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        if (root["version"].IsGiven) root["version"].Word(["1.0"]);

        // Their keys are looked at all the same: another component in their place would be missing in its own.
        root["truncation"].Optional?.Only("direction", "max_length", "strategy", "stride");
        root["padding"].Optional?.Only("strategy", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token");
        return new TokenizerJson().Read(root);
    }

    private TokenizerParts Read(JsonPlace root)
    {
        var (prefix, suffix) = root["post_processor"].Optional is { } processor ? ReadProcessor(processor) : ([], []);
        var parts = new TokenizerParts
        {
            Normalizer = Normalizers.Read(root["normalizer"]),
            PreTokenizers = [.. root["pre_tokenizer"].Optional is { } step ? PreTokenizers.Read(step) : []],
            Decoders = root["decoder"].Optional is { } decoder ? [.. Decoders.Read(decoder)] : null,
            Model = ReadModel(root["model"]),
            AddedTokens = [.. ReadAddedTokens(root["added_tokens"]).Values],
            Prefix = prefix,
            Suffix = suffix,
            Tokens = tokens,
        };
        if (prefix.Concat(suffix).Where(id => !tokens.ContainsKey(id)).ToArray() is [var stray, ..])
            throw root["post_processor"].Error($"the id {stray}, which no token has", "ids of tokens");
        return parts;
    }

    private BpeModel ReadModel(JsonPlace model)
    {
        if (!model.IsGiven) throw model.Unsupported("nothing", "type 'BPE'");

        // GPT-2's own file has no type; its merges tell it from the other models.
        var type = model["type"].IsGiven || !model["merges"].IsGiven ? model["type"].Text() : "BPE";
        if (type != "BPE") throw model.Unsupported($"type '{type}'", "type 'BPE'");
        model.Only("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
            "ignore_merges", "vocab", "merges");
        foreach (var unused in (string[])["dropout", "continuing_subword_prefix", "end_of_word_suffix"])
            if (model[unused].Optional is { } used && (unused == "dropout" || used.Shown() != "\"\"")) throw used.Unsupported("null");
        foreach (var (token, place) in model["vocab"].Fields)
        {
            vocabulary.Add(token, place.Id());
            AddToken(place, token, vocabulary[token]);
        }

        return new(model.File, vocabulary, [.. model["merges"].Items.Select(ReadMerge)])
        {
            Unknown = model["unk_token"].Optional?.Text(),
            FusesUnknown = model["fuse_unk"].Flag(absent: false),
            ByteFallback = model["byte_fallback"].Flag(absent: false),
            IgnoresMerges = model["ignore_merges"].Flag(absent: false),
        };
    }

    // "left right" or ["left", "right"].
    private Merge ReadMerge(JsonPlace merge)
    {
        string[] parts = merge.Value.ValueKind == JsonValueKind.Array
            ? [.. merge.Items.Select(part => part.Text())]
            : merge.Text().Split(' ');
        return parts is [var left, var right] ? new(IdOf(left), IdOf(right), IdOf(left + right)) : throw merge.Wrong("two tokens");

        int IdOf(string token) => vocabulary.TryGetValue(token, out var id) ? id
            : throw merge.Error($"'{token}', which model.vocab lacks", "tokens of the vocabulary");
    }

    // Those that the vocabulary has, and further ones.
    private Dictionary<string, AddedToken> ReadAddedTokens(JsonPlace list)
    {
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        foreach (var place in list.Optional?.Items ?? [])
        {
            var token = AddedToken.Read(
                place.Only("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"), place["id"].Id(),
                isComplete: true);
            if (token.Content.Length == 0) continue;
            if (!added.TryAdd(token.Content, token)) throw place.Error($"'{token.Content}' more than once", "it once");
            var isKnown = vocabulary.TryGetValue(token.Content, out var id);
            if (isKnown && id != token.Id) throw place.Error($"'{token.Content}' with id {token.Id}", $"{id} as in model.vocab");
            if (isKnown) continue;

            // Whatever the file says, Hugging Face's library numbers these on from the vocabulary's size.
            if (token.Id != next)
                throw place.Error($"'{token.Content}' with id {token.Id}", $"{next}, which Hugging Face's library gives it");
            AddToken(place, token.Content, next++);
        }

        return added;
    }

    private void AddToken(JsonPlace place, string token, int id)
    {
        if (!tokens.TryAdd(id, token)) throw place.Error($"id {id}", $"an id of its own: '{tokens[id]}' has this one");
    }

    // What is put before and behind a text that stands alone.
    private static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) ReadProcessor(JsonPlace processor)
    {
        switch (processor["type"].Text())
        {
            case "ByteLevel":
                // It trims offsets, which are not read.
                PreTokenizers.OnlyFlags(processor);
                return ([], []);
            case "TemplateProcessing":
                return ReadTemplate(processor.Only("type", "single", "pair", "special_tokens"));
            case "Sequence":
                var list = processor.Only("type", "processors")["processors"];

                // The library takes what one has made for two texts in the next.
                var templates = list.Items.Select(ReadProcessor).Where(one => one.Prefix.Count + one.Suffix.Count > 0).ToList();
                return templates.Count <= 1 ? templates.FirstOrDefault(([], []))
                    : throw list.Unsupported($"{templates.Count} templates", "one");
            case var other:
                throw processor.Unsupported($"type '{other}'", "type ByteLevel, TemplateProcessing or Sequence");
        }
    }

    private static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) ReadTemplate(JsonPlace template)
    {
        var (prefix, suffix, texts) = (new List<int>(), new List<int>(), 0);
        foreach (var place in template["single"].Items)
        {
            var (kind, id) = ReadPiece(place);
            if (kind == "SpecialToken")
                (texts == 0 ? prefix : suffix).AddRange(
                    template["special_tokens"][id].Only("id", "ids", "tokens")["ids"].Items.Select(item => item.Id()));
            else if (id != "A" || ++texts > 1) throw place.Unsupported("the text A, once");
        }

        // It is for two texts; its form is looked at, as the library does.
        foreach (var place in template["pair"].IsGiven ? template["pair"].Items : []) ReadPiece(place);
        return texts == 1 ? (prefix, suffix) : throw template["single"].Unsupported("no text", "the text A, once");
    }

    private static (string Kind, string Id) ReadPiece(JsonPlace place) =>
        place.Only("SpecialToken", "Sequence").Fields.ToArray() is [var (kind, piece)]
            ? (kind, piece.Only("id", "type_id")["id"].Text())
            : throw place.Wrong("SpecialToken or Sequence");
}

/// <summary>What a tokenizer's files are asked, and what is said where they cannot be followed.</summary>
internal static class TokenizerPlaces
{
    // No vocabulary has as many tokens.
    private const int MostIds = 1 << 24;
    private const string Followed = "the BPE tokenizers of GPT, LLaMA, Mistral, Qwen and BLOOM can be read: use a model that has one";

    /// <summary>An object that has no fields but these.</summary>
    public static JsonPlace Only(this JsonPlace place, params string[] known) => place.Only(null, _ => Followed, known);

    /// <summary>An id, or a number of them.</summary>
    public static int Id(this JsonPlace place) => (int)place.Integer(0, MostIds - 1);

    /// <summary>A text of one Unicode scalar.</summary>
    public static string Character(this JsonPlace place) =>
        place.Text() is var text && text.EnumerateRunes().Count() == 1 ? text : throw place.Wrong("one character");

    /// <summary>One of some words, by its place among them.</summary>
    public static int Word(this JsonPlace place, IList<string> words) =>
        words.IndexOf(place.Text()) is >= 0 and var found ? found : throw place.Unsupported(string.Join(", ", words));

    /// <summary>The file is sound, but says something that cannot be followed here.</summary>
    public static InputException Unsupported(this JsonPlace place, string expected) => place.Unsupported(place.Shown(), expected);

    /// <summary>The same, with what is wrong about it.</summary>
    public static InputException Unsupported(this JsonPlace place, string found, string expected) => place.Error(found, expected, Followed);

    /// <summary>The file contradicts tokenizer.json, and versions of transformers follow one or the other.</summary>
    public static InputException Contradicts(this JsonPlace place, string found, string expected) => place.Error(
        found, expected, "versions and classes of transformers follow one or the other: make the two agree in a copy of the folder");
}
