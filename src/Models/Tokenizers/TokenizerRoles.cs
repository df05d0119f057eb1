using System.Collections.Frozen;
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
