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

    /// <summary>Reads the manifest of a cell's folder, and holds it against its key.</summary>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public static CellManifest Read(string folder)
    {
        try
        {
            var manifest = CanonicalJson.FromText<CellManifest>(File.ReadAllText(Path.Combine(folder, FileName)));
            var key = TextHash.Of(manifest.Parts.ToJsonString(CanonicalJson.Settings));
            return manifest.Key != key ? throw new JsonException($"its parts have the key {key}, it says {manifest.Key}")
                : manifest.Files.Contains(null!) ? throw new JsonException("a file of it is null")
                : manifest;
        }
        catch (Exception failure) when (failure is JsonException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cell in {folder}: {FileName} is missing or damaged ({failure.Message}); {Mend(folder)}", failure);
        }
    }

    /// <summary>Compares every file of a cell's folder with the manifest.</summary>
    /// <exception cref="InputException">A file is missing or too many, cannot be read, or its bytes have changed; the message names
    /// it.</exception>
    public void Verify(string folder)
    {
        VerifySizes(folder);
        foreach (var file in Files)
        {
            var found = Guarded(folder, file.Path, path => StoredFile.Of(folder, path).Sha256);
            if (found != file.Sha256) throw Fault(folder, file.Path, $"SHA-256 found {found}, expected {file.Sha256}");
        }
    }

    /// <summary>Compares names and sizes alone.</summary>
    /// <exception cref="InputException">As <see cref="Verify"/>.</exception>
    internal void VerifySizes(string folder)
    {
        foreach (var file in Files)
        {
            if (!File.Exists(Path.Combine(folder, file.Path))) throw Fault(folder, file.Path, "missing");
            var found = Guarded(folder, file.Path, path => new FileInfo(path).Length);
            if (found != file.Bytes) throw Fault(folder, file.Path, $"found {found} bytes, expected {file.Bytes}");
        }

        var own = Files.Select(file => file.Path).Append(FileName).Append(CellTiming.FileName).ToHashSet(StringComparer.Ordinal);
        var other = Guarded(folder, "", all => Directory.EnumerateFiles(all, "*", SearchOption.AllDirectories)
            .Select(file => StoredFile.NameOf(folder, file)).FirstOrDefault(file => !own.Contains(file)));
        if (other is not null) throw Fault(folder, other, "found in the cell's folder, which is not the cell's; move it away");
    }

    private T Guarded<T>(string folder, string file, Func<string, T> read)
    {
        try
        {
            return read(Path.Combine(folder, file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Fault(folder, file.Length > 0 ? file : ".", $"cannot be read ({failure.Message.TrimEnd('.')}); make it readable");
        }
    }

    private InputException Fault(string folder, string file, string found) =>
        new($"cell {Name}: file {file}: {found}{(found.Contains(';') ? ", or" : ";")} {Mend(folder)}");

    private static string Mend(string folder) => $"delete the folder {folder} and run again";
}

/// <summary>One file of a cell.</summary>
/// <param name="Path">Path below the cell's folder, with forward slashes.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256.</param>
public sealed record StoredFile(string Path, long Bytes, string Sha256)
{
    /// <summary>Reads and hashes a file.</summary>
    internal static StoredFile Of(string folder, string file) =>
        new(NameOf(folder, file), new FileInfo(file).Length, Models.Checkpoints.Sha256.Of(file));

    /// <summary>A file's path below its cell's folder, with forward slashes.</summary>
    internal static string NameOf(string folder, string file) => System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/');
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
