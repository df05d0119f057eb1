using System.Net;
using System.Net.Http.Headers;

namespace Harness.Studies.Data;

/// <summary>Downloads one address to a part file, going on where an earlier attempt stopped.</summary>
/// <param name="network">Answers requests; not disposed.</param>
/// <param name="address">An https address.</param>
/// <param name="part">The part file: kept on failure, so that the next attempt resumes.</param>
/// <param name="advice">What the user can do when the network does not help.</param>
internal sealed class Download(HttpMessageHandler network, Uri address, string part, string advice)
{
    // A connection that is silent for longer is taken for dead; long enough for a slow server, short enough to wait for.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Runs to the end of the file.</summary>
    /// <returns>Whether an earlier part was resumed, so that wrong bytes may be its fault.</returns>
    /// <exception cref="InputException">No network, an error status, or fewer bytes than announced.</exception>
    public bool Run() => RunAsync().GetAwaiter().GetResult();

    private async Task<bool> RunAsync()
    {
        using var client = new HttpClient(network, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        await using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var start = file.Length;
        using var response = await Ask(client, start);
        if (start > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return true;
        if (!response.IsSuccessStatusCode)
        {
            throw new InputException($"{address}: found status {(int)response.StatusCode}, expected the file; {advice}");
        }

        var isRest = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == start;
        var resumed = start > 0 && isRest;
        if (!resumed) start = 0;
        file.SetLength(start);
        file.Position = start;
        var expected = start + response.Content.Headers.ContentLength;
        await Copy(response, file, expected);
        return resumed;
    }

    private async Task<HttpResponseMessage> Ask(HttpClient client, long start)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (start > 0) request.Headers.Range = new RangeHeaderValue(start, null);
        using var silence = new CancellationTokenSource(Silence);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        }
        catch (Exception cause) when (cause is HttpRequestException or OperationCanceledException)
        {
            throw new InputException($"{address}: found no answer ({cause.Message}), expected the file; {advice}", cause);
        }
    }

    private async Task Copy(HttpResponseMessage response, FileStream file, long? expected)
    {
        Exception? interruption = null;
        var buffer = new byte[1 << 16];
        await using var body = await response.Content.ReadAsStreamAsync();
        while (true)
        {
            int count;
            using var silence = new CancellationTokenSource(Silence);
            try
            {
                count = await body.ReadAsync(buffer, silence.Token);
            }
            catch (Exception cause) when (cause is IOException or HttpRequestException or OperationCanceledException)
            {
                interruption = cause;
                break;
            }

            if (count == 0) break;
            await file.WriteAsync(buffer.AsMemory(0, count));
        }

        if (interruption is null && (expected is null || file.Length == expected)) return;
        throw new InputException($"{address}: found the end after {file.Length} bytes, expected {expected?.ToString() ?? "more"} " +
            "(truncated); " +
            $"run again to go on from there, or {advice}", interruption ?? new EndOfStreamException());
    }
}
