using System.Collections.Frozen;
using System.Text.Json;
using Harness.Models.Tokenizers.Json;

namespace Harness.Models.Tokenizers;

/// <summary>Which tokens begin and end texts, and which are put there.</summary>
/// <param name="Bos">The one that begins a text, where there is one.</param>
/// <param name="Eos">The one that ends a text.</param>
/// <param name="Stops">All that end generation.</param>
/// <param name="Prefix">Ids before a text that stands alone.</param>
/// <param name="Suffix">Ids behind it.</param>
internal sealed record TokenizerRoles(int? Bos, int Eos, FrozenSet<int> Stops, IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix)
{
    private const string TokenizerConfig = "tokenizer_config.json";
    private const string ModelConfig = "config.json";
    private const string GenerationConfig = "generation_config.json";
    private const string BosToken = "bos_token", EosToken = "eos_token", BosId = "bos_token_id", EosId = "eos_token_id";
    private const string AddBos = "add_bos_token", AddEos = "add_eos_token", TokenizerClass = "tokenizer_class";
    private const string Fast = "Fast";

    // What these classes of transformers put in front and behind is for their flags alone to say. Their tokens where none are named.
    private static readonly FrozenDictionary<string, (string Bos, string Eos)> Rebuilding = new Dictionary<string, (string Bos, string Eos)>
    {
        ["LlamaTokenizer"] = ("<s>", "</s>"),
        ["CodeLlamaTokenizer"] = ("<s>", "</s>"),
        ["GemmaTokenizer"] = ("<bos>", "<eos>"),
        ["CohereTokenizer"] = ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly string[] KnownBos = ["<s>", "<|begin_of_text|>", "<|endoftext|>"];
    private static readonly string[] KnownEos = ["</s>", "<|endoftext|>", "<|end_of_text|>", "<|im_end|>"];

    /// <summary>From the tokenizer.json alone: what it puts before texts, and added tokens' well-known names.</summary>
    /// <exception cref="InputException">No added token is known to end texts.</exception>
    public static TokenizerRoles Of(string file, TokenizerParts parts)
    {
        var eos = FindKnownEos(file, parts);
        return new(FindKnownBos(parts), eos, [eos], parts.Prefix, parts.Suffix);
    }

    /// <summary>From the files beside it too, as far as they are there.</summary>
    /// <exception cref="InputException">
    /// One is damaged, names a token that is none or puts one in front that it does not have, or no token is known to end texts.
    /// </exception>
    public static TokenizerRoles OfFolder(string folder, TokenizerParts parts)
    {
        var tokenizer = SideFile.Read(Path.Combine(folder, TokenizerConfig));
        var model = SideFile.Read(Path.Combine(folder, ModelConfig));
        var generation = SideFile.Read(Path.Combine(folder, GenerationConfig));
        var name = tokenizer.Text(TokenizerClass) ?? model.Text(TokenizerClass) ?? "";
        var rebuilds = Rebuilding.TryGetValue(name.EndsWith(Fast, StringComparison.Ordinal) ? name[..^Fast.Length] : name, out var usual);
        var bos = tokenizer.Denies(BosToken) ? null
            : tokenizer.Token(BosToken, parts) ?? (rebuilds ? parts.IdOf(usual.Bos) : null) ?? model.FirstId(BosId) ?? FindKnownBos(parts);
        var eos = tokenizer.Token(EosToken, parts) ?? (rebuilds ? parts.IdOf(usual.Eos) : null) ?? model.FirstId(EosId)
            ?? FindKnownEos(Path.Combine(folder, "tokenizer.json"), parts);
        var (prefix, suffix) = rebuilds
            ? (tokenizer.Added(AddBos, absent: true, bos), tokenizer.Added(AddEos, absent: false, eos))
            : (parts.Prefix, parts.Suffix);
        return new(bos, eos, [eos, .. generation.Ids(EosId), .. model.Ids(EosId)], prefix, suffix);
    }

    private static int? FindKnownBos(TokenizerParts parts) =>
        parts.Prefix.Count > 0 ? parts.Prefix[0] : KnownBos.Select(parts.AddedId).FirstOrDefault(id => id is not null);

    private static int FindKnownEos(string file, TokenizerParts parts)
    {
        if (KnownEos.Select(parts.AddedId).FirstOrDefault(id => id is not null) is { } known) return known;
        var names = parts.AddedTokens.Select(token => token.Content).Order(StringComparer.Ordinal).Take(10);
        var found = $"[{string.Join(", ", names)}]";
        throw new JsonComponents(file).Unsupported("added_tokens", found, $"one of {string.Join(", ", KnownEos)}");
    }

    /// <summary>What one of the files beside a tokenizer.json says of bos and eos; nothing where it is not there.</summary>
    private sealed record SideFile(JsonComponents Json, IReadOnlyDictionary<string, JsonElement> Members)
    {
        public static SideFile Read(string file) => File.Exists(file)
            ? JsonComponents.Parse(file, JsonComponents.ReadBytes(file), (json, root) => new SideFile(json, Roles(json, root)))
            : new SideFile(new JsonComponents(file), new Dictionary<string, JsonElement>());

        /// <summary>The id of a token given as its text or as an added token's object.</summary>
        public int? Token(string key, TokenizerParts parts)
        {
            if (!Members.TryGetValue(key, out var value) || !JsonComponents.IsPresent(value)) return null;
            var content = value.ValueKind == JsonValueKind.Object ? Json.Member(key, Json.Members(key, value), "content") : value;
            var token = Json.Text(key, content);
            return parts.IdOf(token) ?? throw Json.Damaged(key, $"'{token}'", "a token of tokenizer.json");
        }

        /// <summary>Whether a value is given and is null.</summary>
        public bool Denies(string key) => Members.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.Null;

        /// <summary>A text, where there is one.</summary>
        public string? Text(string key) => Members.TryGetValue(key, out var value) && JsonComponents.IsPresent(value) ? Json.Text(key, value) : null;

        /// <summary>The id that a flag puts before or behind a text.</summary>
        public IReadOnlyList<int> Added(string flag, bool absent, int? id)
        {
            if (Denies(flag) || !Json.Flag("file", new(Members), flag, absent)) return [];
            return id is { } added ? [added] : throw Json.Damaged($"file.{flag}", "true without a token", $"that token ('{flag["add_".Length..]}') or false");
        }

        /// <summary>The first of the ids given.</summary>
        public int? FirstId(string key) => Ids(key).Cast<int?>().FirstOrDefault();

        /// <summary>Ids given as a number or as a list of them.</summary>
        public IReadOnlyList<int> Ids(string key)
        {
            if (!Members.TryGetValue(key, out var value) || !JsonComponents.IsPresent(value)) return [];
            return value.ValueKind == JsonValueKind.Array
                ? [.. value.EnumerateArray().Select(item => Json.Id(key, item))]
                : [Json.Id(key, value)];
        }

        // The document is closed behind this: what is kept is cloned.
        private static Dictionary<string, JsonElement> Roles(JsonComponents json, JsonElement root) => json.Members("file", root)
            .Where(member => member.Key is BosToken or EosToken or BosId or EosId or AddBos or AddEos or TokenizerClass)
            .ToDictionary(member => member.Key, member => member.Value.Clone());
    }
}
