using Harness.Editing;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.CheckpointEdits;

/// <summary>What a user asks for: their facts, put into their checkpoint by one editor.</summary>
public sealed record FactEditRequest
{
    /// <summary>The facts file; see <see cref="FactFile"/>.</summary>
    public required string Facts { get; init; }

    /// <summary>The editor.</summary>
    public required EditorDescriptor Editor { get; init; }

    /// <summary>The user's values for options of the editor, each <c>editor.option=value</c>.</summary>
    public required IReadOnlyList<string> Assignments { get; init; }

    /// <summary>
    /// Makes an editor's options record from assignments, of which later ones win; throws <see cref="InputException"/> where one is wrong.
    /// </summary>
    public required Func<EditorDescriptor, IReadOnlyList<string>, object> Bind { get; init; }

    /// <summary>The folder to write; must not exist yet, or be empty.</summary>
    public required string Out { get; init; }

    /// <summary>Whether only the changes are written, not the whole folder. Default false.</summary>
    public bool DeltaOnly { get; init; }

    /// <summary>Running text for key statistics (see <see cref="TextFile"/>), or null; locate-and-edit methods need it.</summary>
    public string? Texts { get; init; }

    /// <summary>
    /// Facts that are not edited, in the form of <see cref="Facts"/>, or null; see <see cref="EditorDescriptor.Examples"/>.
    /// </summary>
    public string? Examples { get; init; }

    /// <summary>Whether a space is put between a prompt and its target. Default <see cref="TargetSpace.Auto"/>.</summary>
    public TargetSpace Space { get; init; }

    /// <summary>Seed of all randomness of the editor. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Where it computes. Default the CPU.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Bytes of unedited weights kept in memory between uses, at least 0. Default 2 GiB.</summary>
    public long CacheBytes { get; init; } = 2L << 30;

    /// <summary>Longest answer that is shown, in tokens, at least 1; null, the default, is the longest target and four more.</summary>
    public int? AnswerTokens { get; init; }

    /// <summary>
    /// Names in a model's folder that are not the model's but tell of it, unedited: what keeps it there knows them. Default none.
    /// </summary>
    public Func<string, IReadOnlyCollection<string>> Beside { get; init; } = _ => [];

    /// <summary>
    /// The editor's options record for a model of so many layers: what it leaves open, in proportion to them, then the user's values.
    /// </summary>
    internal object Options(int layers) =>
        Bind(Editor, [.. Open is null ? Array.Empty<string>() : [$"{Editor.Name}.{Open.Name}={Open.Value(layers)}"], .. Assignments]);

    /// <summary>What is chosen for the option that the user leaves open; null where there is none.</summary>
    internal OpenOption? Chosen => Open is { } open && !Sets(open.Name) ? open : null;

    private OpenOption? Open => Editor.Open is { } open && (open.Unless is null || !Sets(open.Unless)) ? open : null;

    // The option itself or a part of it.
    private bool Sets(string option) => Assignments.Any(text =>
        text.StartsWith($"{Editor.Name}.{option}=", StringComparison.Ordinal)
            || text.StartsWith($"{Editor.Name}.{option}.", StringComparison.Ordinal));
}
