using System.Text.RegularExpressions;

namespace Harness.Measuring.Data.Hub;

/// <summary>A model of the Hugging Face hub at one commit: always the same bytes.</summary>
public sealed partial record HubModelOptions
{
    /// <summary>Organisation and name, for example <c>meta-llama/Llama-2-7b-hf</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The commit: 40 lower-case hexadecimal digits. A branch such as <c>main</c> can change, so it is none.</summary>
    public required string Revision { get; init; }

    /// <summary>Checks both.</summary>
    /// <exception cref="InputException">One is malformed.</exception>
    public void Validate()
    {
        if (!IdForm().IsMatch(Id))
            throw new InputException($"import.id: found '{Id}', expected organisation/name as in the model's address on huggingface.co");
        if (!RevisionForm().IsMatch(Revision))
        {
            throw new InputException(
                $"import.revision: found '{Revision}', expected a whole commit hash, 40 lower-case hexadecimal digits: " +
                "it is on the model's page under 'Files', 'History'");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id}@{Revision[..8]}";

    /// <summary>The model's name without its organisation.</summary>
    internal string Name => Id[(Id.IndexOf('/', StringComparison.Ordinal) + 1)..];

    // No dot first: neither part leads out of a folder.
    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*\z")]
    private static partial Regex IdForm();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex RevisionForm();
}
