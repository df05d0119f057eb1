namespace Harness.Running;

/// <summary>
/// One process's turn at something that only one may do at a time: held by opening a lock file that others cannot open, let go, and the
/// file removed, by disposing; by dying too.
/// </summary>
internal sealed class FileTurn : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    // What "another process has it" looks like on Linux, macOS and Windows.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];
    private readonly string file;
    private readonly FileStream held;

    private FileTurn(string file, FileStream held) => (this.file, this.held) = (file, held);

    /// <summary>
    /// Waits for the turn, however long the others take: a checkpoint's download may take hours, and a silent connection ends by itself.
    /// </summary>
    /// <param name="file">The lock file; its folder must exist.</param>
    /// <param name="waits">Told once, where there is somebody to wait for.</param>
    public static FileTurn Take(string file, Action waits)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                if (IsThere(file, held)) return new FileTurn(file, held);

                // The last holder removed it between its opening and its locking.
                held.Dispose();
                continue;
            }
            catch (IOException cause) when (Held.Contains(cause.HResult))
            {
                if (isFirst) waits();
                Thread.Sleep(Pause);
            }
        }
    }

    public void Dispose()
    {
        try
        {
            if (!OperatingSystem.IsWindows()) File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It stays, and the next one takes it.
        }

        held.Dispose();
    }

    // Whether the file that was locked is the one at this place: told by a time that no other file has. To read it would need its lock.
    private static bool IsThere(string file, FileStream held)
    {
        if (OperatingSystem.IsWindows()) return true;
        var mark = DateTime.UnixEpoch.AddSeconds(Random.Shared.Next()).AddMilliseconds(Random.Shared.Next(1000));
        File.SetLastWriteTimeUtc(held.SafeFileHandle, mark);
        return File.GetLastWriteTimeUtc(file) == mark;
    }
}
