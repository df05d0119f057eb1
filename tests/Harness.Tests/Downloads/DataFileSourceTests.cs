using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harness.Downloads;
using Harness.Measuring.Cells;

namespace Harness.Tests.Downloads;

public sealed class DataFileSourceTests : IDisposable
{
    private static readonly byte[] Published = Encoding.ASCII.GetBytes("the published bytes");

    private static readonly DataFile Wanted =
        new("https://example.org/data/facts.json", "sets/facts.json", Convert.ToHexStringLower(SHA256.HashData(Published)));

    private readonly string root = Directory.CreateTempSubdirectory("source").FullName;
    private readonly List<string> log = [];

    private string Mirror => Path.Combine(root, "mirror");

    private string Cache => Path.Combine(root, "cache");

    private string Cached => Path.Combine(Cache, $"{Wanted.Sha256[..16]}-facts.json");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Takes_the_mirrors_file_without_any_request()
    {
        var path = PutInMirror(Published);
        Assert.Equal(path, Source(Offline, Mirror).Find(Wanted, log.Add));
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public void Wrong_bytes_in_the_mirror_are_an_error()
    {
        var path = PutInMirror([.. Published, 0]);
        var found = Convert.ToHexStringLower(SHA256.HashData([.. Published, 0]));
        Assert.Equal(
            $"{path}: found SHA-256 {found}, expected {Wanted.Sha256}; replace it with the file published at {Wanted.Address}",
            Error(Source(Offline, Mirror), Wanted));
    }

    [Fact]
    public void A_mirror_that_lacks_the_file_leaves_it_to_the_network_and_is_named_when_that_fails()
    {
        Directory.CreateDirectory(Mirror);
        Assert.Equal(Cached, Source(Serve(Published), Mirror).Find(Wanted, log.Add));
        File.Delete(Cached);
        Assert.Equal(
            $"{Wanted.Address}: found no answer (no route), expected the file; " +
            $"set HARNESS_MIRROR to a folder that holds sets/facts.json ('{Mirror}' does not) with SHA-256 {Wanted.Sha256}",
            Error(Source(Offline, Mirror), Wanted));
    }

    [Fact]
    public void A_mirror_that_is_no_folder_is_an_error() => Assert.Equal(
        $"HARNESS_MIRROR: found no folder '{Mirror}', expected a folder that holds sets/facts.json; correct or unset it",
        Error(Source(Offline, Mirror), Wanted));

    [Theory]
    [InlineData("../outside.json")]
    [InlineData("sets/../../mirror-2/x.json")]
    [InlineData("/etc/hostname")]
    [InlineData(".")]
    public void A_mirror_path_that_leaves_the_mirror_is_an_error(string path)
    {
        Directory.CreateDirectory(Mirror);
        var error = Error(Source(Offline, Mirror), Wanted with { Mirror = path });
        Assert.Contains($"found mirror path '{path}', expected a path below the mirror folder", error);
    }

    [Theory]
    [InlineData("http://example.org/facts.json")]
    [InlineData("file:///facts.json")]
    [InlineData("facts.json")]
    public void Only_https_addresses_are_fetched(string address) =>
        Assert.Contains($"found address '{address}', expected an https address", Error(Source(Offline), Wanted with { Address = address }));

    [Fact]
    public void A_hash_that_is_none_is_an_error() =>
        Assert.Contains(
            "found sha256 'ABC', expected 64 lower-case hexadecimal digits",
            Error(Source(Offline), Wanted with { Sha256 = "ABC" }));

    [Fact]
    public void Downloads_once_and_then_takes_the_cached_file()
    {
        Assert.Equal(Cached, Source(Serve(Published)).Find(Wanted, log.Add));
        Assert.Equal(Published, File.ReadAllBytes(Cached));
        Assert.Equal([$"downloading {Wanted.Address}"], log);
        Assert.Equal(Cached, Source(Offline).Find(Wanted, log.Add));
        Assert.Empty(Directory.GetFiles(Cache, "*.part"));

        File.AppendAllText(Cached, "!");
        Assert.EndsWith("the cached file was changed: delete it to download it again", Error(Source(Offline), Wanted));
    }

    [Fact]
    public void A_truncated_download_is_an_error_and_the_next_one_goes_on_from_there()
    {
        var error = Error(Source(Serve(Published, cutAt: 5)), Wanted);
        Assert.StartsWith(
            $"{Wanted.Address}: found the end after 5 bytes, expected {Published.Length} (truncated); run again to go on from there, or",
            error);
        var ranges = new List<string>();
        Assert.Equal(Cached, Source(Serve(Published, ranges: ranges)).Find(Wanted, log.Add));
        Assert.Equal(Published, File.ReadAllBytes(Cached));
        Assert.Equal(["bytes=5-"], ranges);
    }

    [Fact]
    public void A_part_of_other_bytes_is_thrown_away_and_fetched_anew()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllText(Cached + ".part", "other");
        Source(Serve(Published)).Find(Wanted, log.Add);
        Assert.Equal(Published, File.ReadAllBytes(Cached));
        Assert.Contains(log, line => line.EndsWith("the resumed download has the wrong SHA-256; starting again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_that_was_already_whole_needs_no_more_bytes()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Cached + ".part", Published);
        Assert.Equal(Cached, Source(Serve(Published)).Find(Wanted, log.Add));
    }

    [Fact]
    public async Task Two_processes_take_turns_and_the_second_finds_the_file_cached()
    {
        Directory.CreateDirectory(Cache);
        var waiting = new TaskCompletionSource();
        Task<string> second;
        await using (new FileStream(Cached + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            second = Task.Run(() => Source(Offline).Find(Wanted, _ => waiting.TrySetResult()));
            await waiting.Task;
            await File.WriteAllBytesAsync(Cached, Published);
        }

        Assert.Equal(Cached, await second);
    }

    [Fact]
    public void More_bytes_than_a_file_has_are_not_fetched()
    {
        var part = Path.Combine(root, "part");
        using var client = new HttpsClient(Serve(Published));
        var download = new Download(client, new Uri(Wanted.Address), part, _ => "advice", log.Add, Published.Length - 1);
        Assert.Equal(
            $"{Wanted.Address}: found more than 18 bytes, expected as many (the file has changed); advice",
            Assert.Throws<InputException>(() => download.Run(Checksum.Sha256(Wanted.Sha256), "")).Message);
        Assert.Equal(0, new FileInfo(part).Length);
    }

    [Fact]
    public void Wrong_published_bytes_and_error_statuses_are_errors_that_name_the_address()
    {
        var found = Convert.ToHexStringLower(SHA256.HashData("changed"u8));
        Assert.Equal(
            $"{Wanted.Address}: found SHA-256 {found}, expected {Wanted.Sha256}; the published file has changed: " +
            $"set HARNESS_MIRROR to a folder that holds sets/facts.json with SHA-256 {Wanted.Sha256}",
            Error(Source(Serve("changed"u8.ToArray())), Wanted));
        Assert.Empty(Directory.GetFiles(Cache, "*.part"));
        Assert.StartsWith(
            $"{Wanted.Address}: found status 404, expected the file; set HARNESS_MIRROR to",
            Error(Source(new FakeNetwork(_ => new HttpResponseMessage(HttpStatusCode.NotFound))), Wanted));
    }

    private static FakeNetwork Offline => FakeNetwork.Offline;

    private DataFileSource Source(FakeNetwork network, string? mirror = null) => new(mirror, Cache, network);

    private string Error(DataFileSource source, DataFile file) => Assert.Throws<InputException>(() => source.Find(file, log.Add)).Message;

    private string PutInMirror(byte[] bytes)
    {
        var path = Path.Combine(Mirror, "sets", "facts.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static FakeNetwork Serve(byte[] bytes, int? cutAt = null, List<string>? ranges = null) => new(request =>
    {
        if (request.Headers.Range is { } range) ranges?.Add(range.ToString());
        return FakeNetwork.File(request, bytes, cutAt);
    });
}
