using System.Globalization;
using Cake.Core;
using Harness.Editing;
using Harness.Experiments.Declarations;
using Harness.Models;
using Harness.Studies.Facts;
using static TorchSharp.torch;

namespace Harness.Build.Options;

/// <summary>The options of <c>--target=Edit</c>.</summary>
public sealed record EditCommand
{
    /// <summary>The target's name.</summary>
    public const string Target = "Edit";

    /// <summary>Options that no other target has.</summary>
    public static IReadOnlyList<string> Own { get; } = ["model", "facts", "editor", "out", "delta", "texts", "examples", "cache", "answer-tokens", "space"];

    // Without these there is nothing to do.
    private static readonly (string Name, string Value)[] Required = [("model", "FOLDER"), ("facts", "FILE"), ("editor", "NAME"), ("out", "FOLDER")];

    // What they vary, an edit has not.
    private static readonly string[] OfExperiments = ["editors", "edits", "results", "explain", "accept", "executor"];

    private static readonly string[] Views = ["description", "tree", "dryrun"];

    /// <summary>The checkpoint's folder, or a model of the study by name.</summary>
    public required string Model { get; init; }

    /// <summary>What to do with it.</summary>
    public required FactEditRequest Request { get; init; }

    /// <summary>Threads to compute with, at least 1; null leaves the choice to the run.</summary>
    public required int? Threads { get; init; }

    /// <summary>Whether the command line asks for this target.</summary>
    public static bool IsWanted(ICakeArguments arguments) =>
        HarnessOptions.Values(arguments, "target").Contains(Target, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the options; null where the target is another one, is only to be shown, or something is wrong.</summary>
    public static EditCommand? Read(ICakeArguments arguments, IReadOnlyList<string> assignments, long? seed, long? jobs, List<string> errors)
    {
        if (!IsWanted(arguments))
        {
            errors.AddRange(Own.Where(arguments.HasArgument).Select(name => $"--{name}: belongs to --target={Target} only; leave it out"));
            return null;
        }

        // Cake's views only show the target.
        if (Views.Any(arguments.HasArgument)) return null;
        if (HarnessOptions.Values(arguments, "target").Count > 1) errors.Add($"--target={Target} runs alone; leave the other targets out");
        errors.AddRange(OfExperiments.Where(arguments.HasArgument).Select(name => name == "editors"
            ? $"--editors: has no meaning for --target={Target}; write --editor=NAME"
            : $"--{name}: has no meaning for --target={Target}; leave it out"));
        errors.AddRange(Required.Where(option => Last(arguments, option.Name) is null)
            .Select(option => $"--{option.Name}: missing; write --{option.Name}={option.Value}"));
        var editor = Last(arguments, "editor") is { } name ? Find(name, errors) : null;
        var request = ReadRequest(arguments, editor, assignments, seed, errors);
        return request is null ? null : new EditCommand { Model = Last(arguments, "model")!, Request = request, Threads = (int?)jobs };
    }

    private static FactEditRequest? ReadRequest(
        ICakeArguments arguments, EditorDescriptor? editor, IReadOnlyList<string> assignments, long? seed, List<string> errors)
    {
        var device = HarnessOptions.OneOf(arguments, "device", ["cpu", "cuda"], errors);
        if (device == "cuda" && !cuda.is_available())
            errors.Add("--device: 'cuda' found no device; build on libtorch with CUDA (TORCH=cuda ./build.sh …) on a machine with an NVIDIA GPU, or leave the option out to run on the CPU");
        var cache = Gibibytes(arguments, errors);
        var answer = HarnessOptions.Number(arguments, "answer-tokens", 1, 4096, errors);
        var space = HarnessOptions.OneOf(arguments, "space", [.. Enum.GetNames<TargetSpace>().Select(name => name.ToLowerInvariant())], errors);
        var deltaOnly = HarnessOptions.Flag(arguments, "delta", errors);
        var (texts, examples) = (File(arguments, "texts", errors), File(arguments, "examples", errors));
        return editor is null || errors.Count > 0 ? null : new FactEditRequest
        {
            Facts = Last(arguments, "facts")!,
            Editor = editor,
            Assignments = assignments,
            Bind = EditorAssignments.Bind,
            Out = Last(arguments, "out")!,
            DeltaOnly = deltaOnly,
            Texts = texts,
            Examples = examples,
            Seed = seed ?? 1,
            Device = device == "cuda" ? CUDA : CPU,
            CacheBytes = cache,
            AnswerTokens = (int?)answer,
            Space = Enum.Parse<TargetSpace>(space, ignoreCase: true),
        };
    }

    private static EditorDescriptor? Find(string name, List<string> errors)
    {
        try
        {
            return EditorRegistry.Find(name);
        }
        catch (InputException error)
        {
            errors.Add($"--editor: {error.Message}");
            return null;
        }
    }

    private static string? File(ICakeArguments arguments, string name, List<string> errors)
    {
        var file = Last(arguments, name);
        if (file is null && arguments.HasArgument(name)) errors.Add($"--{name}: has no value; write --{name}=FILE");
        return file;
    }

    private static long Gibibytes(ICakeArguments arguments, List<string> errors)
    {
        const int Normal = 2, Most = 1 << 20;
        if (HarnessOptions.Values(arguments, "cache").LastOrDefault() is not { } text) return (long)Normal << 30;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) && size <= Most) return (long)(size * (1 << 30));
        errors.Add($"--cache: found '{text}', expected GiB of unedited weights to keep in memory, a number from 0 to {Most}");
        return 0;
    }

    private static string? Last(ICakeArguments arguments, string name) =>
        HarnessOptions.Values(arguments, name).LastOrDefault() is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}
