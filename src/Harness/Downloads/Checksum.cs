using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Harness.Downloads;

/// <summary>What the bytes of a file must be.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Expected">Lower-case hexadecimal digits.</param>
/// <param name="Of">Computes it for a file.</param>
internal sealed record Checksum(string Name, string Expected, Func<string, string> Of)
{
    private const string Sha256Name = "SHA-256";

    /// <summary>SHA-256 of the file.</summary>
    public static Checksum Sha256(string expected) => new(Sha256Name, expected, Models.Checkpoints.Sha256.Of);

    /// <summary>Git's name for a file of these bytes: SHA-1 of "blob", the size, a zero byte and the file.</summary>
    public static Checksum GitBlob(string expected) => new("git blob hash", expected, GitBlobOf);

    /// <summary>Whether it is the SHA-256.</summary>
    public bool IsSha256 => Name == Sha256Name;

    [SuppressMessage("Security", "CA5350", Justification = "Git names files by SHA-1; large files are checked by SHA-256.")]
    private static string GitBlobOf(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
            var buffer = new byte[1 << 16];
            while (stream.Read(buffer) is > 0 and var count) hash.AppendData(buffer, 0, count);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new InputException($"{file}: found a file that may not be read, expected a readable one; change its permissions", cause);
        }
    }
}
