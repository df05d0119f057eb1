namespace Harness.Models.Tokenizers.Bpe;

/// <summary>What <see cref="BpeTrainer"/> learnt: tokens by id (specials, bytes in the byte alphabet, merges), merges by rank.</summary>
internal sealed record TrainedBpe(IReadOnlyList<string> Tokens, IReadOnlyList<Merge> Merges)
{
    /// <summary>Begins every text.</summary>
    public const string Bos = "<s>";

    /// <summary>Ends every text.</summary>
    public const string Eos = "</s>";

    /// <summary>The specials, from id 0.</summary>
    public static IReadOnlyList<string> Specials { get; } = [Bos, Eos];
}
