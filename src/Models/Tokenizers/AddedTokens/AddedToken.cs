namespace Harness.Models.Tokenizers.AddedTokens;

/// <summary>A token that is found in a text before anything else is done with it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it must not touch a word's character.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the white space before it with it.</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Whether it takes the white space behind it with it.</summary>
    public bool TakesSpaceBehind { get; init; }

    /// <summary>Whether it is looked for, itself normalised, in the normalised text.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it is left out of decoded text.</summary>
    public bool Special { get; init; }
}
