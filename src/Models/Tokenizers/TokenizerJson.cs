using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Reads Hugging Face's tokenizer.json. What cannot be followed exactly is an error; truncation and padding are left aside: they concern
/// batches, not the encoding of a text.
/// </summary>
internal sealed class TokenizerJsonReader
{
    private const string Model = "model";

    private static readonly string[] RootKeys =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

    private static readonly (string Name, string[] Keys)[] BatchKeys =
    [
        ("truncation", ["direction", "max_length", "strategy", "stride"]),
        ("padding", ["strategy", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token"]),
    ];

    private static readonly string[] ModelKeys =
    [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
        "vocab", "merges",
    ];

    private readonly JsonComponents json;
    private readonly Dictionary<string, JsonElement> root;

    private TokenizerJsonReader(JsonComponents json, JsonElement element)
    {
        this.json = json;
        root = json.Members("file", element, RootKeys);
    }

    /// <exception cref="InputException">The content is damaged, or has a component of another kind.</exception>
    public static TokenizerParts Read(string file, ReadOnlyMemory<byte> content) =>
        JsonComponents.Parse(file, content, (json, element) => new TokenizerJsonReader(json, element).Read());

    private TokenizerParts Read()
    {
        foreach (var part in root) if (part.Key != Model) JsonTexts.Check(part.Value);
        if (root.TryGetValue("version", out var version)) json.Word("version", version, ["1.0"]);
        foreach (var (batches, keys) in BatchKeys)
        {
            // Their keys are looked at all the same: another component in their place would be missing in its own.
            if (JsonComponents.IsPresent(Component(batches))) json.Members(batches, Component(batches), keys);
        }

        var prepended = new List<string>();
        var normalizer = NormalizerReader.Read(json, "normalizer", Component("normalizer"), prepended);
        var preTokenizer = new PreTokenizerReader(json);
        var preTokenizers = preTokenizer.Read("pre_tokenizer", Component("pre_tokenizer"));
        var (prefix, suffix) = PostProcessorReader.Read(json, "post_processor", Component("post_processor"));
        var decoders = DecoderReader.Read(json, "decoder", Component("decoder"));
        var vocabulary = new VocabularyReader(json);
        var model = ReadModel(vocabulary);
        var addedTokens = vocabulary.ReadAddedTokens(Component("added_tokens"));
        foreach (var id in prefix.Concat(suffix)) vocabulary.CheckId("post_processor", id);
        return new()
        {
            AddedTokens = addedTokens,
            Normalizer = normalizer,
            PreTokenizers = preTokenizers,
            Model = model,
            Prefix = prefix,
            Suffix = suffix,
            Decoders = decoders,
            PrependsSpace = preTokenizer.PrependsSpace || prepended.Any(text => text is " " or "▁"),
            Tokens = vocabulary.Tokens,
        };
    }

    private JsonElement Component(string name) => root.GetValueOrDefault(name);

    private BpeModel ReadModel(VocabularyReader vocabulary)
    {
        if (!root.TryGetValue(Model, out var value)) throw json.Unsupported(Model, "nothing", "type 'BPE'");

        // GPT-2's own file has no type; its merges tell it from the other models.
        var type = json.TypeOf(Model, value, unnamed: "BPE");
        if (type != "BPE") throw json.Unsupported(Model, $"type '{type}'", "type 'BPE'");
        var members = json.Members(Model, value, ModelKeys);
        json.ExpectNull("model.dropout", members.GetValueOrDefault("dropout"));
        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            var text = members.GetValueOrDefault(affix);
            if (text.ValueKind != JsonValueKind.String || text.GetString() != "") json.ExpectNull($"model.{affix}", text);
        }

        var ids = vocabulary.ReadVocabulary(json.Member(Model, members, "vocab"));
        var merges = vocabulary.ReadMerges(json.Member(Model, members, "merges"));
        var unknown = members.GetValueOrDefault("unk_token");
        return new(json.File, ids, merges)
        {
            Unknown = JsonComponents.IsPresent(unknown) ? json.Text("model.unk_token", unknown) : null,
            FusesUnknown = json.Flag(Model, members, "fuse_unk", absent: false),
            ByteFallback = json.Flag(Model, members, "byte_fallback", absent: false),
            IgnoresMerges = json.Flag(Model, members, "ignore_merges", absent: false),
        };
    }
}

/// <summary>Reads the part of tokenizer.json that holds tokens: vocab, merges and added_tokens, checked against each other.</summary>
internal sealed class VocabularyReader(JsonComponents json)
{
    private readonly Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> tokens = [];

