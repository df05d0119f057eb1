namespace Harness.Editing;

/// <summary>Collects violations of option ranges, so that all of them are reported together.</summary>
internal sealed class OptionChecks
{
    private readonly List<string> violations = [];

    /// <summary>The violations so far.</summary>
    public IReadOnlyList<string> Violations => violations;

    /// <summary>Adds a violation unless <paramref name="holds"/>.</summary>
    public OptionChecks Check(bool holds, string name, object? found, string expected)
    {
        if (!holds)
            violations.Add(FormattableString.Invariant($"{name}: found {found}, expected {expected}"));
        return this;
    }

    /// <summary>A number above zero and finite.</summary>
    public OptionChecks Positive(string name, double found) =>
        Check(found > 0 && double.IsFinite(found), name, found, "a finite number above 0");

    /// <summary>A number of at least zero and finite.</summary>
    public OptionChecks NotNegative(string name, double found) =>
        Check(found >= 0 && double.IsFinite(found), name, found, "a finite number of at least 0");

    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public OptionChecks AtLeast(string name, int found, int least) => Check(found >= least, name, found, $"at least {least}");

    /// <summary>A share in [0, 1).</summary>
    public OptionChecks BelowOne(string name, double found) => Check(found is >= 0 and < 1, name, found, "at least 0 and below 1");

    /// <summary>Everything that a part of the same record reports.</summary>
    public OptionChecks Include(IReadOnlyList<string> others)
    {
        violations.AddRange(others);
        return this;
    }

    /// <summary>Everything that a nested record reports, below its name.</summary>
    public OptionChecks Nested(string name, IReadOnlyList<string> nested)
    {
        violations.AddRange(nested.Select(violation => $"{name}.{violation}"));
        return this;
    }
}
