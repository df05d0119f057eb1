using Harness.Running;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running;

public sealed class FileTurnTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Only_one_has_the_turn_and_nothing_stays_behind()
    {
        var file = Path.Combine(folder.Path, ".turn");
        var (inside, most, waited) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < 5; i++)
            {
                using var turn = FileTurn.Take(file, () => Interlocked.Increment(ref waited));
                most = Math.Max(most, Interlocked.Increment(ref inside));
                Thread.Sleep(2);
                Interlocked.Decrement(ref inside);
            }
        }, TaskCreationOptions.LongRunning)));
        Assert.Equal(1, most);
        Assert.InRange(waited, 1, 30);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_that_a_dead_process_left_is_taken()
    {
        var file = folder.Write(".turn", "old");
        FileTurn.Take(file, () => Assert.Fail("nobody has it")).Dispose();
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error() =>
        Assert.Throws<DirectoryNotFoundException>(() => FileTurn.Take(Path.Combine(folder.Path, "none", ".turn"), () => { }));
}
