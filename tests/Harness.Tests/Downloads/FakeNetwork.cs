using System.Net;
using System.Net.Http.Headers;

namespace Harness.Tests.Downloads;

/// <summary>Answers requests in the test's process and keeps what was asked.</summary>
internal sealed class FakeNetwork(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>Every request: address, range and whether it carried a token.</summary>
    public List<(string Address, string? Range, string? Token)> Requests { get; } = [];

    public static FakeNetwork Offline => new(_ => throw new HttpRequestException("no route"));

    /// <summary>A file as servers give it: whole, or the rest that was asked for; cut off where the test wants it.</summary>
    public static HttpResponseMessage File(HttpRequestMessage request, byte[] bytes, int? cutAt = null, bool ignoresRange = false)
    {
        var start = ignoresRange ? 0 : (int)(request.Headers.Range?.Ranges.Single().From ?? 0);
        if (start > 0 && start >= bytes.Length) return new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable);
        var response = new HttpResponseMessage(start > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(bytes[start..Math.Max(start, cutAt ?? bytes.Length)]),
        };
        response.Content.Headers.ContentLength = bytes.Length - start;
        if (start > 0) response.Content.Headers.ContentRange = new ContentRangeHeaderValue(start, bytes.Length - 1, bytes.Length);
        return response;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add((request.RequestUri!.ToString(), request.Headers.Range?.ToString(), request.Headers.Authorization?.Parameter));
        return Task.FromResult(answer(request));
    }
}
