namespace Harness.Measuring.Yaml;

/// <summary>Collects every mistake in the declarations, so that the user sees them all at once.</summary>
public sealed class DeclarationErrors
{
    private readonly List<(YamlPlace Place, string Message)> errors = [];

    /// <summary>Number of mistakes so far.</summary>
    public int Count => errors.Count;

    /// <summary>Notes a mistake; the same one twice counts once.</summary>
    public void Add(YamlPlace place, string message)
    {
        if (!errors.Contains((place, message)))
            errors.Add((place, message));
    }

    /// <summary>Notes an unknown name, with the nearest known one and all known ones.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="what">What it is, for example <c>data set</c>.</param>
    /// <param name="found">The unknown name.</param>
    /// <param name="known">All names that would do.</param>
    public void AddUnknown(YamlPlace place, string what, string found, IReadOnlyCollection<string> known) =>
        Add(place, Unknown($"{what} '{found}'", found, known, "Known: "));

    /// <summary>Takes back the mistakes from a number on.</summary>
    /// <param name="count">How many stay.</param>
    /// <returns>They in one line: the first, and how many follow.</returns>
    public string Withdraw(int count)
    {
        var (place, message) = errors[count];
        var more = errors.Count - count - 1;
        errors.RemoveRange(count, errors.Count - count);
        return $"{place}: {message.TrimEnd('.')}{(more > 0 ? $" (and {more} more)" : "")}";
    }

    /// <summary>The text of an unknown name's error.</summary>
    public static string Unknown(string what, string found, IReadOnlyCollection<string> known, string listing)
    {
        var suggestion = Nearest.Suggestion(found, known);
        var names = known.Count > 0 ? string.Join(", ", known) : "none";
        return $"unknown {what}{(suggestion.Length > 0 ? suggestion : ".")} {listing}{names}.";
    }

    /// <summary>
    /// Throws one <see cref="InputException"/> with every mistake, one a line in the order of files and lines, if there are any.
    /// </summary>
    public void ThrowIfAny()
    {
        if (errors.Count == 0)
            return;
        var lines = errors.OrderBy(error => error.Place.File, StringComparer.Ordinal).ThenBy(error => error.Place.Line)
            .ThenBy(error => error.Place.Column)
            .Select(error => $"{error.Place}: {error.Message}");
        throw new InputException(string.Join("\n", lines));
    }
}
