using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Harness.Downloads;

namespace Harness.Tests.Downloads;

public sealed class HubModelTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("hub").FullName;
    private readonly FakeHub hub = new();
    private readonly List<string> log = [];

    private string Cache => Path.Combine(root, "cache");

    private string Folder => Path.Combine(Cache, "models", "org--tiny", FakeHub.Model.Revision);

    private string Shard => Path.Combine(Folder, "model-1.safetensors");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Downloads_what_a_model_needs_and_nothing_else_once()
    {
        Assert.Equal(Folder, Find());
        Assert.Equal(
            ["config.json", "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json", "tokenizer.json"],
            Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal("the first shard", File.ReadAllText(Shard));
        Assert.Contains($"downloading org/tiny@aaaaaaaa (31 bytes) to {Folder}", log);
        Assert.Equal(Folder, new HubModel(null, Cache, null, FakeNetwork.Offline).Find(FakeHub.Model, log.Add));
    }

    [Fact]
    public void The_token_goes_to_the_hub_and_never_to_where_it_redirects()
    {
        hub.IsGated = hub.IsPrivate = true;
        Find(FakeHub.Token);
        Assert.All(hub.Network.Requests, request =>
            Assert.Equal(request.Address.StartsWith("https://huggingface.co/", StringComparison.Ordinal) ? FakeHub.Token : null,
                request.Token));
        Assert.Contains(hub.Network.Requests, request => request.Address.StartsWith(FakeHub.Cdn, StringComparison.Ordinal));
        Assert.Contains(hub.Network.Requests, request => request.Address.Contains("/cache/", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Contains(FakeHub.Token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "the model is gated or private: accept its licence at https://huggingface.co/org/tiny and set HF_TOKEN to a " +
        "token of your account")]
    [InlineData("hf_other", "the account of HF_TOKEN may not read the model: accept its licence at https://huggingface.co/org/tiny or " +
        "use another token")]
    public void A_gated_model_says_what_to_do(string? token, string advice)
    {
        hub.IsGated = true;
        Assert.Matches(
            $"^https://huggingface.co/org/tiny/resolve/{FakeHub.Model.Revision}/[a-z_.]+json: found status 401, " +
                $"expected the file; {advice}$",
            Error(() => Find(token)));
        hub.IsPrivate = true;
        Assert.Equal(
            $"https://huggingface.co/api/models/org/tiny/tree/{FakeHub.Model.Revision}: found status 401, " +
                $"expected the list of the model's files; {advice}",
            Error(() => Find(token)));
    }

    [Fact]
    public void An_unknown_revision_and_a_hub_without_an_answer_are_errors_with_advice()
    {
        var other = FakeHub.Model with { Revision = new string('b', 40) };
        Assert.EndsWith(
            "found status 404, expected the list of the model's files; " +
                $"the hub has no org/tiny with the revision {other.Revision}: correct its declaration",
            Error(() => Hub().Find(other, log.Add)));
        Assert.Equal(
            $"https://huggingface.co/api/models/org/tiny/tree/{FakeHub.Model.Revision}: found no answer (no route), " +
                "expected the list of the model's " +
            $"files; set HARNESS_MODELS to a folder that holds org/tiny ('{root}' does not)",
            Error(() => new HubModel(root, Cache, null, FakeNetwork.Offline).Find(FakeHub.Model, log.Add)));
        var html = new FakeNetwork(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>") });
        Assert.Contains("found no list of files (", Error(() => new HubModel(null, Cache, null, html).Find(FakeHub.Model, log.Add)));
    }

    [Fact]
    public void A_list_without_end_is_an_error()
    {
        var endless = new FakeNetwork(request =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("[]") };
            response.Headers.Add("Link", $"<{request.RequestUri}>; rel=\"next\"");
            return response;
        });
        Assert.Contains(
            ": found more than 100 pages, expected the end of the list of the model's files; ",
            Error(() => new HubModel(null, Cache, null, endless).Find(FakeHub.Model, log.Add)));
        Assert.Equal(100, endless.Requests.Count);
    }

    [Fact]
    public void An_interrupted_shard_goes_on_where_it_stopped()
    {
        hub.CutOnce = 4;
        Find();
        Assert.Equal("the first shard", File.ReadAllText(Shard));
        Assert.Contains(hub.Network.Requests, request => request.Address.Contains("model-1", StringComparison.Ordinal)
            && request.Range == "bytes=4-");
        Assert.Contains("model-1.safetensors: interrupted after 4 bytes; going on", log);
    }

    [Theory]
    [InlineData("the f", false, "bytes=5-")]
    [InlineData("the f", true, "bytes=5-")]
    [InlineData("other", false, null)]
    public void A_part_of_an_earlier_run_is_taken_up_or_thrown_away(string part, bool ignoresRange, string? lastRange)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Shard + ".part", part);
        hub.IgnoresRange = ignoresRange;
        Find();
        Assert.Equal("the first shard", File.ReadAllText(Shard));
        Assert.Equal(lastRange, hub.Network.Requests.Last(request => request.Address.Contains("cdn", StringComparison.Ordinal) &&
            request.Address.Contains("model-1", StringComparison.Ordinal)).Range);
    }

    [Theory]
    [InlineData("model-2.safetensors", "SHA-256")]
    [InlineData("config.json", "git blob hash")]
    public void A_file_that_is_not_what_the_hub_lists_is_not_kept(string name, string checksum)
    {
        hub.Served[name] = Encoding.UTF8.GetBytes(new string('x', hub.Files[name].Length));
        var error = Error(() => Find());
        Assert.StartsWith($"https://huggingface.co/org/tiny/resolve/{FakeHub.Model.Revision}/{name}: found {checksum} ", error);
        Assert.EndsWith("; this is not what the hub lists: run again, or set HARNESS_MODELS to a folder that holds org/tiny", error);
        Assert.False(File.Exists(Path.Combine(Folder, name)) || File.Exists(Path.Combine(Folder, name + ".part")));
        hub.Served.Clear();
        Assert.Equal(Folder, Find());
    }

    [Fact]
    public void A_changed_file_in_the_cache_is_an_error_and_a_missing_one_is_fetched_again()
    {
        Find();
        File.Delete(Shard);
        Find();
        Assert.Equal("the first shard", File.ReadAllText(Shard));
        File.WriteAllText(Shard, "short");
        Assert.EndsWith("the cached file was changed: delete it to download it again", Error(() => Find()));
    }

    [Fact]
    public void A_model_of_pickle_files_is_refused()
    {
        foreach (var name in hub.Files.Keys.Where(name => name.Contains("safetensors", StringComparison.Ordinal)).ToList())
            hub.Files.Remove(name);
        Assert.Equal(
            "org/tiny@aaaaaaaa: found only pickle files (pytorch_model.bin), " +
                "expected model.safetensors or model.safetensors.index.json: pickle " +
            "files can run code and are never read; choose a revision with safetensors or convert the model",
            Error(() => Find()));
        hub.Files.Remove("tokenizer.json");
        Assert.StartsWith("org/tiny@aaaaaaaa: found no tokenizer.json, expected a Hugging Face model with it", Error(() => Find()));
    }

    [Theory]
    [InlineData("../evil.safetensors")]
    [InlineData("/evil.safetensors")]
    [InlineData("a/../../evil.json")]
    [InlineData(@"..\evil.json")]
    public void A_listed_path_that_leads_out_of_the_folder_is_an_error(string path)
    {
        hub.Extra.Add(FakeHub.Entry(path, [1]));
        Assert.Contains($"a file '{path}' outside of the model", Error(() => Find()));
    }

    [Theory]
    [InlineData("../model-1.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("missing.safetensors")]
    public void An_index_names_files_beside_it_only(string shard)
    {
        hub.Put("model.safetensors.index.json", $$"""{ "weight_map": { "a": "{{shard}}" } }""");
        Assert.StartsWith($"org/tiny@aaaaaaaa: found '{shard}' in model.safetensors.index.json, expected the names of files beside it",
            Error(() => Find()));
    }

    [Fact]
    public void A_hash_that_is_none_is_an_error()
    {
        hub.Extra.Add(new JsonObject { ["type"] = "file", ["path"] = "generation_config.json", ["size"] = 1, ["oid"] = "../../x" });
        Assert.Contains("a hash of other than 40 hexadecimal digits", Error(() => Find()));
    }

    [Theory]
    [InlineData("http://cdn.example.org/x", "redirected to an address that is not https")]
    [InlineData("https://huggingface.co/loop", "redirected more than 10 times")]
    public void Redirects_stay_with_https_and_come_to_an_end(string location, string cause)
    {
        var network = new FakeNetwork(_ => new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri(location) } });
        Assert.Contains($"found no answer ({cause})", Error(() => new HubModel(null, Cache, "hf_x", network).Find(FakeHub.Model, log.Add)));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_one_line()
    {
        Directory.CreateDirectory(root);
        File.WriteAllText(Cache, "a file where the folder should be");
        Assert.StartsWith($"{Folder}: cannot be written (", Error(() => Find()));
    }

    [Theory]
    [InlineData("org/tiny")]
    [InlineData("tiny")]
    [InlineData("models--org--tiny/snapshots/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_local_folder_comes_first_and_is_known_by_its_bytes(string place)
    {
        var folder = PutLocal(place);
        var local = new HubModel(root, Cache, null, FakeNetwork.Offline);
        Assert.Equal(folder, local.Find(FakeHub.Model, log.Add));
        var content = local.LocalContent(FakeHub.Model, log.Add);
        Assert.Matches("^[0-9a-f]{64}$", content);
        Assert.Equal(content, local.LocalContent(FakeHub.Model, log.Add));
        File.AppendAllText(Path.Combine(folder, "notes.txt"), "no file of the model's");
        Assert.Equal(content, local.LocalContent(FakeHub.Model, log.Add));
        File.WriteAllText(Path.Combine(folder, "model-1.safetensors"), "the First shard");
        Assert.NotEqual(content, local.LocalContent(FakeHub.Model, log.Add));
    }

    [Fact]
    public void The_models_folder_may_be_the_model_itself_if_it_has_its_name()
    {
        var folder = PutLocal("tiny");
        Assert.Equal(folder, new HubModel(folder, Cache, null, FakeNetwork.Offline).Find(FakeHub.Model, log.Add));
        var other = FakeHub.Model with { Id = "org/other" };
        Assert.Null(new HubModel(folder, Cache, null, FakeNetwork.Offline).LocalContent(other, log.Add));
    }

    [Fact]
    public void A_models_folder_that_is_none_and_a_local_folder_without_a_model_are_errors()
    {
        Assert.Equal(
            "HARNESS_MODELS: found no folder '/no/where', expected one that holds org/tiny; correct or unset it",
            Error(() => new HubModel("/no/where", Cache, null, FakeNetwork.Offline).Find(FakeHub.Model, log.Add)));
        var folder = Directory.CreateDirectory(Path.Combine(root, "org", "tiny")).FullName;
        Assert.Equal(
            $"{folder}: found no config.json, expected a Hugging Face model with it; choose another",
            Error(() => new HubModel(root, Cache, null, FakeNetwork.Offline).LocalContent(FakeHub.Model, log.Add)));
    }

    [Theory]
    [InlineData("gpt2", "import.id: found 'gpt2', expected organisation/name")]
    [InlineData("../x", "import.id: found '../x'")]
    [InlineData("a/b/c", "import.id: found 'a/b/c'")]
    public void An_id_is_organisation_and_name(string id, string message) =>
        Assert.StartsWith(message, Error(() => (FakeHub.Model with { Id = id }).Validate()));

    [Fact]
    public void A_revision_is_a_whole_commit_hash() => Assert.StartsWith(
        "import.revision: found 'main', expected a whole commit hash, 40 lower-case hexadecimal digits",
        Error(() => (FakeHub.Model with { Revision = "main" }).Validate()));

    private string PutLocal(string place)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, place)).FullName;
        foreach (var (name, bytes) in hub.Files.Where(file => !file.Key.Contains('/', StringComparison.Ordinal)))
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return folder;
    }

    private HubModel Hub(string? token = null) => new(null, Cache, token, hub.Network);

    private string Find(string? token = null) => Hub(token).Find(FakeHub.Model, log.Add);

    private static string Error(Action action) => Assert.Throws<InputException>(action).Message;
}
