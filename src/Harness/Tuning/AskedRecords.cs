using Harness.Measuring.Cells;

namespace Harness.Tuning;

/// <summary>
/// The records of a file that models are asked: a data set's cases, and those behind its examples, of which probes are made. Counted as
/// <see cref="DatasetOptions.SkippedRecords"/> counts.
/// </summary>
/// <param name="File">SHA-256 of the file.</param>
/// <param name="Cases">First record of the cases, and the one behind their last.</param>
/// <param name="Probes">The same of the probes; each takes one record at most.</param>
internal sealed record AskedRecords(string File, (int From, int To) Cases, (int From, int To) Probes)
{
    /// <summary>Those of a data set; null for a world, of which a seed makes another.</summary>
    public static AskedRecords? Of(DatasetOptions options)
    {
        if (options.File is not { } file) return null;
        var (first, behind) = (options.SkippedRecords, options.SkippedRecords + options.Edits);
        return new(file.Sha256, (first, behind), (behind + options.Examples, behind + options.Examples + options.Probes));
    }

    /// <summary>The first record that both ask; null where there is none.</summary>
    public int? SharedWith(AskedRecords other)
    {
        if (File != other.File) return null;
        int[] shared =
        [
            .. from own in new[] { Cases, Probes }
               from theirs in new[] { other.Cases, other.Probes }
               let first = Math.Max(own.From, theirs.From)
               where first < Math.Min(own.To, theirs.To)
               select first,
        ];
        return shared.Length > 0 ? shared.Min() : null;
    }
}
