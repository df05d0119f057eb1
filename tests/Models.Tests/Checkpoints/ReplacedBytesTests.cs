using System.Security.Cryptography;
using Harness.Models.Checkpoints;

namespace Harness.Tests.Checkpoints;

public sealed class ReplacedBytesTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    // More than one buffer, and parts at both ends, side by side and across the buffers' border.
    [Theory]
    [InlineData(0)]
    [InlineData(10, 0L, 10L)]
    [InlineData(100, 0L, 1L, 1L, 5L, 99L, 1L)]
    [InlineData((4 << 20) + 7, 5L << 19, 3L << 20, 0L, 3L)]
    [InlineData((9 << 20) + 1)]
    public void Only_the_parts_are_others_and_both_hashes_are_right(int length, params long[] places)
    {
        var (from, to) = (folder.File("from"), folder.File("to"));
        byte[] original = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))], expected = [.. original];
        File.WriteAllBytes(from, original);
        var parts = places.Chunk(2)
            .Select(place => new ReplacedBytes(place[0], Math.Min(place[1], length - place[0]), stream => stream.Write(
            [.. Enumerable.Repeat((byte)255, (int)Math.Min(place[1], length - place[0]))]))).ToArray();
        foreach (var part in parts) expected.AsSpan((int)part.Offset, (int)part.Length).Fill(255);

        var (read, written) = ReplacedBytes.Copy(from, to, parts);
        Assert.Equal(expected, File.ReadAllBytes(to));
        Assert.Equal(original, File.ReadAllBytes(from));
        Assert.Equal((HashOf(original), HashOf(expected)), (read, written));
        Assert.Equal(read, Sha256.Of(from));
        Assert.Throws<IOException>(() => ReplacedBytes.Copy(from, to, parts));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named() => Assert.Equal(
        $"{folder.File("none")}: found no readable file (it does not exist), expected one; check the path and its permissions",
        Assert.Throws<InputException>(() => Sha256.Of(folder.File("none"))).Message);

    public void Dispose() => folder.Dispose();

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
