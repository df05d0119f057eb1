using System.Globalization;
using System.Text.Json;
using Harness.Models.Tokenizers.AddedTokens;
using Harness.Models.Tokenizers.PreTokenizers;

namespace Harness.Models.Tokenizers;

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
