using System.Net.Http.Headers;

namespace Harness.Downloads;

/// <summary>
/// Asks for https addresses. Redirects are followed by hand: to https only, and the token goes to its own host alone, never to where that
/// host sends us (a hub's files come from another company's servers).
/// </summary>
/// <param name="network">Answers requests and follows no redirects; not disposed.</param>
/// <param name="token">Bearer token, or null.</param>
/// <param name="tokenHost">The only host that may see it.</param>
internal sealed class HttpsClient(HttpMessageHandler network, string? token = null, string? tokenHost = null) : IDisposable
{
    /// <summary>
    /// A connection that is silent for longer is taken for dead; long enough for a slow server, short enough to wait for.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private const int MaxRedirects = 10;

    private readonly HttpClient client = new(network, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The machine's network; the caller disposes it.</summary>
    public static SocketsHttpHandler NewNetwork() => new() { ConnectTimeout = TimeSpan.FromSeconds(30), AllowAutoRedirect = false };

    /// <summary>The answer, once its headers are there; redirects are behind it.</summary>
    /// <param name="address">An https address.</param>
    /// <param name="start">First byte that is wanted; above 0 asks for the rest of the file.</param>
    /// <exception cref="HttpRequestException">No answer, or redirects that may not be followed.</exception>
    /// <exception cref="OperationCanceledException">No answer in time.</exception>
    public async Task<HttpResponseMessage> Get(Uri address, long start = 0)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await Send(address, start);
            if ((int)response.StatusCode is < 300 or > 399 || response.Headers.Location is not { } location) return response;
            response.Dispose();
            address = new Uri(address, location);
            // The address itself is no part of messages: signed ones are secrets.
            if (address.Scheme != Uri.UriSchemeHttps) throw new HttpRequestException("redirected to an address that is not https");
            if (redirects == MaxRedirects) throw new HttpRequestException($"redirected more than {MaxRedirects} times");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<HttpResponseMessage> Send(Uri address, long start)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("model-editing-harness", null));
        if (start > 0) request.Headers.Range = new RangeHeaderValue(start, null);
        if (token is not null && address.Scheme == Uri.UriSchemeHttps && address.IsDefaultPort && address.Host == tokenHost)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var silence = new CancellationTokenSource(Silence);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
    }
}
