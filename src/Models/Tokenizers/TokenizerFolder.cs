using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>Which tokens begin and end texts, and which are put there.</summary>
/// <param name="Bos">The one that begins a text, where there is one.</param>
/// <param name="Eos">The one that ends a text.</param>
/// <param name="Stops">All that end generation.</param>
/// <param name="Prefix">Ids before a text that stands alone.</param>
/// <param name="Suffix">Ids behind it.</param>
internal sealed record TokenizerRoles(int? Bos, int Eos, FrozenSet<int> Stops, IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix)
{
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

    /// <summary>From the files beside it too, as far as they are there, with the parts as those files change them.</summary>
    /// <exception cref="InputException">
    /// One is damaged, names a token that is none or puts one in front that it does not have, contradicts tokenizer.json, or no token is
    /// known to end texts.
    /// </exception>
    public static (TokenizerParts Parts, TokenizerRoles Roles) OfFolder(string folder, TokenizerParts parts)
    {
        var tokenizer = FolderTokens.Config(folder);
        var model = SideFile.Read(folder, ModelConfig);
        var generation = SideFile.Read(folder, GenerationConfig);
        var name = WithoutFast(tokenizer.Text(TokenizerClass) ?? model.Text(TokenizerClass) ?? "");
        parts = FolderTokens.Complete(folder, tokenizer, name, parts);
        var rebuilds = Rebuilding.TryGetValue(name, out var usual);
        var bos = tokenizer.Denies(BosToken) ? null
            : tokenizer.Token(BosToken, parts) ?? (rebuilds ? parts.IdOf(usual.Bos) : null) ?? model.FirstId(BosId) ?? FindKnownBos(parts);
        var eos = tokenizer.Token(EosToken, parts) ?? (rebuilds ? parts.IdOf(usual.Eos) : null) ?? model.FirstId(EosId)
            ?? FindKnownEos(Path.Combine(folder, "tokenizer.json"), parts);
        if (!rebuilds)
        {
            CheckPut(tokenizer, AddBos, bos, parts.Prefix, "in front of", parts);
            CheckPut(tokenizer, AddEos, eos, parts.Suffix, "behind", parts);
        }

        var (prefix, suffix) = rebuilds
            ? (tokenizer.Added(AddBos, absent: true, bos), tokenizer.Added(AddEos, absent: false, eos))
            : (parts.Prefix, parts.Suffix);
        return (parts, new(bos, eos, [eos, .. generation.Ids(EosId), .. model.Ids(EosId)], prefix, suffix));
    }

    /// <summary>A class of transformers by the name that its fast and its slow form share.</summary>
    public static string WithoutFast(string type) => type.EndsWith(Fast, StringComparison.Ordinal) ? type[..^Fast.Length] : type;

    /// <summary>
    /// Whether a class of transformers puts a space in front as SentencePiece does, and converts anew where it is told not to.
    /// </summary>
    public static bool IsSentencePiece(string type) => type is "LlamaTokenizer" or "CodeLlamaTokenizer";

