namespace Harness.Models.Tokenizers.PreTokenizers;

/// <summary>What becomes of the matches that a Split splits at.</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>The first of those in a row joins the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>The last of those in a row joins the piece behind it.</summary>
    MergedWithNext,

    /// <summary>Those in a row are one piece.</summary>
    Contiguous,
}
