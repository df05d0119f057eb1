using Harness.Declarations;

namespace Harness.Claims;

/// <summary>One editor's metric.</summary>
/// <param name="Editor">A row's name: the editor's, <c>original</c>, or one with places on axes.</param>
/// <param name="Metric">A known metric.</param>
public sealed record Quantity(string Editor, string Metric)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Editor}.{Metric}";
}

/// <summary>How the two sides of a claim are said to compare.</summary>
public enum Relation
{
    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    AtLeast,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    AtMost,
}

/// <summary>Of how many places a claim is said.</summary>
public enum Reach
{
    /// <summary>Of every one.</summary>
    Every,

    /// <summary>Of at least nine in ten.</summary>
    AlmostEvery,

    /// <summary>Of more than half.</summary>
    Most,
}

/// <summary>What a claim's left side is compared with.</summary>
/// <param name="Relation">How the sides compare.</param>
/// <param name="Right">
/// One quantity, as many as there are for <c>others</c> (each must be beaten), null for a plain number.
/// </param>
/// <param name="Offset">
/// What is added to the right side, as it is shown: points, or the metric's unit. Its margin, or the plain number itself.
/// </param>
public sealed record ClaimTerm(Relation Relation, IReadOnlyList<Quantity>? Right, double Offset);

/// <summary>A claim that names only what its experiment has. See <see cref="ClaimParser"/> for the grammar.</summary>
public sealed record Claim
{
    /// <summary>The text that it came from.</summary>
    public required ClaimEntry Entry { get; init; }

    /// <summary>Left side; for <c>each</c>, every editor's.</summary>
    public required IReadOnlyList<Quantity> Left { get; init; }

    /// <summary>What it is compared with; all must be so.</summary>
    public required IReadOnlyList<ClaimTerm> Terms { get; init; }

    /// <summary>Data sets on which it is said to hold.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>Models on which it is said to hold.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Of how many places it is said; a place is a data set and a model, and for <c>each</c> an editor too.</summary>
    public Reach Reach { get; init; }

    /// <summary>Reads a claim against its experiment, before anything runs.</summary>
    /// <exception cref="InputException">It does not parse, or names an editor, metric, data set or model that the experiment
    /// lacks.</exception>
    public static Claim Parse(ClaimEntry entry, Experiment experiment) => new ClaimParser(entry, experiment).Parse();
}
