using System.Globalization;
using Harness.Editing.Gradients;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Editing.Hypernetworks;

/// <summary>A trained hypernetwork as a safetensors file; what it was made for is in the metadata and checked on reading.</summary>
internal static class HypernetworkFile
{
    private const string Format = "harness-hypernetwork-1";

    /// <summary>Writes the tensors and the normalisers' moments.</summary>
    public static void Write(
        string file, HypernetworkSettings settings, IReadOnlyList<(string Name, Tensor Value)> tensors,
            IReadOnlyList<RunningMoments> moments)
    {
        var metadata = new SortedDictionary<string, string>(Purpose(settings), StringComparer.Ordinal);
        for (var i = 0; i < moments.Count; i++)
            metadata[$"shape.{i}.count"] = moments[i].Count.ToString(CultureInfo.InvariantCulture);
        SafetensorsFile.Write(file, [.. tensors, .. moments.SelectMany(Stored)], metadata);
    }

    /// <summary>Reads the same into tensors of the same names and shapes.</summary>
    /// <exception cref="InputException">The file is damaged or was written for something else.</exception>
    public static void Read(
        string file, HypernetworkSettings settings, IReadOnlyList<(string Name, Tensor Value)> tensors,
            IReadOnlyList<RunningMoments> moments)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var stored = SafetensorsFile.Open(file);
        foreach (var (name, expected) in Purpose(settings))
        {
            if (stored.Metadata.GetValueOrDefault(name) is var found && found != expected)
                throw new InputException($"{file}: found {name} '{found ?? "none"}', expected '{expected}'; " +
                    "train the hypernetwork under the options that it is used with.");
        }

        (string Name, Tensor Value)[] all = [.. tensors, .. moments.SelectMany(Stored)];
        foreach (var (name, value) in all)
        {
            if (!stored.Names.Contains(name) || !stored.ShapeOf(name).SequenceEqual(value.shape))
            {
                var found = stored.Names.Contains(name) ? $"[{string.Join(", ", stored.ShapeOf(name))}]" : "no such tensor";
                throw new InputException(
                    $"{file}: tensor '{name}': found {found}, expected [{string.Join(", ", value.shape)}]; " +
                        "train the hypernetwork for this model.");
            }

            value.copy_(stored.Read(name));
        }

        for (var i = 0; i < moments.Count; i++)
        {
            moments[i].Count = long.TryParse(
                stored.Metadata.GetValueOrDefault($"shape.{i}.count"), CultureInfo.InvariantCulture, out var count)
                ? count
                : throw new InputException(
                    $"{file}: found no count of shape {i} in the metadata, expected one; train the hypernetwork again.");
        }
    }

    private static Dictionary<string, string> Purpose(HypernetworkSettings settings) => new()
    {
        ["format"] = Format,
        ["editor"] = settings.Editor,
        ["layers"] = string.Join(",", settings.Layers),
        ["projections"] = string.Join(",", settings.Projections).ToLowerInvariant(),
        ["blocks"] = settings.Blocks.ToString(CultureInfo.InvariantCulture),
        ["normalise"] = settings.Normalise ? "true" : "false",
    };

    private static IEnumerable<(string Name, Tensor Value)> Stored(RunningMoments moments, int number) =>
        [($"shape.{number}.mean", moments.Mean_W), ($"shape.{number}.squares", moments.Squares_W)];
}
