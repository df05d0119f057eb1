using System.Text.RegularExpressions;
using Harness.Measuring.Cells;
using Harness.Running;

namespace Harness.Downloads;

/// <summary>Finds published files: in a mirror folder, in the cache, or at their address. What it returns has the declared hash.</summary>
/// <param name="mirror">Folder to look in first, or null.</param>
/// <param name="cache">Folder for downloads; made when needed.</param>
/// <param name="network">Answers requests; the caller disposes it.</param>
public sealed partial class DataFileSource(string? mirror, string cache, HttpMessageHandler network)
{
    /// <summary>Environment variable that names the mirror folder.</summary>
    public const string MirrorVariable = "HARNESS_MIRROR";

    /// <summary>
    /// The path of a file: below the folder in <c>HARNESS_MIRROR</c> if it is there, else downloaded once to
    /// <c>${XDG_CACHE_HOME:-~/.cache}/model-editing-harness</c>.
    /// </summary>
    /// <param name="file">What is wanted.</param>
    /// <param name="log">Told what is done.</param>
    /// <exception cref="InputException">A bad declaration, wrong bytes, or neither mirror nor network has the file.</exception>
    public static string Resolve(DataFile file, Action<string> log)
    {
        using var network = HttpsClient.NewNetwork();
        var mirror = Environment.GetEnvironmentVariable(MirrorVariable);
        return new DataFileSource(string.IsNullOrEmpty(mirror) ? null : mirror, CacheFolder.Current(), network).Find(file, log);
    }

    /// <summary>The same with this object's folders and network.</summary>
    /// <exception cref="InputException">As for <see cref="Resolve"/>.</exception>
    public string Find(DataFile file, Action<string> log)
    {
        if (!Sha256().IsMatch(file.Sha256))
        {
            throw new InputException($"data file {file.Address}: found sha256 '{file.Sha256}', expected 64 lower-case hexadecimal " +
                "digits; correct its declaration");
        }

        if (InMirror(file) is { } mirrored)
        {
            if (Models.Checkpoints.Sha256.Of(mirrored) is var found && found == file.Sha256) return mirrored;
            throw new InputException($"{mirrored}: found SHA-256 {found}, expected {file.Sha256}; replace it with the file published " +
                $"at {file.Address}");
        }

        var address = Address(file);
        var path = Path.Combine(cache, $"{file.Sha256[..16]}-{Path.GetFileName(address.LocalPath)}");
        try
        {
            return Cached(file, path) ?? Fetch(file, address, path, log);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: found a cache folder that cannot be used ({cause.Message}), expected to keep {address} " +
                "there; set XDG_CACHE_HOME to a folder that can be written", cause);
        }
    }

    private string Fetch(DataFile file, Uri address, string path, Action<string> log)
    {
        Directory.CreateDirectory(cache);
        using var turn = FileTurn.Take(path + ".lock", () => log($"waiting for another process\'s download ({path}.lock)"));
        if (Cached(file, path) is { } meanwhile) return meanwhile;
        log($"downloading {address}");
        var part = path + ".part";
        using var client = new HttpsClient(network);
        new Download(client, address, part, _ => Advice(file), log)
            .Run(Checksum.Sha256(file.Sha256), $"the published file has changed: {Advice(file)}");
        File.Move(part, path);
        return path;
    }

    private static string? Cached(DataFile file, string path)
    {
        if (!File.Exists(path)) return null;
        return Models.Checkpoints.Sha256.Of(path) is var found && found == file.Sha256 ? path : throw new InputException(
            $"{path}: found SHA-256 {found}, expected {file.Sha256}; the cached file was changed: delete it to download it again");
    }

    private string? InMirror(DataFile file)
    {
        if (mirror is null) return null;
        if (!Directory.Exists(mirror))
        {
            throw new InputException($"{MirrorVariable}: found no folder '{mirror}', expected a folder that holds {file.Mirror}; " +
                "correct or unset it");
        }

        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(mirror)) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(root, file.Mirror));
        if (!path.StartsWith(root, StringComparison.Ordinal) || path.Length == root.Length)
        {
            throw new InputException($"data file {file.Address}: found mirror path '{file.Mirror}', expected a path below the mirror " +
                "folder; correct its declaration");
        }

        return File.Exists(path) ? path : null;
    }

    private static Uri Address(DataFile file) =>
        Uri.TryCreate(file.Address, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw new InputException($"data file {file.Mirror}: found address '{file.Address}', expected an https address; correct " +
                "its declaration");

    private string Advice(DataFile file) =>
        $"set {MirrorVariable} to a folder that holds {file.Mirror}" + (mirror is null ? "" : $" ('{mirror}' does not)") +
        $" with SHA-256 {file.Sha256}";

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();
}
