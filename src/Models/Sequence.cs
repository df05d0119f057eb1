namespace Harness.Models;

/// <summary>
/// Token ids of one example: the tokenizer's prefix and the prompt, then the target from <paramref name="TargetStart"/> to the end.
/// </summary>
/// <param name="Ids">All ids; nothing predicts the first.</param>
/// <param name="TargetStart">Index of the first target id, 1 to the number of ids − 1.</param>
public sealed record Sequence(int[] Ids, int TargetStart)
{
    /// <summary>Index of the first target id.</summary>
    public int TargetStart { get; } = TargetStart >= 1 && TargetStart < Ids.Length
        ? TargetStart
        : throw new ArgumentOutOfRangeException(
            nameof(TargetStart), $"the target starts at {TargetStart} of {Ids.Length} tokens; expected 1 to {Ids.Length - 1}");

    /// <summary>Number of target ids, at least 1.</summary>
    public int TargetLength => Ids.Length - TargetStart;
}
