using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harness.Measuring.Cells;

namespace Harness.Downloads;

/// <summary>A file as the hub describes it.</summary>
/// <param name="Name">Its name in the model's top folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">SHA-256 of large files, git's blob hash of the others.</param>
internal sealed record HubFile(string Name, long Size, Checksum Checksum);

/// <summary>Asks the hub which files a model has at a revision.</summary>
internal static partial class HubListing
{
    /// <summary>The hub.</summary>
    public const string Host = "huggingface.co";

    private const int MaxPages = 100;

    /// <summary>The files of the model's top folder, by name.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="model">Model and revision.</param>
    /// <param name="advice">What the user can do about a status, or, for null, when the network does not help.</param>
    /// <exception cref="InputException">No answer, an error status, or no list of plain names.</exception>
    public static async Task<IReadOnlyDictionary<string, HubFile>> Read(
        HttpsClient client, HubModelOptions model, Func<HttpStatusCode?, string> advice)
    {
        var files = new Dictionary<string, HubFile>(StringComparer.Ordinal);
        var page = new Uri($"https://{Host}/api/models/{model.Id}/tree/{model.Revision}");
        for (var pages = 1; ; pages++)
        {
            try
            {
                using var response = await client.Get(page);
                if (!response.IsSuccessStatusCode)
                {
                    throw new InputException(
                        $"{page}: found status {(int)response.StatusCode}, expected the list of the model's files; " +
                            $"{advice(response.StatusCode)}");
                }

                using var silence = new CancellationTokenSource(HttpsClient.Silence);
                await using var body = await response.Content.ReadAsStreamAsync(silence.Token);
                using var document = await JsonDocument.ParseAsync(body, cancellationToken: silence.Token);
                foreach (var entry in document.RootElement.EnumerateArray()) Add(files, entry);
                if (Next(response, page) is not { } next) return files;
                if (pages == MaxPages)
                {
                    throw new InputException(
                        $"{page}: found more than {MaxPages} pages, expected the end of the list of the model's files; {advice(null)}");
                }

                page = next;
            }
            catch (Exception cause) when (cause is HttpRequestException or OperationCanceledException or IOException)
            {
                throw new InputException(
                    $"{page}: found no answer ({cause.Message}), expected the list of the model's files; {advice(null)}", cause);
            }
            catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new InputException(
                    $"{page}: found no list of files ({cause.Message}), expected entries with type, path, size and oid; {advice(null)}",
                        cause);
            }
        }
    }

    private static void Add(Dictionary<string, HubFile> files, JsonElement entry)
    {
        var name = entry.GetProperty("path").GetString() ?? "";
        if (name.Split('/', '\\').Contains("..") || Path.IsPathRooted(name))
            throw new FormatException($"a file '{name}' outside of the model");
        // Folders, and files that no model needs.
        if (entry.GetProperty("type").GetString() != "file" || !ModelFiles.IsPlain(name)) return;
        var checksum = entry.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object
            ? Checksum.Sha256(Digits(lfs.GetProperty("oid"), 64))
            : Checksum.GitBlob(Digits(entry.GetProperty("oid"), 40));
        files[name] = new HubFile(name, entry.GetProperty("size").GetInt64(), checksum);
    }

    private static string Digits(JsonElement hash, int count) =>
        hash.GetString() is { } text && text.Length == count && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw new FormatException($"a hash of other than {count} hexadecimal digits");

    // The hub gives a thousand files at a time and names the next page in a header.
    private static Uri? Next(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.TryGetValues("Link", out var links)) return null;
        var next = NextLink().Match(string.Join(", ", links));
        return next.Success && Uri.TryCreate(page, next.Groups[1].Value, out var address) && address.Host == Host ? address : null;
    }

    [GeneratedRegex("""<([^>]*)>\s*;\s*rel="next"(?:,|\z)""")]
    private static partial Regex NextLink();
}
