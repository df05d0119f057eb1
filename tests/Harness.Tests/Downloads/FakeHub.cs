using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harness.Measuring.Cells;

namespace Harness.Tests.Downloads;

/// <summary>A hub with one model: large files lie with another host, as on the real one.</summary>
internal sealed class FakeHub
{
    public const string Token = "hf_secret";

    public const string Cdn = "https://cdn.example.org/";

    public static readonly HubModelOptions Model = new() { Id = "org/tiny", Revision = new string('a', 40) };

    public FakeHub()
    {
        Put("config.json", "{}");
        Put("tokenizer.json", """{"model":{}}""");
        Put("README.md", "read me");
        Put("pytorch_model.bin", "pickle");
        Put("model.safetensors.index.json",
            """{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors"}}""");
        Put("model-1.safetensors", "the first shard");
        Put("model-2.safetensors", "the second shard");
        Put("model-3.safetensors", "no shard of the index");
        Put("onnx/model.safetensors", "in a subfolder");
        Network = new FakeNetwork(Answer);
    }

    public Dictionary<string, byte[]> Files { get; } = [];

    public FakeNetwork Network { get; }

    /// <summary>What a file's bytes are when they are fetched, where that is not what is listed.</summary>
    public Dictionary<string, byte[]> Served { get; } = [];

    /// <summary>Cuts the connection after so many bytes of a shard, once.</summary>
    public int? CutOnce { get; set; }

    public bool IgnoresRange { get; set; }

    /// <summary>Whether files are for those with the token; so is their list where <see cref="IsPrivate"/>.</summary>
    public bool IsGated { get; set; }

    public bool IsPrivate { get; set; }

    /// <summary>Entries added to the list of files.</summary>
    public List<JsonObject> Extra { get; } = [];

    public void Put(string name, string text) => Files[name] = Encoding.UTF8.GetBytes(text);

    public static JsonObject Entry(string name, byte[] bytes)
    {
        var entry = new JsonObject { ["type"] = "file", ["path"] = name, ["size"] = bytes.Length, ["oid"] = GitBlob(bytes) };
        if (name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".bin", StringComparison.Ordinal))
            entry["lfs"] = new JsonObject { ["oid"] = Convert.ToHexStringLower(SHA256.HashData(bytes)), ["size"] = bytes.Length };
        return entry;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!.ToString();
        var root = $"https://huggingface.co/{Model.Id}/resolve/{Model.Revision}/";
        if (address.StartsWith(Cdn, StringComparison.Ordinal)) return Content(request, address[Cdn.Length..].Split('?')[0]);
        var isList = address.Contains("/api/", StringComparison.Ordinal);
        if ((isList ? IsPrivate : IsGated) && request.Headers.Authorization?.Parameter != Token)
            return new HttpResponseMessage(HttpStatusCode.Unauthorized);
        if (address == $"https://huggingface.co/api/models/{Model.Id}/tree/{Model.Revision}") return List(0, 4, $"{address}?cursor=2");
        if (address == $"https://huggingface.co/api/models/{Model.Id}/tree/{Model.Revision}?cursor=2") return List(4, int.MaxValue, null);
        // As the hub does today: small files behind a relative redirect, large ones with another host.
        if (address.StartsWith("https://huggingface.co/cache/", StringComparison.Ordinal)) return Content(request, address.Split('/')[^1]);
        if (!address.StartsWith(root, StringComparison.Ordinal)) return new HttpResponseMessage(HttpStatusCode.NotFound);
        var name = address[root.Length..];
        var redirect = new HttpResponseMessage(HttpStatusCode.TemporaryRedirect);
        redirect.Headers.Location = name.EndsWith(".safetensors", StringComparison.Ordinal)
            ? new Uri($"{Cdn}{name}?signature=abc")
            : new Uri($"/cache/{name}", UriKind.Relative);
        return redirect;
    }

    private HttpResponseMessage List(int from, int to, string? next)
    {
        var entries = Files.Select(file => Entry(file.Key, file.Value))
            .Prepend(new JsonObject { ["type"] = "directory", ["path"] = "onnx", ["size"] = 0, ["oid"] = new string('0', 40) })
            .Concat(Extra.Select(entry => entry.DeepClone().AsObject())).ToArray();
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(
                new JsonArray([.. entries[Math.Min(from, entries.Length)..Math.Min(to, entries.Length)]]).ToJsonString()),
        };
        if (next is not null) response.Headers.Add("Link", $"<{next}>; rel=\"next\"");
        return response;
    }

    private HttpResponseMessage Content(HttpRequestMessage request, string name)
    {
        var cut = name.EndsWith("1.safetensors", StringComparison.Ordinal) ? CutOnce : null;
        if (cut is not null) CutOnce = null;
        return FakeNetwork.File(request, Served.GetValueOrDefault(name, Files[name]), cut, IgnoresRange);
    }

    [SuppressMessage("Security", "CA5350", Justification = "Git's own.")]
    private static string GitBlob(byte[] bytes) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
}
