using System.Text.Json;
using Harness.Models.Tokenizers.Bpe;

namespace Harness.Models.Tokenizers.Json;

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
