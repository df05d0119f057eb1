namespace Harness.Models.Tokenizers;

/// <summary>One merge: two neighbouring tokens become one. Its place in the list is its rank.</summary>
internal readonly record struct Merge(int Left, int Right, int Result);

/// <summary>
/// What a tokenizer.json holds: tokens by id (in the byte alphabet's spelling, specials as they are), merges by rank, the specials' ids.
/// </summary>
internal sealed record BpeModel(IReadOnlyList<string> Tokens, IReadOnlyList<Merge> Merges, IReadOnlyList<int> Specials)
{
    /// <summary>Begins every text.</summary>
    public const string Bos = "<s>";

    /// <summary>Ends every text.</summary>
    public const string Eos = "</s>";

    /// <summary>GPT-2's one special, in the place of both.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>The id of a special of that name, or null.</summary>
    public int? Special(string name) => Specials.Where(id => Tokens[id] == name).Cast<int?>().FirstOrDefault();
}
