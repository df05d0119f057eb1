using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>
/// What the files beside a tokenizer.json change in it, as the fast tokenizers of transformers do: tokens that it lacks are added, those
/// that have other flags get them, and named special tokens are found in texts. What cannot be followed, or what versions of transformers
/// follow differently, is refused. Not ids but decoded texts alone depend on <c>clean_up_tokenization_spaces</c>, batches alone on padding
/// and truncation; <c>legacy</c> chooses between forms of a tokenizer.json when it is made, and it is made already.
/// </summary>
internal static class TokenizerFolder
{
    private const string Decoder = "added_tokens_decoder", PrefixSpace = "add_prefix_space", TokenizerFile = "tokenizer.json";
    private static readonly string[] Roles = ["bos_token", "eos_token"];
    private static readonly string[] Named = [.. Roles, "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
    private static readonly string[] Lists = ["additional_special_tokens", "extra_special_tokens"];

    // These classes have no space in front unless they are told.
    private static readonly string[] Spaceless = ["GPT2Tokenizer", "BloomTokenizer", "CodeGenTokenizer"];

    /// <summary>A file's object; one without fields where the file is not there.</summary>
    public static JsonPlace Read(string folder, string name) => Path.Combine(folder, name) is var file && File.Exists(file)
        ? JsonPlace.Read(file, TokenizerJson.Voice).Whole()
        : JsonPlace.Of(file, JsonElement.Parse("{}"), TokenizerJson.Voice);

    /// <summary>tokenizer_config.json; without added tokens of its own (older files), special_tokens_map.json comes before it.</summary>
    /// <returns>What stands behind a key.</returns>
    public static Func<string, JsonPlace> Config(string folder)
    {
        var config = Read(folder, "tokenizer_config.json");
        if (config[Decoder].Optional is not null) return key => config[key];
        var older = Read(folder, "special_tokens_map.json");
        return key => older[key] is { IsGiven: true } found ? found : config[key];
    }

    /// <summary>The spelling of a token that is given as its text or as an added token's object.</summary>
    public static string Spelling(JsonPlace token) =>
        (token.Value.ValueKind == JsonValueKind.Object ? token["content"] : token).Text();

    /// <summary>The parts with what the files change.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="config">What <see cref="Config"/> read.</param>
    /// <param name="type">The tokenizer's class, without "Fast".</param>
    /// <param name="parts">Those of tokenizer.json.</param>
    public static TokenizerParts Complete(string folder, Func<string, JsonPlace> config, string type, TokenizerParts parts)
    {
        if (config("split_special_tokens").Flag(absent: false))
            throw config("split_special_tokens").Unsupported("true", "false: special tokens are found in texts");
        if (config("fix_mistral_regex").Flag(absent: false))
            throw config("fix_mistral_regex").Unsupported("true", "false: texts are split as tokenizer.json says");
        CheckSpace(config(PrefixSpace), type, parts);
        var tokens = parts.AddedTokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        var spellings = new Dictionary<int, string>(parts.Tokens);
        var specials = Specials(config).ToList();
        foreach (var token in Given(folder, config(Decoder), specials, tokens)
            .Where(token => token.Content.Length > 0 && tokens.GetValueOrDefault(token.Content) != token))
            Add(token with { Special = token.Special || specials.Contains(token.Content) });
        foreach (var role in Roles.Select(key => config(key).Optional).OfType<JsonPlace>())
        {
            // A class would add it, and the model has no row for it.
            if (!tokens.ContainsKey(Spelling(role)) && !parts.Model.Vocabulary.ContainsKey(Spelling(role))) throw NoToken(role);
        }

        foreach (var special in specials.Where(special => !tokens.ContainsKey(special)))
            Add(new AddedToken(Next(special), special) { Special = true });
        return parts with { AddedTokens = [.. tokens.Values], Tokens = spellings };

        void Add(AddedToken token)
        {
            var id = Next(token.Content);
            if (token.Id != id)
                throw config(Decoder).Contradicts($"'{token.Content}' as {token.Id}", $"{id}, which {TokenizerFile} gives it");
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

    /// <summary>The error about a name that is no token's.</summary>
    public static InputException NoToken(JsonPlace token) => token.Error($"'{Spelling(token)}'", $"a token of {TokenizerFile}");

    private static IEnumerable<AddedToken> Given(
        string folder, JsonPlace decoder, List<string> specials, Dictionary<string, AddedToken> known)
    {
        if (decoder.Optional is not null)
        {
            return decoder.Fields.Select(entry => AddedToken.Read(
                entry.Place.Only("__type", "content", "single_word", "lstrip", "rstrip", "normalized", "special"),
                int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    ? id : throw decoder.Error($"'{entry.Name}'", "an id"),
                isComplete: false)).OrderBy(token => token.Id);
        }

        // Older folders. Tokens of tokenizer.json keep their flags.
        return Read(folder, "added_tokens.json").Fields.Where(entry => !known.ContainsKey(entry.Name))
            .Select(entry => new AddedToken(entry.Place.Id(), entry.Name) { Normalized = !specials.Contains(entry.Name) })
            .OrderBy(token => token.Id);
    }

    // Of the lists the later form is a map from names of a model's own.
    private static IEnumerable<string> Specials(Func<string, JsonPlace> config) => Named
        .Select(key => config(key).Optional).OfType<JsonPlace>()
        .Concat(Lists.Select(key => config(key).Optional).OfType<JsonPlace>().SelectMany(list =>
            list.Value.ValueKind == JsonValueKind.Object ? list.Fields.Select(field => field.Place) : list.Items))
        .Select(Spelling).Where(token => token.Length > 0).Distinct(StringComparer.Ordinal);

    private static void CheckSpace(JsonPlace space, string type, TokenizerParts parts)
    {
        bool? absent = Spaceless.Contains(type) ? false : null;
        if ((space.Optional?.Flag() ?? absent) is not { } wanted || wanted == parts.PrependsSpace) return;
        if (!TokenizerRoles.IsSentencePiece(type) && parts.PreTokenizers is not [ByteLevel]) return;
        throw space.Contradicts(wanted ? "true" : "false", $"{(wanted ? "false" : "true")} as in {TokenizerFile}");
    }
}

/// <summary>Which tokens begin and end texts, and which are put there.</summary>
/// <param name="Bos">The one that begins a text, where there is one.</param>
/// <param name="Eos">The one that ends a text.</param>
/// <param name="Stops">All that end generation.</param>
/// <param name="Prefix">Ids before a text that stands alone.</param>
/// <param name="Suffix">Ids behind it.</param>
internal sealed record TokenizerRoles(int? Bos, int Eos, FrozenSet<int> Stops, IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix)
{
    private const string BosToken = "bos_token", EosToken = "eos_token", BosId = "bos_token_id", EosId = "eos_token_id";
    private const string AddBos = "add_bos_token", AddEos = "add_eos_token", TokenizerClass = "tokenizer_class", Fast = "Fast";

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
        var (config, model) = (TokenizerFolder.Config(folder), TokenizerFolder.Read(folder, "config.json"));
        var name = WithoutFast(config(TokenizerClass).Optional?.Text() ?? model[TokenizerClass].Optional?.Text() ?? "");
        parts = TokenizerFolder.Complete(folder, config, name, parts);
        var rebuilds = Rebuilding.TryGetValue(name, out var usual);
        var bos = IsDenied(config(BosToken)) ? null
            : Token(BosToken) ?? (rebuilds ? parts.IdOf(usual.Bos) : null) ?? FirstId(BosId) ?? FindKnownBos(parts);
        var eos = Token(EosToken) ?? (rebuilds ? parts.IdOf(usual.Eos) : null) ?? FirstId(EosId)
            ?? FindKnownEos(Path.Combine(folder, "tokenizer.json"), parts);
        if (!rebuilds)
        {
            CheckPut(config(AddBos), bos, parts.Prefix, "in front of", parts);
            CheckPut(config(AddEos), eos, parts.Suffix, "behind", parts);
        }

        var (prefix, suffix) = rebuilds
            ? (Added(config(AddBos), absent: true, bos, BosToken), Added(config(AddEos), absent: false, eos, EosToken))
            : (parts.Prefix, parts.Suffix);
        int[] stops = [eos, .. Ids(TokenizerFolder.Read(folder, "generation_config.json")[EosId]), .. Ids(model[EosId])];
        return (parts, new(bos, eos, [.. stops], prefix, suffix));

        int? Token(string key) => config(key).Optional is not { } token ? null
            : parts.IdOf(TokenizerFolder.Spelling(token)) ?? throw TokenizerFolder.NoToken(token);

        int? FirstId(string key) => Ids(model[key]).Cast<int?>().FirstOrDefault();
    }

    /// <summary>A class of transformers by the name that its fast and its slow form share.</summary>
    public static string WithoutFast(string type) => type.EndsWith(Fast, StringComparison.Ordinal) ? type[..^Fast.Length] : type;

    /// <summary>
    /// Whether a class of transformers puts a space in front as SentencePiece does, and converts anew where it is told not to.
    /// </summary>
    public static bool IsSentencePiece(string type) => type is "LlamaTokenizer" or "CodeLlamaTokenizer";

    // Other classes leave the post-processor to tokenizer.json in transformers 4, and to the flag in transformers 5.
    private static void CheckPut(JsonPlace flag, int? token, IReadOnlyList<int> put, string where, TokenizerParts parts)
    {
        if (flag.Optional?.Flag() is not { } adds) return;
        int[] wanted = adds && token is { } id ? [id] : [];
        if (wanted.SequenceEqual(put)) return;
        var post = put.Count == 0 ? "nothing" : string.Join(' ', put.Select(each => parts.Tokens[each]));
        throw flag.Contradicts(adds ? "true" : "false", $"what tokenizer.json's post_processor puts {where} texts, {post}");
    }

    // The id that a flag puts before or behind a text.
    private static IReadOnlyList<int> Added(JsonPlace flag, bool absent, int? id, string token) =>
        IsDenied(flag) || !flag.Flag(absent) ? []
        : id is { } added ? [added] : throw flag.Error("true without a token", $"that token ('{token}') or false");

    private static bool IsDenied(JsonPlace place) => place is { IsGiven: true, Optional: null };

    // Ids given as a number or as a list of them.
    private static IEnumerable<int> Ids(JsonPlace place) => place.Optional is null ? []
        : place.Value.ValueKind == JsonValueKind.Array ? place.Items.Select(item => item.Id()) : [place.Id()];

    private static int? FindKnownBos(TokenizerParts parts) =>
        parts.Prefix.Count > 0 ? parts.Prefix[0] : KnownBos.Select(parts.AddedId).FirstOrDefault(id => id is not null);

    private static int FindKnownEos(string file, TokenizerParts parts)
    {
        if (KnownEos.Select(parts.AddedId).FirstOrDefault(id => id is not null) is { } known) return known;
        var names = parts.AddedTokens.Select(token => token.Content).Order(StringComparer.Ordinal).Take(10);
        throw JsonPlace.Of(file, JsonElement.Parse("{}"), TokenizerJson.Voice)["added_tokens"]
            .Unsupported($"[{string.Join(", ", names)}]", $"one of {string.Join(", ", KnownEos)}");
    }
}
