using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Harness.Downloads;
using Harness.Tests.Declarations;

namespace Harness.Tests.Downloads;

public sealed class DownloadTests : IDisposable
{
    private const string Whole = "0123456789";
    private static readonly Uri Address = new("https://example.org/data/file.bin");

    private readonly TemporaryFolder folder = new();
    private readonly List<string> log = [];

    private string Part => Path.Combine(folder.Path, "file.part");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_interruption_that_brought_bytes_is_gone_on_from()
    {
        var network = new FakeNetwork(request => FakeNetwork.File(
            request, Encoding.ASCII.GetBytes(Whole), cutAt: Math.Min(10, (int)(request.Headers.Range?.Ranges.Single().From ?? 0) + 4)));
        Run(network);
        Assert.Equal(Whole, File.ReadAllText(Part));
        Assert.Equal([null, "bytes=4-", "bytes=8-"], network.Requests.Select(request => request.Range));
        Assert.Equal(["file.bin: interrupted after 4 bytes; going on", "file.bin: interrupted after 8 bytes; going on"], log);
    }

    [Fact]
    public void A_whole_part_is_not_fetched_again()
    {
        File.WriteAllText(Part, Whole);
        Run(new FakeNetwork(request => FakeNetwork.File(request, Encoding.ASCII.GetBytes(Whole))));
        Assert.Empty(log);
        Assert.Equal(Whole, File.ReadAllText(Part));
    }

    [Fact]
    public void A_rest_that_begins_elsewhere_is_taken_for_the_whole_file()
    {
        File.WriteAllText(Part, "0123");
        var network = new FakeNetwork(request =>
        {
            var response = FakeNetwork.File(request, Encoding.ASCII.GetBytes(Whole), ignoresRange: true);
            response.StatusCode = HttpStatusCode.PartialContent;
            response.Content.Headers.ContentRange = new ContentRangeHeaderValue(0, 9, 10);
            return response;
        });
        Run(network);
        Assert.Equal(Whole, File.ReadAllText(Part));
        Assert.Single(network.Requests);
    }

    [Fact]
    public void More_bytes_than_the_file_has_are_not_kept()
    {
        Assert.Equal($"{Address}: found more than 9 bytes, expected as many (the file has changed); advice for no status",
            Message(new FakeNetwork(request => FakeNetwork.File(request, Encoding.ASCII.GetBytes(Whole))), size: 9));
        Assert.Equal(0, new FileInfo(Part).Length);
    }

    // It ends where the hub says that more is to come, and has no more when it is asked for the rest.
    [Fact]
    public void An_end_that_comes_too_early_is_told_and_the_part_kept()
    {
        var network = new FakeNetwork(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([1, 2, 3]) });
        Assert.Equal(
            $"{Address}: found the end after 3 bytes, expected 11 (truncated); run again to go on from there, or advice for no status",
            Message(network, size: 11));
        Assert.Equal(2, network.Requests.Count);
        Assert.Equal(3, new FileInfo(Part).Length);
    }

    [Fact]
    public void An_error_status_comes_with_its_advice() => Assert.Equal(
        $"{Address}: found status 403, expected the file; advice for Forbidden",
        Message(new FakeNetwork(_ => new HttpResponseMessage(HttpStatusCode.Forbidden))));

    [Fact]
    public void Without_an_answer_the_network_s_word_is_told() => Assert.Equal(
        $"{Address}: found no answer (no route), expected the file; advice for no status", Message(FakeNetwork.Offline));

    [Fact]
    public void Other_bytes_are_fetched_anew_once_behind_a_resumed_part_and_then_thrown_away()
    {
        File.WriteAllText(Part, "other");
        var network = new FakeNetwork(request => FakeNetwork.File(request, Encoding.ASCII.GetBytes(Whole)));
        Run(network);
        Assert.Equal(["bytes=5-", null], network.Requests.Select(request => request.Range));
        Assert.Equal([$"{Part}: the resumed download has the wrong SHA-256; starting again"], log);

        File.Delete(Part);
        Assert.Equal($"{Address}: found SHA-256 {Hash("abcdefghij")}, expected {Hash(Whole)}; do something",
            Message(new FakeNetwork(request => FakeNetwork.File(request, Encoding.ASCII.GetBytes("abcdefghij")))));
        Assert.False(File.Exists(Part));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999_999, "999999 bytes")]
    [InlineData(1_000_000, "1.0 MB")]
    [InlineData(31_460_000, "31.5 MB")]
    [InlineData(9_976_000_000, "9.98 GB")]
    public void Sizes_are_for_people(long bytes, string text) => Assert.Equal(text, Download.Size(bytes));

    private string Message(FakeNetwork network, long? size = null) =>
        Assert.Throws<InputException>(() => Run(network, size)).Message;

    private void Run(FakeNetwork network, long? size = null)
    {
        using var client = new HttpsClient(network);
        new Download(client, Address, Part, status => $"advice for {status?.ToString() ?? "no status"}", log.Add, size)
            .Run(Checksum.Sha256(Hash(Whole)), "do something");
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
