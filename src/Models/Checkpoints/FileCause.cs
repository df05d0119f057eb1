namespace Harness.Models.Checkpoints;

/// <summary>Turns what the operating system says about a file into one plain phrase.</summary>
internal static class FileCause
{
    // Raw error numbers (Linux) and the low half of HRESULTs (Windows), as .NET puts them into IOException.HResult.
    private const int NoSpaceLinux = 28, NoSpaceWindows = 112, ReadOnlyLinux = 30, ReadOnlyWindows = 19, QuotaLinux = 122;

    public static bool Explains(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException;

    public static InputException CannotRead(string file, Exception exception) =>
        new($"{file}: found no readable file ({Of(file, exception)}), expected one; check the path and its permissions", exception);

    public static InputException CannotWrite(string file, Exception exception) =>
        new($"{file}: cannot be written: {Of(file, exception)}; free space, fix the permissions or choose another folder", exception);

    private static string Of(string file, Exception exception) => exception switch
    {
        _ when Directory.Exists(file) => "it is a folder",
        DirectoryNotFoundException => "its folder does not exist",
        FileNotFoundException => "it does not exist",
        UnauthorizedAccessException => "permission denied",
        _ => (exception.HResult & 0xFFFF) switch
        {
            NoSpaceLinux or NoSpaceWindows => "no space left on the device",
            QuotaLinux => "the disk quota is used up",
            ReadOnlyLinux or ReadOnlyWindows => "the file system is read-only",
            _ => exception.Message.TrimEnd('.'),
        },
    };
}
