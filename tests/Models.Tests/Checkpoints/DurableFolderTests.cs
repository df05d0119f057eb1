using Harness.Models.Checkpoints;

namespace Harness.Tests.Checkpoints;

public sealed class DurableFolderTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    private string Target => Path.Combine(root.FullName, "deep", "target");

    [Fact]
    public void A_folder_appears_with_all_that_was_written()
    {
        DurableFolder.Write(Target, folder =>
        {
            Assert.False(Directory.Exists(Target));
            File.WriteAllText(Path.Combine(folder, "a"), "1");
        });
        Assert.Equal(["a"], Directory.GetFiles(Target).Select(file => Path.GetFileName(file)));
        Assert.False(Directory.Exists(Target + DurableFile.UnfinishedSuffix));
    }

    [Fact]
    public void What_lies_where_it_is_filled_is_left_alone()
    {
        var theirs = Path.Combine(Directory.CreateDirectory(Target + DurableFile.UnfinishedSuffix).FullName, "theirs");
        File.WriteAllText(theirs, "");
        var error = Assert.Throws<InputException>(() => DurableFolder.Write(Target, _ => { }));
        Assert.StartsWith($"{Target}.writing: found something there already, expected nothing: ", error.Message);
        Assert.Equal(error.Message, Assert.Throws<InputException>(() => DurableFolder.CheckWritable(Target)).Message);
        Assert.True(File.Exists(theirs));
    }

    [Fact]
    public void Nothing_stays_where_writing_fails()
    {
        Assert.Throws<InvalidOperationException>(() => DurableFolder.Write(Target, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "a"), "1");
            throw new InvalidOperationException();
        }));
        var error = Assert.Throws<InputException>(() => DurableFolder.Write(Target, _ => throw new IOException("x", 28)));
        Assert.Equal($"{Target}: cannot be written: no space left on the device; free space, fix the permissions or choose another folder",
            error.Message);
        Assert.Empty(Directory.GetDirectories(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public void A_place_that_takes_no_files_is_known_beforehand()
    {
        DurableFolder.CheckWritable(Target);
        Assert.Empty(root.GetFileSystemInfos());
        Assert.Equal(root.FullName, DurableFolder.Above(Target));
        Directory.CreateDirectory(Target);
        DurableFolder.CheckWritable(Target + "/");
        Assert.Equal(Path.GetDirectoryName(Target), DurableFolder.Above(Target + "/"));
        Assert.Equal([Target], Directory.GetFileSystemEntries(Path.GetDirectoryName(Target)!));
        File.CreateSymbolicLink(Target + "2", Target);
        Assert.StartsWith($"{Target}2: found a link to {Target}, ",
            Assert.Throws<InputException>(() => DurableFolder.CheckWritable(Target + "2")).Message);
        Assert.Throws<InputException>(() => DurableFolder.CheckWritable("/proc"));
        Assert.StartsWith("/proc/x: cannot be written: ",
            Assert.Throws<InputException>(() => DurableFolder.CheckWritable("/proc/x")).Message);
    }

    [Fact]
    public void A_place_below_a_file_or_a_link_that_leads_nowhere_is_known_beforehand()
    {
        var part = Path.GetDirectoryName(Target)!;
        var message = $"{Target}: found a file or a link that leads nowhere at {part}, expected a folder; name another one";
        File.WriteAllText(part, "");
        Assert.Equal(message, Assert.Throws<InputException>(() => DurableFolder.CheckWritable(Target)).Message);
        File.Delete(part);
        File.CreateSymbolicLink(part, "nowhere/deep");
        Assert.Equal(message, Assert.Throws<InputException>(() => DurableFolder.CheckWritable(Target)).Message);
    }

    public void Dispose() => root.Delete(recursive: true);
}
