namespace Harness.Downloads;

/// <summary>One process's turn at a download: held by opening a lock file that others cannot open, let go by disposing or dying.</summary>
internal sealed class FileTurn(FileStream held) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    // What "another process has it" looks like on Linux, macOS and Windows.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    /// <summary>
    /// Waits for the turn, however long the others' downloads take: a checkpoint's may take hours, and a silent connection ends by itself.
    /// </summary>
    public static FileTurn Take(string file, Action<string> log)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return new FileTurn(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException cause) when (Held.Contains(cause.HResult))
            {
                if (isFirst) log($"waiting for another process's download ({file})");
                Thread.Sleep(Pause);
            }
        }
    }

    public void Dispose() => held.Dispose();
}