    /// <summary>Every id's spelling, of the vocabulary and of added tokens. There may be gaps.</summary>
    public IReadOnlyDictionary<int, string> Tokens => tokens;

    public Dictionary<string, int> ReadVocabulary(JsonElement value)
    {
        foreach (var (token, element) in json.Members("model.vocab", value))
        {
            var place = $"model.vocab '{token}'";
            var id = json.Id(place, element);
            vocabulary.Add(token, id);
            AddToken(place, token, id);
        }

        return vocabulary;
    }

    /// <summary>Merges as "left right" or ["left", "right"].</summary>
    public IReadOnlyList<Merge> ReadMerges(JsonElement value)
    {
        var merges = new List<Merge>();
        foreach (var item in json.Items("model.merges", value))
        {
            var component = $"model.merges[{merges.Count}]";
            var parts = item.ValueKind == JsonValueKind.Array
                ? [.. item.EnumerateArray().Select(part => json.Text(component, part))]
                : json.Text(component, item).Split(' ');
            if (parts.Length != 2) throw json.Damaged(component, JsonComponents.Shown(item), "two tokens");
            merges.Add(new(IdOf(component, parts[0]), IdOf(component, parts[1]), IdOf(component, parts[0] + parts[1])));
        }

        return merges;
    }

    /// <summary>Added tokens, after the vocabulary: those that it has, and further ones.</summary>
    public IReadOnlyList<AddedToken> ReadAddedTokens(JsonElement value)
    {
        const string Component = "added_tokens";
        if (!JsonComponents.IsPresent(value)) return [];
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        foreach (var item in json.Items(Component, value))
        {
            var token = ReadAddedToken(Component, item);
            if (token.Content.Length == 0) continue;
            if (!added.TryAdd(token.Content, token)) throw json.Damaged(Component, $"'{token.Content}' more than once", "it once");
            var place = $"{Component} '{token.Content}'";
            var known = vocabulary.TryGetValue(token.Content, out var id);
            if (known && id != token.Id) throw json.Damaged(place, $"id {token.Id}", $"{id} as in model.vocab");
            if (known) continue;

            // Whatever the file says, Hugging Face's library numbers these on from the vocabulary's size.
            if (token.Id != next) throw json.Damaged(place, $"id {token.Id}", $"{next}, which Hugging Face's library gives it");
            AddToken(place, token.Content, next++);
        }

        return [.. added.Values];
    }

    /// <exception cref="InputException">No token has the id.</exception>
    public void CheckId(string component, int id)
    {
        if (!tokens.ContainsKey(id)) throw json.Damaged(component, $"the id {id}, which no token has", "ids of tokens");
    }

    private AddedToken ReadAddedToken(string component, JsonElement item)
    {
        var members = json.Members(component, item, ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"]);
        var content = json.Text($"{component}.content", json.Member(component, members, "content"));
        var place = $"{component} '{content}'";
        return new(json.Id(place, json.Member(place, members, "id")), content)
        {
            SingleWord = json.Flag(place, members, "single_word"),
            TakesSpaceBefore = json.Flag(place, members, "lstrip"),
            TakesSpaceBehind = json.Flag(place, members, "rstrip"),
            Normalized = json.Flag(place, members, "normalized"),
            Special = json.Flag(place, members, "special"),
        };
    }

    private void AddToken(string place, string token, int id)
    {
        if (!tokens.TryAdd(id, token)) throw json.Damaged(place, $"id {id}", $"an id of its own: '{tokens[id]}' has this one");
    }

    private int IdOf(string component, string token) => vocabulary.TryGetValue(token, out var id)
        ? id
        : throw json.Damaged(component, $"'{token}', which model.vocab lacks", "tokens of the vocabulary");
}

/// <summary>Reads what the post_processor puts before and behind a text that stands alone.</summary>
internal static class PostProcessorReader
{
    private static readonly (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) None = ([], []);

