using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models.Checkpoints;

namespace Harness.Experiments.Reports.Figures;

/// <summary>
/// Draws figures with Vega-Lite under Node.js: the same bytes from the same input on every machine. What it has drawn is kept beside the packages,
/// by the hash of everything that goes into it, and goes when they are installed anew.
/// </summary>
/// <param name="folder">Folder of <c>render.mjs</c>, its specifications and its packages.</param>
public sealed class FigureRenderer(string folder)
{
    // Width of all facets together, in the units of the specification; the PNG is 1.1 pixels to the unit.
    private const int PlotWidth = 1180;

    // Exit codes of a program that Ctrl-C or SIGTERM ended; the terminal sends them to it as well as to us.
    private static readonly int[] Interrupted = [130, 143];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Draws one figure by its own specification; both files appear whole, or stay as they were.</summary>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    /// <exception cref="InputException">Node.js, the packages or the specification are missing, or the drawing failed.</exception>
    public void Render(Figure figure, string svg, string png, CancellationToken cancellation = default) =>
        Render(figure.Specification, figure, svg, png, cancellation);

    /// <summary>Draws one figure; both files appear whole, or stay as they were.</summary>
    /// <param name="specification">File name of the Vega-Lite specification in the renderer's folder.</param>
    /// <param name="figure">Titles and values.</param>
    /// <param name="svg">File to write.</param>
    /// <param name="png">File to write.</param>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    /// <exception cref="InputException">Node.js, the packages or the specification are missing, or the drawing failed.</exception>
    public void Render(string specification, Figure figure, string svg, string png, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var file = Path.Combine(folder, specification);
        if (!File.Exists(file)) throw new InputException($"{file}: no such figure specification.");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new InputException($"{folder}: the packages that draw figures are not installed; run 'npm ci' in that folder.");
        var input = new JsonObject
        {
            ["spec"] = ReadSpecification(file),
            ["title"] = figure.Title,
            ["subtitle"] = new JsonArray([.. figure.Subtitle.Select(line => (JsonNode)line)]),
            ["plotWidth"] = PlotWidth,
            ["columns"] = figure.Columns,
            ["values"] = new JsonArray([.. figure.Values.Select(value => value.DeepClone())]),
            ["rows"] = new JsonArray([.. figure.Rows.Select(row => (JsonNode)row.ToJson())]),
            ["x"] = figure.X?.ToJson(),
        };
        var kept = KeptUnder(input.ToJsonString());
        (input["svg"], input["png"]) = (Unfinished(svg), Unfinished(png));
        try
        {
            if (File.Exists(kept + ".png"))
            {
                Place(kept + ".svg", svg);
                Place(kept + ".png", png);
                return;
            }

            var (code, errors) = Run(input.ToJsonString());
            if (Interrupted.Contains(code)) cancellation.WaitHandle.WaitOne(Patience);
            cancellation.ThrowIfCancellationRequested();
            if (code != 0)
                throw new InputException($"{file}: drawing failed: {Shorten(errors)} If packages are missing, run 'npm ci' in {folder}.");
            foreach (var drawn in new[] { svg, png }) File.Move(Unfinished(drawn), drawn, overwrite: true);

            // The PNG last: where it is, both are.
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            Place(svg, kept + ".svg");
            Place(png, kept + ".png");
        }
        finally
        {
            foreach (var drawn in new[] { svg, png }) File.Delete(Unfinished(drawn));
        }
    }

    private static void Place(string from, string to)
    {
        File.Copy(from, Unfinished(to), overwrite: true);
        File.Move(Unfinished(to), to, overwrite: true);
    }

    // Without an extension: the hash of the input and of the programs that draw.
    private string KeptUnder(string input)
    {
        var all = new StringBuilder(input);
        foreach (var name in new[] { "render.mjs", "font.mjs", "package-lock.json" })
        {
            var file = Path.Combine(folder, name);
            all.Append('\0').Append(File.Exists(file) ? File.ReadAllText(file) : "");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())));
        return Path.Combine(folder, "node_modules", ".cache", "figures", hash);
    }

    private static string Unfinished(string drawn) => Path.GetFullPath(drawn + DurableFile.UnfinishedSuffix);

    private static JsonNode ReadSpecification(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file))
                ?? throw new InputException($"{file}: expected a Vega-Lite specification, found null.");
        }
        catch (JsonException error)
        {
            throw new InputException($"{file}: not valid JSON: {error.Message}", error);
        }
    }

    private (int Code, string Errors) Run(string input)
    {
        var start = new ProcessStartInfo("node", ["render.mjs"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            Feed(process.StandardInput, input);
            process.WaitForExit();
            return (process.ExitCode, errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception error)
        {
            throw new InputException(
                $"'node' was not found on the PATH: figures need Node.js 18 or newer; install it, then run 'npm ci' in {folder}.", error);
        }
    }

    private static void Feed(StreamWriter writer, string input)
    {
        try
        {
            writer.Write(input);
            writer.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read everything; its exit code and its own words say why.
        }
    }

    /// <summary>The line that names the error, out of what Node.js prints.</summary>
    private static string Shorten(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = lines.FirstOrDefault(line => line.Contains("Error", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? "no message";
        return text.EndsWith('.') ? text : text + ".";
    }
}
