using System.Globalization;
using Harness.Benchmarks.Cases;

namespace Harness.Benchmarks;

/// <summary>Measures the harness against plain PyTorch: <c>./build.sh --target=Benchmark [--only=NAME,NAME]</c>; or writes a large
/// random checkpoint to edit: <c>--large-model=FOLDER</c>.</summary>
internal static class Program
{
    private const int FewestRounds = 3;

    private static readonly Func<Inputs, Benchmark>[] All =
    [
        inputs => new TrainingStep(inputs),
        inputs => new ValueSearching(inputs),
        inputs => new ExactMatch(inputs, batchSize: 1),
        inputs => new ExactMatch(inputs, batchSize: 32),
        inputs => new LoadCheckpoint(inputs),
        inputs => new OneLayerTuning(inputs),
    ];

    private static int Main(string[] args)
    {
        try
        {
            Run(Arguments(args));
            return 0;
        }
        catch (InputException mistake)
        {
            Console.Error.WriteLine($"Error: {mistake.Message}");
            return 1;
        }
    }

    private static void Run(Dictionary<string, string> options)
    {
        if (options.TryGetValue("large-model", out var folder))
        {
            LargeModel.Write(folder, Console.WriteLine);
            return;
        }

        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") != "1")
            throw new InputException(
                "benchmarks: OMP_NUM_THREADS is not 1; start them with ./build.sh --target=Benchmark, which pins both sides alike");
        using var inputs = new Inputs();
        List<Benchmark> benchmarks = [.. All.Select(make => make(inputs))];
        var chosen = Chosen(benchmarks, options.GetValueOrDefault("only"));
        var rounds = Rounds(options.GetValueOrDefault("rounds"));
        var python = Peer.FindPython();
        var measured = new List<Series>();
        IReadOnlyList<string> files = [];
        foreach (var benchmark in chosen)
        {
            using (benchmark)
                measured.Add(Series.Measure(benchmark, rounds ?? benchmark.Rounds, python, Console.WriteLine));

            // What is measured is written at once: a long run can be interrupted.
            files = new BenchmarkReport(measured).Write(
                options.GetValueOrDefault("results", Path.Combine("results", "benchmarks")), whole: measured.Count == All.Length);
        }

        Console.WriteLine(new BenchmarkReport(measured).Table());
        foreach (var file in files)
            Console.WriteLine($"written: {file}");
    }

    private static List<Benchmark> Chosen(List<Benchmark> benchmarks, string? only)
    {
        if (only is null)
            return benchmarks;
        string[] names = only.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] known = [.. benchmarks.Select(benchmark => benchmark.Name)];
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } wrong || names.Length == 0)
            throw new InputException($"--only: found '{only}', expected some of {string.Join(", ", known)}");
        return benchmarks.FindAll(benchmark => names.Contains(benchmark.Name));
    }

    private static int? Rounds(string? text)
    {
        if (text is null)
            return null;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var rounds) && rounds >= FewestRounds
            ? rounds
            : throw new InputException($"--rounds: found '{text}', expected a whole number of at least {FewestRounds}");
    }

    private static Dictionary<string, string> Arguments(string[] args)
    {
        var options = new Dictionary<string, string>();
        foreach (var argument in args)
        {
            if (argument.Split('=', 2) is not [var name, var value]
                || name is not ("--only" or "--rounds" or "--large-model" or "--results"))
                throw new InputException(
                    $"found '{argument}', expected --only=NAME,NAME, --rounds=N, --large-model=FOLDER or --results=FOLDER");
            options[name[2..]] = value;
        }

        return options;
    }
}
