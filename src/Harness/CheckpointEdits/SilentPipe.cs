namespace Harness.CheckpointEdits;

/// <summary>Finds out what would make a reader wait for ever.</summary>
internal static class SilentPipe
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Refuses a named pipe that nobody writes to: opening it would not return.</summary>
    /// <param name="file">What the user gave as a file; nothing is said here of one that is not there, or cannot be read.</param>
    /// <param name="patience">How long to wait for somebody; 10 s by default.</param>
    /// <exception cref="InputException">It is one.</exception>
    public static void Refuse(string file, TimeSpan? patience = null)
    {
        var longest = patience ?? Longest;
        // A pipe has no length; only what may be one is opened for nothing.
        if (OperatingSystem.IsWindows() || new FileInfo(file) is not { Exists: true, Length: 0 }) return;
        if (!Task.Factory.StartNew(() => Open(file), TaskCreationOptions.LongRunning).Wait(longest))
            throw new InputException($"{file}: found a pipe that nobody has written to for {longest.TotalSeconds:0.#} s, expected a file; "
                + "give a file, or start what writes to the pipe first");
    }

    private static void Open(string file)
    {
        try
        {
            File.OpenRead(file).Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Its reader says so.
        }
    }
}
