using Harness.Declarations;

namespace Harness.Reports;

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

/// <summary>A claim that names only what its experiment has. See <see cref="ClaimParser"/> for the grammar.</summary>
public sealed record Claim
{
    /// <summary>The text that it came from.</summary>
    public required ClaimEntry Entry { get; init; }

    /// <summary>Left side.</summary>
    public required Quantity Left { get; init; }

    /// <summary>How the sides compare.</summary>
    public required Relation Relation { get; init; }

    /// <summary>Right side: one quantity, as many as there are for <c>others</c> (each must be beaten), null for a plain number.</summary>
    public required IReadOnlyList<Quantity>? Right { get; init; }

    /// <summary>
    /// What is added to the right side, as it is shown: points, or the metric's unit. Its margin, or the plain number itself.
    /// </summary>
    public required double Offset { get; init; }

    /// <summary>Data sets on which it is said to hold.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>Models on which it is said to hold.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Reads a claim against its experiment, before anything runs.</summary>
    /// <exception cref="InputException">It does not parse, or names an editor, metric, data set or model that the experiment
    /// lacks.</exception>
    public static Claim Parse(ClaimEntry entry, Experiment experiment) => new ClaimParser(entry, experiment).Parse();
}
