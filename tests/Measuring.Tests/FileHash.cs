using System.Security.Cryptography;

namespace Harness.Tests;

/// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
internal static class FileHash
{
    public static string Of(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
