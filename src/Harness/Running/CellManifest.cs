using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Running;

/// <summary>What the store keeps about a cell beside its files (manifest.json): the same cell always has the same manifest.</summary>
public sealed record CellManifest
{
    /// <summary>Its file name.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The cell's key.</summary>
    public required string Key { get; init; }

    /// <summary>The cell's name when it was made.</summary>
    public required string Name { get; init; }

    /// <summary>The parts of the key.</summary>
    public required JsonObject Parts { get; init; }

    /// <summary>Every file of the cell, in ordinal order of paths.</summary>
    public required IReadOnlyList<StoredFile> Files { get; init; }

    /// <summary>Reads the manifest of a cell's folder.</summary>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public static CellManifest Read(string folder)
    {
        try
        {
            return CanonicalJson.FromText<CellManifest>(File.ReadAllText(Path.Combine(folder, FileName)));
        }
        catch (Exception failure) when (failure is JsonException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cell in {folder}: {FileName} is missing or damaged ({failure.Message}); delete the folder and run again", failure);
        }
    }

    /// <summary>Compares every file of a cell's folder with the manifest.</summary>
    /// <exception cref="InputException">A file is missing or its bytes have changed; the message names it.</exception>
    public void Verify(string folder)
    {
        foreach (var file in Files)
        {
            var path = Path.Combine(folder, file.Path);
            if (!File.Exists(path))
                throw new InputException($"cell {Name}: file {file.Path}: missing; delete the folder {folder} and run again");
            var found = StoredFile.Of(folder, path);
            if (found.Sha256 != file.Sha256)
            {
                throw new InputException($"cell {Name}: file {file.Path}: SHA-256 found {found.Sha256}, expected {file.Sha256}; "
                    + $"delete the folder {folder} and run again");
            }
        }
    }
}

/// <summary>One file of a cell.</summary>
/// <param name="Path">Path below the cell's folder, with forward slashes.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256.</param>
public sealed record StoredFile(string Path, long Bytes, string Sha256)
{
    /// <summary>Reads and hashes a file.</summary>
    internal static StoredFile Of(string folder, string file)
    {
        var path = System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/');
        return new StoredFile(path, new FileInfo(file).Length, Models.Checkpoints.Sha256.Of(file));
    }
}

/// <summary>
/// How long a cell took (timing.json beside the manifest): it differs from run to run, so it is no part of either key or manifest.
/// </summary>
/// <param name="Started">When its computation began, UTC.</param>
/// <param name="Seconds">How long it took, in seconds.</param>
public sealed record CellTiming(DateTimeOffset Started, double Seconds)
{
    /// <summary>Its file name.</summary>
    public const string FileName = "timing.json";
}
