using System.Security.Cryptography;
using System.Text;

namespace Harness;

/// <summary>SHA-256 of texts; <see cref="Models.Checkpoints.Sha256"/> is that of files.</summary>
internal static class TextHash
{
    /// <summary>Of a text as UTF-8, in lower-case hexadecimal.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