    // Other classes leave the post-processor to tokenizer.json in transformers 4, and to the flag in transformers 5.
    private static void CheckPut(SideFile tokenizer, string flag, int? token, IReadOnlyList<int> put, string where, TokenizerParts parts)
    {
        if (tokenizer.Flag(flag) is not { } adds) return;
        int[] wanted = adds && token is { } id ? [id] : [];
        if (wanted.SequenceEqual(put)) return;
        var post = put.Count == 0 ? "nothing" : string.Join(' ', put.Select(each => parts.Tokens[each]));
        throw tokenizer.Contradicts(flag, adds ? "true" : "false", $"what tokenizer.json's post_processor puts {where} texts, {post}");
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
}

/// <summary>
/// What the files beside a tokenizer.json change in it, as the fast tokenizers of transformers do: tokens that it lacks are added, those
/// that have other flags get them, and named special tokens are found in texts. What cannot be followed, or what versions of transformers
/// follow differently, is refused. Not ids but decoded texts alone depend on <c>clean_up_tokenization_spaces</c>, batches alone on padding
/// and truncation;
/// <c>legacy</c> chooses between forms of a tokenizer.json when it is made, and it is made already.
/// </summary>
internal static class FolderTokens
{
    private const string Decoder = "added_tokens_decoder", PrefixSpace = "add_prefix_space", SplitSpecials = "split_special_tokens";
    private const string TokenizerFile = "tokenizer.json";
    private static readonly string[] Roles = ["bos_token", "eos_token"];
    private static readonly string[] Named = [.. Roles, "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
    private static readonly string[] Lists = ["additional_special_tokens", "extra_special_tokens"];
    private static readonly string[] Flags = ["__type", "content", "single_word", "lstrip", "rstrip", "normalized", "special"];

    // These classes have no space in front unless they are told.
    private static readonly string[] Spaceless = ["GPT2Tokenizer", "BloomTokenizer", "CodeGenTokenizer"];

    /// <summary>tokenizer_config.json; without added tokens of its own (older files), special_tokens_map.json comes before it.</summary>
    public static SideFile Config(string folder)
    {
        var config = SideFile.Read(folder, "tokenizer_config.json");
        return config.Has(Decoder) ? config : config.Under(SideFile.Read(folder, "special_tokens_map.json"));
    }

    /// <summary>The parts with what the files change.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="config">What <see cref="Config"/> read.</param>
    /// <param name="type">The tokenizer's class, without "Fast".</param>
    /// <param name="parts">Those of tokenizer.json.</param>
    public static TokenizerParts Complete(string folder, SideFile config, string type, TokenizerParts parts)
    {
        if (config.Flag(SplitSpecials) == true)
            throw config.Json.Unsupported($"file.{SplitSpecials}", "true", "false: special tokens are found in texts");
        if (config.Flag("fix_mistral_regex") == true)
            throw config.Json.Unsupported("file.fix_mistral_regex", "true", "false: texts are split as tokenizer.json says");
        CheckSpace(config, type, parts);
        var tokens = parts.AddedTokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        var spellings = new Dictionary<int, string>(parts.Tokens);
        var specials = Specials(config).ToList();
        foreach (var token in Given(folder, config, tokens)
            .Where(token => token.Content.Length > 0 && tokens.GetValueOrDefault(token.Content) != token))
            Add(token with { Special = token.Special || specials.Contains(token.Content) });
        foreach (var key in Roles.Where(config.Has))
        {
            // A class would add it, and the model has no row for it.
            var role = config.Spelling(key, config.Members[key]);
            if (!tokens.ContainsKey(role) && !parts.Model.Vocabulary.ContainsKey(role))
                throw config.Json.Damaged(key, $"'{role}'", $"a token of {TokenizerFile}");
        }

        foreach (var special in specials.Where(special => !tokens.ContainsKey(special)))
            Add(new AddedToken(Next(special), special) { Special = true });
        return parts with { AddedTokens = [.. tokens.Values], Tokens = spellings };

        void Add(AddedToken token)
        {
            var id = Next(token.Content);
            if (token.Id != id)
            {
                throw config.Contradicts(
                    Decoder, $"'{token.Content}' as {token.Id.ToString(CultureInfo.InvariantCulture)}",
                        $"{id}, which {TokenizerFile} gives it");
            }

            tokens[token.Content] = token;
            spellings[token.Id] = token.Content;
        }

        // As Hugging Face's library numbers what is added.
        int Next(string content)
        {
            if (tokens.TryGetValue(content, out var known)) return known.Id;
            return parts.Model.Vocabulary.TryGetValue(content, out var id)
                ? id
                : Math.Max(parts.Model.Vocabulary.Count, tokens.Values.Select(token => token.Id + 1).DefaultIfEmpty().Max());
        }
    }

    private static IEnumerable<AddedToken> Given(string folder, SideFile config, Dictionary<string, AddedToken> known)
    {
        if (config.Has(Decoder))
        {
            return config.Json.Members(Decoder, config.Members[Decoder]).Select(entry => Read(config, entry.Key, entry.Value))
                .OrderBy(token => token.Id);
        }

        // Older folders. Tokens of tokenizer.json keep their flags.
        var older = SideFile.Read(folder, "added_tokens.json");
        return older.Members.Where(entry => !known.ContainsKey(entry.Key)).OrderBy(entry => older.Json.Id(entry.Key, entry.Value))
            .Select(entry => new AddedToken(
                older.Json.Id(entry.Key, entry.Value), entry.Key)
            { Normalized = !Specials(config).Contains(entry.Key) }).ToList();
    }

    private static AddedToken Read(SideFile config, string key, JsonElement value)
    {
        var place = $"{Decoder}.{key}";
        if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw config.Json.Damaged(Decoder, $"'{key}'", "an id");
        var members = config.Json.Members(place, value, Flags);
        var content = config.Json.Text($"{place}.content", config.Json.Member(place, members, "content"));
        var special = config.Json.Flag(place, members, "special", absent: false);
        return new(id, content)
        {
            SingleWord = config.Json.Flag(place, members, "single_word", absent: false),
            TakesSpaceBefore = config.Json.Flag(place, members, "lstrip", absent: false),
            TakesSpaceBehind = config.Json.Flag(place, members, "rstrip", absent: false),
            Normalized = config.Json.Flag(place, members, "normalized", absent: !special),
            Special = special,
        };
    }

    private static IEnumerable<string> Specials(SideFile config)
    {
        var single = Named.Where(config.Has).Select(key => config.Spelling(key, config.Members[key]));
        var many = Lists.Where(config.Has).SelectMany(key => Items(key, config.Members[key]).Select(item => config.Spelling(key, item)));
        return single.Concat(many).Where(token => token.Length > 0).Distinct(StringComparer.Ordinal);

        // The later form is a map from names of a model's own.
        IEnumerable<JsonElement> Items(string key, JsonElement value) =>
            value.ValueKind == JsonValueKind.Object ? config.Json.Members(key, value).Values : config.Json.Items(key, value);
    }

    private static void CheckSpace(SideFile config, string type, TokenizerParts parts)
    {
        bool? absent = Spaceless.Contains(type) ? false : null;
        if ((config.Flag(PrefixSpace) ?? absent) is not { } wanted || wanted == parts.PrependsSpace) return;
        if (!TokenizerRoles.IsSentencePiece(type) && parts.PreTokenizers is not [ByteLevel]) return;
        throw config.Contradicts(PrefixSpace, $"{(wanted ? "true" : "false")}", $"{(wanted ? "false" : "true")} as in {TokenizerFile}");
    }
}

/// <summary>A JSON object in a file beside a tokenizer.json; without members where the file is not there.</summary>
internal sealed record SideFile(JsonComponents Json, Dictionary<string, JsonElement> Members)
{
    private const string Whole = "file";

