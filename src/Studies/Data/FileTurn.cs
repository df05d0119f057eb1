namespace Harness.Studies.Data;

/// <summary>One process's turn at a download: held by opening a lock file that others cannot open, let go by disposing or dying.</summary>
internal sealed class FileTurn(FileStream held) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    // 0.2 s × 9000 = half an hour: longer than any of the files takes.
    private const int MaxPauses = 9000;

    public static FileTurn Take(string file, Action<string> log)
    {
        for (var pauses = 0; ; pauses++)
        {
            try
            {
                return new FileTurn(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException cause) when (cause is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(file))
            {
                if (pauses == MaxPauses)
                {
                    throw new InputException($"{file}: found it held by another process for half an hour, expected its download to " +
                        "end; end that process", cause);
                }

                if (pauses == 0) log($"waiting for another process's download ({file})");
                Thread.Sleep(Pause);
            }
        }
    }

    public void Dispose() => held.Dispose();
}
