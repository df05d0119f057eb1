using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Benchmarks;

/// <summary>A PyTorch script in a Python process of its own, which answers each line "run" with a line of JSON.</summary>
internal sealed class Peer : IDisposable
{
    private const string Install = "pip install torch==2.10.*";
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly string script;

    /// <summary>Starts a script and waits until it has loaded its inputs.</summary>
    public Peer(string python, string script, string folder)
    {
        this.script = script;
        var file = Path.Combine(AppContext.BaseDirectory, "peers", script);
        var start = new ProcessStartInfo(python, [file, folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A PyTorch on OpenBLAS takes the kernels that the other variables, which it has from us, ask MKL for.
        start.Environment["OPENBLAS_CORETYPE"] = "Haswell";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";

        // No compiled files beside the scripts.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        process = Process.Start(start)!;
        errors = process.StandardError.ReadToEndAsync();
        Torch = (string?)Answer()["torch"] ?? "";
    }

    /// <summary>Version of PyTorch.</summary>
    public string Torch { get; }

    /// <summary>The first Python that has PyTorch.</summary>
    /// <exception cref="InputException">None has.</exception>
    public static string FindPython()
    {
        string[] candidates = ["python3", "/usr/bin/python3"];
        return Array.Find(candidates, HasTorch)
            ?? throw new InputException(
                $"benchmarks: none of {string.Join(", ", candidates)} has PyTorch, which the peers need; install it: {Install}");
    }

    /// <summary>One run of the peer's work.</summary>
    public Outcome Run()
    {
        process.StandardInput.WriteLine("run");
        process.StandardInput.Flush();
        var answer = Answer();
        var results = answer["results"]!.AsObject().ToDictionary(
            pair => pair.Key, IReadOnlyList<double> (pair) => [.. pair.Value!.AsArray().Select(number => (double)number!)]);
        return new Outcome((double)answer["seconds"]!, results);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private static bool HasTorch(string python)
    {
        try
        {
            var start = new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            _ = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private JsonObject Answer()
    {
        var line = process.StandardOutput.ReadLine()
            ?? throw new InputException($"benchmarks: the peer {script} ended: {errors.Result.Trim().Split('\n')[^1]}");
        try
        {
            return JsonNode.Parse(line)!.AsObject();
        }
        catch (JsonException cause)
        {
            throw new InputException($"benchmarks: the peer {script} answered '{line}'; expected one JSON object", cause);
        }
    }
}