    // The document is closed behind this: what is kept is cloned.
    public static SideFile Read(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        return File.Exists(file)
            ? JsonComponents.Parse(file, JsonComponents.ReadBytes(file), Checked)
            : new SideFile(new JsonComponents(file), []);

        static SideFile Checked(JsonComponents json, JsonElement root)
        {
            JsonTexts.Check(root);
            return new(json, json.Members(Whole, root.Clone()));
        }
    }

    /// <summary>The same with another file's members in the place of its own.</summary>
    public SideFile Under(SideFile other)
    {
        var members = new Dictionary<string, JsonElement>(Members, StringComparer.Ordinal);
        foreach (var (key, value) in other.Members) members[key] = value;
        return this with { Members = members };
    }

    /// <summary>Whether a value is given that is not null.</summary>
    public bool Has(string key) => JsonComponents.IsPresent(Members.GetValueOrDefault(key));

    /// <summary>Whether a value is given and is null.</summary>
    public bool Denies(string key) => Members.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>A text, where there is one.</summary>
    public string? Text(string key) => Has(key) ? Json.Text(key, Members[key]) : null;

    /// <summary>A flag, where there is one.</summary>
    public bool? Flag(string key) => Has(key) ? Json.Flag(Whole, Members, key) : null;

    /// <summary>The spelling of a token that is given as its text or as an added token's object.</summary>
    public string Spelling(string key, JsonElement value) => Json.Text(
        key, value.ValueKind == JsonValueKind.Object ? Json.Member(key, Json.Members(key, value), "content") : value);

    /// <summary>The id of a token, where one is named.</summary>
    public int? Token(string key, TokenizerParts parts)
    {
        if (!Has(key)) return null;
        var token = Spelling(key, Members[key]);
        return parts.IdOf(token) ?? throw Json.Damaged(key, $"'{token}'", "a token of tokenizer.json");
    }

    /// <summary>The id that a flag puts before or behind a text.</summary>
    public IReadOnlyList<int> Added(string flag, bool absent, int? id)
    {
        if (Denies(flag) || !(Flag(flag) ?? absent)) return [];
        return id is { } added ? [added]
            : throw Json.Damaged($"{Whole}.{flag}", "true without a token", $"that token ('{flag["add_".Length..]}') or false");
    }

    /// <summary>The first of the ids given.</summary>
    public int? FirstId(string key) => Ids(key).Cast<int?>().FirstOrDefault();

    /// <summary>Ids given as a number or as a list of them.</summary>
    public IReadOnlyList<int> Ids(string key)
    {
        if (!Has(key)) return [];
        return Members[key].ValueKind == JsonValueKind.Array
            ? [.. Members[key].EnumerateArray().Select(item => Json.Id(key, item))]
            : [Json.Id(key, Members[key])];
    }

    /// <summary>An error about what versions or classes of transformers read differently from tokenizer.json.</summary>
    public InputException Contradicts(string key, string found, string expected) => Json.Contradiction($"{Whole}.{key}", found, expected);
}
