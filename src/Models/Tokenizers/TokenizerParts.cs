using Harness.Models.Tokenizers.AddedTokens;
using Harness.Models.Tokenizers.Bpe;
using Harness.Models.Tokenizers.Decoders;
using Harness.Models.Tokenizers.Normalizers;
using Harness.Models.Tokenizers.PreTokenizers;

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
