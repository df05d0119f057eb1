using System.Globalization;

namespace Harness.Reports;

/// <summary>
/// What a model or data set is called wherever a number of it is shown. A stand-in never bears the name of what it stands for alone:
/// <c>tiny-llama2, 0.8 M, for LLaMA-2-7B</c>.
/// </summary>
/// <param name="Title">How people write the paper's own: <c>LLaMA-2-7B</c>.</param>
/// <param name="StandIn">What stands for it; null where the paper's own was taken.</param>
/// <param name="Parameters">Number of the stand-in's parameters; null for data sets, and where it is not known.</param>
public sealed record ShownName(string Title, string? StandIn = null, long? Parameters = null)
{
    /// <summary>In one line: <c>tiny-llama2, 0.8 M, for LLaMA-2-7B</c>.</summary>
    public string Text => StandIn is null ? Title : $"{string.Join(", ", Own)}, for {Title}";

    /// <summary>For the head of a narrow column: <c>tiny-llama2</c>, <c>0.8 M, for</c>, <c>LLaMA-2-7B</c>.</summary>
    public IReadOnlyList<string> Lines =>
        StandIn is null ? [Title] : [StandIn, Parameters is { } count ? $"{Size(count)}, for" : "for", Title];

    /// <inheritdoc />
    public override string ToString() => Text;

    // Millions with one digit behind the point, as papers write them; thousands below.
    private static string Size(long parameters) => parameters switch
    {
        >= 999_950_000 => $"{(parameters / 1e9).ToString("0.0", CultureInfo.InvariantCulture)} B",
        >= 99_950 => $"{(parameters / 1e6).ToString("0.0", CultureInfo.InvariantCulture)} M",
        _ => $"{(parameters / 1e3).ToString("0", CultureInfo.InvariantCulture)} k",
    };

    private IEnumerable<string> Own => Parameters is { } count ? [StandIn!, Size(count)] : [StandIn!];
}
