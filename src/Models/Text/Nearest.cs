namespace Harness;

/// <summary>Suggestions for mistyped names.</summary>
public static class Nearest
{
    /// <summary>
    /// The known name with the smallest edit distance (case ignored), or null where none is near (more than half the letters differ).
    /// </summary>
    public static string? To(string found, IEnumerable<string> known)
    {
        var best = known.Select(name => (Name: name, Distance: Distance(found.ToLowerInvariant(), name.ToLowerInvariant())))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.Name, StringComparer.Ordinal).FirstOrDefault();
        return best.Name is not null && best.Distance * 2 <= Math.Max(found.Length, best.Name.Length) ? best.Name : null;
    }

    /// <summary>"; did you mean 'x'?" or nothing, to be put behind what was found.</summary>
    public static string Suggestion(string found, IEnumerable<string> known) =>
        To(found, known) is { } name ? $"; did you mean '{name}'?" : "";

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
