namespace Harness.Faults;

/// <summary>One kind of fault, tried many times.</summary>
/// <param name="name">On the command line.</param>
/// <param name="what">In words, for the table.</param>
/// <param name="quick">How often in the quick set; 0: not there.</param>
/// <param name="whole">How often in the long set.</param>
internal abstract class Scenario(string name, string what, int quick, int whole)
{
    /// <summary>On the command line.</summary>
    public string Name { get; } = name;

    /// <summary>In words.</summary>
    public string What { get; } = what;

    /// <summary>How often it is tried.</summary>
    public int Count(bool isLong) => isLong ? whole : quick;

    /// <summary>What this machine lacks for it; null where nothing.</summary>
    public virtual string? Missing => null;

    /// <summary>Tries it.</summary>
    /// <param name="clone">The study; it may be in any state before and behind.</param>
    /// <param name="count">How often.</param>
    /// <param name="random">What comes by chance.</param>
    /// <param name="tally">Counts.</param>
    public abstract void Try(TrialClone clone, int count, SeededRandom random, Tally tally);
}

/// <summary>Counts what became of a scenario's tries.</summary>
/// <param name="log">Told of each loss at once.</param>
internal sealed class Tally(Action<string> log)
{
    private readonly List<string> losses = [];

    /// <summary>Faults that were made.</summary>
    public int Tried { get; private set; }

    /// <summary>What was lost by them, in words.</summary>
    public IReadOnlyList<string> Losses => losses;

    /// <summary>Counts a fault.</summary>
    /// <param name="loss">What was lost; null where nothing.</param>
    /// <param name="what">The fault, where its kind does not say it.</param>
    public void Add(string? loss, string what = "")
    {
        Tried++;
        if (loss is null) return;
        losses.Add(what.Length > 0 ? $"{what}: {loss}" : loss);
        log($"  LOST {losses[^1]}");
    }
}
