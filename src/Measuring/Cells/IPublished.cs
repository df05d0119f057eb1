using System.Text.RegularExpressions;

namespace Harness.Measuring.Cells;

/// <summary>Finds published files and models on this machine or the network: what it gives has the declared bytes.</summary>
public interface IPublished
{
    /// <summary>The path of a data file.</summary>
    /// <param name="file">What is wanted.</param>
    /// <param name="log">Told what is done.</param>
    /// <exception cref="InputException">It is nowhere, or has other bytes.</exception>
    string File(DataFile file, Action<string> log);

    /// <summary>Finds the model that was planned, and says what it is.</summary>
    /// <exception cref="InputException">It is nowhere, is no model, or is not the one that was planned.</exception>
    PublishedModel Import(ImportOptions options, Action<string> log);

    /// <summary>The folder of an imported model.</summary>
    /// <exception cref="InputException">It is nowhere, or is not what it was when it was imported.</exception>
    string Folder(PublishedModel model, Action<string> log);
}

/// <summary>A published file: where it comes from and what its bytes must be.</summary>
/// <param name="Address">Canonical https address.</param>
/// <param name="Mirror">Path below <c>HARNESS_MIRROR</c>.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256 of the file.</param>
public sealed record DataFile(string Address, string Mirror, string Sha256);

/// <summary>A published model as it was imported.</summary>
/// <param name="Id">Organisation and name.</param>
/// <param name="Revision">The hub's commit.</param>
/// <param name="Files">Every file of it, in ordinal order of names.</param>
public sealed record PublishedModel(string Id, string Revision, IReadOnlyList<PublishedFile> Files);

/// <summary>One file of a model's folder.</summary>
/// <param name="Path">Its name; models' folders have no subfolders.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256.</param>
public sealed record PublishedFile(string Path, long Size, string Sha256);

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

    // No dot first: neither part leads out of a folder.
    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*\z")]
    private static partial Regex IdForm();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex RevisionForm();
}
