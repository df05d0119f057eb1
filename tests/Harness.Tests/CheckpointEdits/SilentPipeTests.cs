using System.Diagnostics;
using System.Runtime.Versioning;
using Harness.CheckpointEdits;
using Harness.Tests.Declarations;

namespace Harness.Tests.CheckpointEdits;

[SupportedOSPlatform("linux")]
public sealed class SilentPipeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_pipe_that_nobody_writes_to_is_refused()
    {
        var pipe = Path.Combine(folder.Path, "facts.jsonl");
        using (var made = Process.Start("mkfifo", [pipe])) made.WaitForExit();
        Assert.Equal($"{pipe}: found a pipe that nobody has written to for 0.2 s, expected a file; give a file, or start what writes to "
            + "the pipe first", Assert.Throws<InputException>(() => SilentPipe.Refuse(pipe, TimeSpan.FromSeconds(0.2))).Message);

        // Whoever waits for it is let go, or the thread would stay.
        using var writer = Process.Start("/bin/sh", ["-c", $"echo > {pipe}"]);
        writer.WaitForExit();
    }

    [Fact]
    public void Files_folders_and_what_is_not_there_are_left_to_their_readers()
    {
        foreach (var file in new[] { folder.Write("empty", ""), folder.Write("full", "x"), folder.Path, Path.Combine(folder.Path, "none") })
            SilentPipe.Refuse(file, TimeSpan.Zero + TimeSpan.FromSeconds(5));
    }
}
