using Harness.Models.Checkpoints;

namespace Harness.Tests.Checkpoints;

public sealed class DurableFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    [Fact]
    public void Replaces_a_file_and_leaves_nothing_else()
    {
        var file = folder.File("a");
        DurableFile.Write(file, stream => stream.Write("first"u8));
        DurableFile.Write(file, stream => stream.Write("second"u8));
        Assert.Equal("second", File.ReadAllText(file));
        Assert.Equal(["a"], folder.Names());
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file()
    {
        var file = folder.File("a");
        DurableFile.Write(file, stream => stream.Write("first"u8));
        Assert.Throws<ArgumentException>(() => DurableFile.Write(file, stream =>
        {
            stream.Write("half"u8);
            throw new ArgumentException("stop");
        }));
        Assert.Equal("first", File.ReadAllText(file));
        Assert.Equal(["a"], folder.Names());
    }

    [Fact]
    public void A_full_disk_is_named()
    {
        // On Linux /dev/full refuses every byte as a full disk does; the unfinished file is led there.
        if (!OperatingSystem.IsLinux()) return;
        var file = folder.File("a");
        File.CreateSymbolicLink(file + DurableFile.UnfinishedSuffix, "/dev/full");
        var error = Assert.Throws<InputException>(() => DurableFile.Write(file, stream => stream.Write(new byte[1 << 20])));
        Assert.Equal(
            $"{file}: cannot be written: no space left on the device; free space, fix the permissions or choose another folder",
            error.Message);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_missing_folder_and_a_folder_in_the_files_place_are_named()
    {
        var orphan = folder.File("no/such/file");
        Assert.StartsWith($"{orphan}: cannot be written: its folder does not exist;", WriteTo(orphan), StringComparison.Ordinal);
        var taken = Directory.CreateDirectory(folder.File("taken")).FullName;
        Assert.StartsWith($"{taken}: cannot be written: it is a folder;", WriteTo(taken), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string WriteTo(string file) =>
        Assert.Throws<InputException>(() => DurableFile.Write(file, stream => stream.WriteByte(1))).Message;
}