    public static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) Read(JsonComponents json, string component, JsonElement value)
    {
        if (!JsonComponents.IsPresent(value)) return None;
        switch (json.TypeOf(component, value))
        {
            case "ByteLevel":
                // It trims offsets, which are not read.
                json.ByteLevel(component, value);
                return None;
            case "TemplateProcessing":
                return ReadTemplate(json, component, value);
            case "Sequence":
                var list = json.Member(component, json.Members(component, value, ["type", "processors"]), "processors");
                var place = $"{component}.processors";
                var read = json.Items(place, list).Select((item, i) => Read(json, $"{place}[{i}]", json.Step($"{place}[{i}]", item)))
                    .ToList();

                // The library takes what one has made for two texts in the next.
                var templates = read.Where(one => one.Prefix.Count + one.Suffix.Count > 0).ToList();
                return templates.Count <= 1 ? templates.FirstOrDefault(None)
                    : throw json.Unsupported(place, $"{templates.Count} templates", "one");
            case var other:
                throw json.Unsupported(component, $"type '{other}'", "type ByteLevel, TemplateProcessing or Sequence");
        }
    }

    private static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) ReadTemplate(
        JsonComponents json, string component, JsonElement value)
    {
        var members = json.Members(component, value, ["type", "single", "pair", "special_tokens"]);
        var specials = json.Members($"{component}.special_tokens", json.Member(component, members, "special_tokens"));
        var (prefix, suffix, texts) = (new List<int>(), new List<int>(), 0);
        var single = $"{component}.single";
        foreach (var (i, item) in json.Items(single, json.Member(component, members, "single")).Index())
        {
            var place = $"{single}[{i}]";
            var piece = json.Members(place, item, ["SpecialToken", "Sequence"]);
            if (piece.Count != 1) throw json.Damaged(place, JsonComponents.Shown(item), "SpecialToken or Sequence");
            var (kind, content) = piece.Single();
            var id = json.Text($"{place}.{kind}.id", json.Member(place, json.Members(place, content, ["id", "type_id"]), "id"));
            if (kind == "SpecialToken") (texts == 0 ? prefix : suffix).AddRange(ReadIds(json, $"{component}.special_tokens", specials, id));
            else if (id != "A" || ++texts > 1) throw json.Unsupported(place, JsonComponents.Shown(item), "the text A, once");
        }

        var pair = $"{component}.pair";
        foreach (var (i, item) in members.TryGetValue("pair", out var other) ? json.Items(pair, other).Index() : [])
        {
            // It is for two texts; its form is looked at, as the library does.
            foreach (var (kind, content) in json.Members($"{pair}[{i}]", item, ["SpecialToken", "Sequence"]))
                json.Text($"{pair}[{i}].{kind}.id",
                    json.Member($"{pair}[{i}]", json.Members($"{pair}[{i}]", content, ["id", "type_id"]), "id"));
        }

        return texts == 1 ? (prefix, suffix) : throw json.Unsupported(single, "no text", "the text A, once");
    }

    private static IEnumerable<int> ReadIds(JsonComponents json, string component, Dictionary<string, JsonElement> specials, string id)
    {
        var place = $"{component}.{id}";
        var members = json.Members(place, json.Member(component, specials, id), ["id", "ids", "tokens"]);
        return json.Items($"{place}.ids", json.Member(place, members, "ids")).Select(item => json.Id($"{place}.ids", item));
    }
}

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
    public required IReadOnlyList<IDecoder>? Decoders { get; init; }

    /// <summary>Whether normalizer or pre-tokenizer puts a space in front of a text.</summary>
    public required bool PrependsSpace { get; init; }

    /// <summary>Every id's spelling.</summary>
    public required IReadOnlyDictionary<int, string> Tokens { get; init; }

    /// <summary>An added token's id, or null.</summary>
    public int? AddedId(string content) => AddedTokens.FirstOrDefault(token => token.Content == content)?.Id;

    /// <summary>A token's id, or null.</summary>
    public int? IdOf(string token) => AddedId(token) ?? (Model.Vocabulary.TryGetValue(token, out var id) ? id : null);
}
