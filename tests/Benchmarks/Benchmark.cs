namespace Harness.Benchmarks;

/// <summary>What one run of one side came to.</summary>
/// <param name="Seconds">Time of the work alone, measured inside the side's process.</param>
/// <param name="Results">Numbers that the other side must give too, by name.</param>
internal sealed record Outcome(double Seconds, IReadOnlyDictionary<string, IReadOnlyList<double>> Results);

/// <summary>The same work done by the harness and by a peer, a PyTorch script, from the same files.</summary>
internal abstract class Benchmark : IDisposable
{
    /// <summary>Kebab-case name.</summary>
    public abstract string Name { get; }

    /// <summary>The work, in one line: sizes included.</summary>
    public abstract string Work { get; }

    /// <summary>What the peer does, in one line.</summary>
    public abstract string PeerDoes { get; }

    /// <summary>Its script in the folder peers.</summary>
    public abstract string Script { get; }

    /// <summary>How many times faster the harness is to be; null: shown only.</summary>
    public abstract double? Bar { get; }

    /// <summary>What keeps the ratio from being larger, in one sentence.</summary>
    public abstract string Limit { get; }

    /// <summary>
    /// Largest relative difference between the two sides' numbers. Default 1e-3: both sum float32 in orders of their own.
    /// </summary>
    public virtual double Tolerance => 1e-3;

    /// <summary>Rounds where the user does not say. Default 5.</summary>
    public virtual int Rounds => 5;

    /// <summary>Whether a first run of each side is left out. Default true; not worth it where one run takes a minute.</summary>
    public virtual bool WarmsUp => true;

    /// <summary>Makes the inputs and writes the peer's into a folder.</summary>
    public abstract void Prepare(string folder);

    /// <summary>Does the work once, from the same state each time.</summary>
    public abstract Outcome Run();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>Refuses numbers of the two sides that are not the same.</summary>
    /// <exception cref="InputException">Names the number and both values.</exception>
    public void Compare(Outcome ours, Outcome peer)
    {
        foreach (var (name, expected) in ours.Results)
        {
            if (!peer.Results.TryGetValue(name, out var found) || found.Count != expected.Count)
                throw new InputException(
                    $"benchmark {Name}: the peer gave {found?.Count ?? 0} numbers '{name}', the harness {expected.Count}");
            for (var i = 0; i < expected.Count; i++)
            {
                var scale = Math.Max(1e-3, Math.Max(Math.Abs(expected[i]), Math.Abs(found[i])));
                if (Math.Abs(expected[i] - found[i]) > Tolerance * scale)
                    throw new InputException(FormattableString.Invariant(
                        $"benchmark {Name}: '{name}' number {i + 1} is {expected[i]:G7} here and {found[i]:G7} at the peer; ")
                        + "the two sides do not do the same work");
            }
        }
    }
}
