using System.Globalization;
using Cake.Core;
using Harness.CheckpointEdits;
using Harness.Declarations;
using Harness.Editing;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Build.Options;

/// <summary>The options of <c>--target=Edit</c>.</summary>
public sealed record EditCommand
{
    /// <summary>The target's name.</summary>
    public const string Target = "Edit";

    // Without these there is nothing to do.
    private static readonly string[] Required = ["model", "facts", "editor", "out"];

    // They choose among the study's models.
    private static readonly string[] OfStudy = ["scale", "store"];

    internal static readonly string[] Views = ["description", "tree", "dryrun"];

    /// <summary>The checkpoint's folder, or a model of the study by name.</summary>
    public required string Model { get; init; }

    /// <summary>What to do with it.</summary>
    public required FactEditRequest Request { get; init; }

    /// <summary>Threads to compute with, at least 1; null leaves the choice to the run.</summary>
    public required int? Threads { get; init; }

    /// <summary>Reads the options; null where the target is only to be shown, or something is wrong.</summary>
    public static EditCommand? Read(
        ICakeArguments arguments, IReadOnlyList<string> assignments, long? seed, long? jobs, List<string> errors)
    {
        // Cake's views only show the target.
        if (Views.Any(view => HarnessOptions.Flag(arguments, view))) return null;
        if (HarnessOptions.Values(arguments, "target").Count > 1) errors.Add($"--target={Target} runs alone; leave the other targets out");
        errors.AddRange(OptionList.All.Where(option => Required.Contains(option.Name) && !arguments.HasArgument(option.Name))
            .Select(option => $"--{option.Name}: missing; write {option.Usage}"));
        var model = HarnessOptions.PathOf(arguments, "model");
        if (Directory.Exists(model))
            errors.AddRange(OfStudy.Where(arguments.HasArgument)
                .Select(name => $"--{name}: has no meaning for the folder {model}, only for a model of the study; leave it out"));
        var editor = HarnessOptions.Value(arguments, "editor") is { } name ? Find(name, errors) : null;
        var request = ReadRequest(arguments, editor, assignments, seed, errors);
        return request is null ? null : new EditCommand { Model = model!, Request = request, Threads = (int?)jobs };
    }

    private static FactEditRequest? ReadRequest(
        ICakeArguments arguments, EditorDescriptor? editor, IReadOnlyList<string> assignments, long? seed, List<string> errors)
    {
        var device = HarnessOptions.OneOf(arguments, "device", ["cpu", "cuda"], errors);
        if (device == "cuda" && !cuda.is_available())
            errors.Add("--device: 'cuda' found no device; build on libtorch with CUDA (TORCH=cuda ./build.sh …) on a machine with an " +
                "NVIDIA GPU, or leave the option out to run on the CPU");
        var cache = Gibibytes(arguments, errors);
        var answer = HarnessOptions.Number(arguments, "answer-tokens", 1, 4096, errors);
        var space = HarnessOptions.OneOf(
            arguments, "space", [.. Enum.GetNames<TargetSpace>().Select(name => name.ToLowerInvariant())], errors);
        return editor is null || errors.Count > 0 ? null : new FactEditRequest
        {
            Facts = HarnessOptions.PathOf(arguments, "facts")!,
            Editor = editor,
            Assignments = assignments,
            Bind = EditorAssignments.Bind,
            Out = HarnessOptions.PathOf(arguments, "out")!,
            DeltaOnly = HarnessOptions.Flag(arguments, "delta"),
            Texts = HarnessOptions.PathOf(arguments, "texts"),
            Examples = HarnessOptions.PathOf(arguments, "examples"),
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

    private static long Gibibytes(ICakeArguments arguments, List<string> errors)
    {
        const int Normal = 2, Most = 1 << 20;
        if (HarnessOptions.Value(arguments, "cache") is not { } text) return (long)Normal << 30;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) && size <= Most)
            return (long)(size * (1 << 30));
        errors.Add($"--cache: found '{text}', expected GiB of unedited weights to keep in memory, a number from 0 to {Most}");
        return 0;
    }
}
