using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Harness.Benchmarks;

/// <summary>The measurements as a table, Markdown and JSON. No date and no name of a machine: only its processor.</summary>
internal sealed class BenchmarkReport(IReadOnlyList<Series> measured)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n" };

    /// <summary>The table for the console.</summary>
    public string Table()
    {
        var lines = new List<string> { $"{"benchmark",-20}{"ours",9}{"peer",9}{"times faster (median, min–max)",34}{"bar",7}" };
        lines.AddRange(measured.Select(series =>
            $"{series.Benchmark.Name,-20}{Seconds(series.Ours),9}{Seconds(series.Peer),9}" +
            $"{Spread(series),34}{Bar(series),7}{Verdict(series)}"));
        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>Writes benchmarks.md and benchmarks.json, or, of some benchmarks only, partial.md and partial.json.</summary>
    public IReadOnlyList<string> Write(string folder, bool whole)
    {
        var partial = Path.Combine(folder, "partial");
        var name = whole ? Path.Combine(folder, "benchmarks") : partial;
        Directory.CreateDirectory(folder);
        File.Delete(partial + ".md");
        File.Delete(partial + ".json");
        File.WriteAllText(name + ".md", Markdown());
        File.WriteAllText(name + ".json", Json().ToJsonString(Indented) + "\n");
        return [name + ".md", name + ".json"];
    }

    private static string Processor() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            ?? "processor of unknown model";

    private static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "0.000 s" : "0.0 s", CultureInfo.InvariantCulture);

    private static string Times(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Spread(Series series) => $"{Times(series.Median)} ({Times(series.Least)}–{Times(series.Most)})";

    private static string Bar(Series series) => series.Benchmark.Bar is { } bar ? "≥ " + bar.ToString(CultureInfo.InvariantCulture) : "–";

    private static string Verdict(Series series) => series.IsMet switch { true => "  met", false => "  NOT MET", null => "" };

    private string Machine() => $"{Processor()}, 1 thread and AVX2 kernels on each side, " +
        $"libtorch {Harness.Models.Torch.Libtorch.Version}, the peers' PyTorch {measured[0].PeerTorch}";

    private string Markdown()
    {
        var text = new StringBuilder($"""
            # The harness against plain PyTorch

            {Machine()}.

            The numbers depend on the machine. Both sides do the same work from the same files, in one run: ours and the peer's rounds alternate (5, or 3 of the longest),
            seconds are measured inside each process around the work alone, and a benchmark whose two sides give different results fails. A ratio is the peer's seconds
            through ours, round by round; shown are the median and, in brackets, the least and the largest. The peers are in tests/Benchmarks/peers.

            | benchmark | ours | peer | times faster | bar | |
            |---|---|---|---|---|---|

            """);
        foreach (var series in measured)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {series.Benchmark.Name} | {Seconds(series.Ours)} | {Seconds(series.Peer)} " +
                $"| {Spread(series)} | {Bar(series)} |{Verdict(series).TrimStart()} |");
        foreach (var benchmark in measured.Select(series => series.Benchmark))
            text.AppendLine().AppendLine(
                $"**{benchmark.Name}**: {benchmark.Work}. Peer: {benchmark.PeerDoes}. What limits it: {benchmark.Limit}");
        return text.ToString();
    }

    private JsonObject Json() => new()
    {
        ["processor"] = Processor(),
        ["threads"] = 1,
        ["libtorch"] = __version__,
        ["peer-torch"] = measured[0].PeerTorch,
        ["benchmarks"] = new JsonArray([.. measured.Select(JsonNode (series) => new JsonObject
        {
            ["name"] = series.Benchmark.Name,
            ["work"] = series.Benchmark.Work,
            ["peer"] = series.Benchmark.PeerDoes,
            ["limit"] = series.Benchmark.Limit,
            ["bar"] = series.Benchmark.Bar,
            ["median"] = series.Median,
            ["least"] = series.Least,
            ["most"] = series.Most,
            ["rounds"] = new JsonArray([.. series.Rounds.Select(JsonNode (round) => new JsonObject
            {
                ["ours-seconds"] = round.Ours, ["peer-seconds"] = round.Peer,
            })]),
        })]),
    };
}
