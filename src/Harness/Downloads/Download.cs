using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Harness.Downloads;

/// <summary>
/// Downloads one address to a part file, going on where an earlier attempt stopped. There is no If-Range: every file has a checksum, and a
/// resumed one that fails it is fetched anew.
/// </summary>
/// <param name="client">Asks; not disposed.</param>
/// <param name="address">An https address.</param>
/// <param name="part">The part file: kept on failure, so that the next attempt resumes.</param>
/// <param name="advice">What the user can do about a status, or, for null, when the network does not help.</param>
/// <param name="log">Told how far it is, and what is done again.</param>
/// <param name="size">The file's bytes where they are known; otherwise the server's word counts.</param>
internal sealed class Download(
    HttpsClient client, Uri address, string part, Func<HttpStatusCode?, string> advice, Action<string> log, long? size = null)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(2);

    // Read through in more than a second.
    private const long LargeBytes = 1 << 28;

    /// <summary>Runs to the end of the file; the part file is then whole and has the checksum.</summary>
    /// <param name="checksum">What the bytes must be.</param>
    /// <param name="otherwise">What to tell the user where they are not.</param>
    /// <exception cref="InputException">
    /// No network, an error status, fewer or more bytes than announced, or wrong bytes, which are not kept.
    /// </exception>
    public void Run(Checksum checksum, string otherwise)
    {
        var resumed = RunAsync().GetAwaiter().GetResult();
        if (new FileInfo(part).Length >= LargeBytes) log($"{Name}: checking its {checksum.Name}");
        if (resumed && checksum.Of(part) != checksum.Expected)
        {
            log($"{part}: the resumed download has the wrong {checksum.Name}; starting again");
            File.Delete(part);
            RunAsync().GetAwaiter().GetResult();
        }

        if (checksum.Of(part) is var found && found != checksum.Expected)
        {
            File.Delete(part);
            throw new InputException($"{address}: found {checksum.Name} {found}, expected {checksum.Expected}; {otherwise}");
        }
    }

    /// <summary>A number of bytes for people: <c>9.98 GB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };

    private string Name => Path.GetFileName(address.LocalPath);

    /// <summary>Goes on after interruptions as long as each attempt brings bytes; tells whether an earlier part was resumed.</summary>
    private async Task<bool> RunAsync()
    {
        await using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        for (var resumed = file.Length > 0; ; resumed = true)
        {
            var start = file.Length;
            using var response = await Ask(start);
            if (start > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return true;
            if (!response.IsSuccessStatusCode)
            {
                throw new InputException(
                    $"{address}: found status {(int)response.StatusCode}, expected the file; {advice(response.StatusCode)}");
            }

            // A server that ignores the range sends the whole file.
            var isRest = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == start;
            file.SetLength(isRest ? start : 0);
            file.Position = file.Length;
            var expected = size ?? file.Length + response.Content.Headers.ContentLength;
            var interruption = await Copy(response, file, expected);
            if (interruption is null && (expected is null || file.Length == expected)) return resumed && isRest;
            if (file.Length <= start)
            {
                throw new InputException($"{address}: found the end after {file.Length} bytes, expected {expected?.ToString() ?? "more"} " +
                    $"(truncated); run again to go on from there, or {advice(null)}", interruption ?? new EndOfStreamException());
            }

            log($"{Name}: interrupted after {Size(file.Length)}; going on");
        }
    }

    private async Task<HttpResponseMessage> Ask(long start)
    {
        try
        {
            return await client.Get(address, start);
        }
        catch (Exception cause) when (cause is HttpRequestException or OperationCanceledException)
        {
            throw new InputException($"{address}: found no answer ({cause.Message}), expected the file; {advice(null)}", cause);
        }
    }

    // What broke the connection, or null at its end.
    private async Task<Exception?> Copy(HttpResponseMessage response, FileStream file, long? expected)
    {
        var (watch, reported, from) = (Stopwatch.StartNew(), TimeSpan.Zero, file.Length);
        var buffer = new byte[1 << 16];
        await using var body = await response.Content.ReadAsStreamAsync();
        while (true)
        {
            int count;
            using var silence = new CancellationTokenSource(HttpsClient.Silence);
            try
            {
                count = await body.ReadAsync(buffer, silence.Token);
            }
            catch (Exception cause) when (cause is IOException or HttpRequestException or OperationCanceledException)
            {
                return cause;
            }

            if (count == 0) return null;
            if (file.Length + count > expected)
            {
                file.SetLength(0);
                throw new InputException(
                    $"{address}: found more than {expected} bytes, expected as many (the file has changed); {advice(null)}");
            }

            await file.WriteAsync(buffer.AsMemory(0, count));
            if (watch.Elapsed - reported < ReportEvery) continue;
            reported = watch.Elapsed;
            Report(file.Length, expected, (file.Length - from) / reported.TotalSeconds);
        }
    }

    private void Report(long bytes, long? expected, double bytesPerSecond)
    {
        var share = expected is > 0 and { } whole ? $"{100 * bytes / whole} % of {Size(whole)}" : Size(bytes);
        log(string.Create(CultureInfo.InvariantCulture, $"{Name}: {share}, {bytesPerSecond / 1e6:0.0} MB/s"));
    }
}
