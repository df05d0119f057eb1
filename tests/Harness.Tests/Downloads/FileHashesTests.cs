using Harness.Downloads;

namespace Harness.Tests.Downloads;

public sealed class FileHashesTests : IDisposable
{
    private const string HashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly string root = Directory.CreateTempSubdirectory("hashes").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_settled_file_is_read_once_and_again_when_its_size_or_time_changes()
    {
        var file = Path.Combine(root, "file");
        var hashes = new FileHashes(Path.Combine(root, "memory"));
        var settled = DateTime.UtcNow.AddMinutes(-1);
        Write(file, "abc", settled);
        Assert.Equal((3L, HashOfAbc), hashes.Of(file, Quiet));
        // What is remembered is not read again: same size, same time, other bytes.
        Write(file, "abd", settled);
        Assert.Equal((3L, HashOfAbc), hashes.Of(file, Quiet));
        Write(file, "abd", settled.AddSeconds(1));
        Assert.NotEqual(HashOfAbc, hashes.Of(file, Quiet).Sha256);
    }

    [Fact]
    public void A_file_changed_just_now_is_not_remembered_nor_is_anything_where_nothing_can_be_written()
    {
        var file = Path.Combine(root, "file");
        File.WriteAllText(file, "abc");
        Assert.Equal(HashOfAbc, new FileHashes(Path.Combine(root, "memory")).Of(file, Quiet).Sha256);
        Assert.False(Directory.Exists(Path.Combine(root, "memory")));
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal(HashOfAbc, new FileHashes(Path.Combine(file, "below a file")).Of(file, Quiet).Sha256);
    }

    [Fact]
    public void A_link_is_its_target_and_a_missing_file_an_error()
    {
        var file = Path.Combine(root, "file");
        File.WriteAllText(file, "abc");
        File.CreateSymbolicLink(Path.Combine(root, "link"), file);
        Assert.Equal((3L, HashOfAbc), new FileHashes(root).Of(Path.Combine(root, "link"), Quiet));
        Assert.StartsWith($"{file}2: found no readable file (",
            Assert.Throws<InputException>(() => new FileHashes(root).Of(file + "2", Quiet)).Message);
    }

    private static void Quiet(string line) { }

    private static void Write(string file, string text, DateTime changed)
    {
        File.WriteAllText(file, text);
        File.SetLastWriteTimeUtc(file, changed);
    }
}
