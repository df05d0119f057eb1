using System.Net;
using System.Text.Json;
using Harness.Measuring.Cells;
using Harness.Models.Checkpoints;
using Harness.Running;

namespace Harness.Downloads;

/// <summary>
/// Finds published models: in the folder of <c>HARNESS_MODELS</c>, in the cache, or on the Hugging Face hub. What comes from the hub has
/// the hub's own checksums before it gets its name.
/// </summary>
/// <param name="models">Folder of models to look in first, or null.</param>
/// <param name="cache">The cache folder; made when needed.</param>
/// <param name="token">The user's token for the hub, or null. It is sent to the hub alone and is in no message.</param>
/// <param name="network">Answers requests and follows no redirects; the caller disposes it.</param>
public sealed class HubModel(string? models, string cache, string? token, HttpMessageHandler network)
{
    /// <summary>Environment variable that names a folder of models.</summary>
    public const string ModelsVariable = "HARNESS_MODELS";

    /// <summary>Environment variable that holds the user's token for the hub.</summary>
    public const string TokenVariable = "HF_TOKEN";

    private readonly FileHashes hashes = new(Path.Combine(cache, "hashes"));

    /// <summary>The folder of a model: a local one if there is one, else the downloaded one, else it is downloaded now.</summary>
    /// <param name="model">Which model.</param>
    /// <param name="log">Told what is done and how far it is.</param>
    /// <exception cref="InputException">It is nowhere, the hub refuses, or what there is is no model.</exception>
    public static string Resolve(HubModelOptions model, Action<string> log)
    {
        using var network = HttpsClient.NewNetwork();
        return FromEnvironment(network).Find(model, log);
    }

    /// <summary>
    /// What a local model is, by its bytes: one SHA-256 over its files. Null where <c>HARNESS_MODELS</c> does not hold it: it is then what
    /// the hub has at the revision. Never asks the network.
    /// </summary>
    /// <exception cref="InputException"><c>HARNESS_MODELS</c> is no folder, or the model's folder is no model.</exception>
    public static string? ContentOf(HubModelOptions model, Action<string> log)
    {
        using var network = HttpsClient.NewNetwork();
        return FromEnvironment(network).LocalContent(model, log);
    }

    /// <summary>As <see cref="Resolve"/>, with this object's folders and network.</summary>
    /// <exception cref="InputException">As for <see cref="Resolve"/>.</exception>
    public string Find(HubModelOptions model, Action<string> log)
    {
        if (Local(model) is { } local) return local;
        var folder = Path.Combine(cache, "models", model.Id.Replace("/", "--", StringComparison.Ordinal), model.Revision);
        if (IsWhole(folder)) return folder;
        try
        {
            Fetch(model, folder, log);
            return folder;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{folder}: cannot be written ({cause.Message.TrimEnd('.')}), expected to keep {model} there; free space, " +
                $"set XDG_CACHE_HOME to another folder, or {Advice(model, null)}; what was downloaded is kept", cause);
        }
    }

    /// <summary>As <see cref="ContentOf"/>, with this object's folders.</summary>
    public string? LocalContent(HubModelOptions model, Action<string> log) =>
        Local(model) is { } folder ? ModelFiles.ContentOf(ModelFiles.Of(folder, hashes, log)) : null;

    /// <summary>The model's folder below <c>HARNESS_MODELS</c>, or null.</summary>
    private string? Local(HubModelOptions model)
    {
        if (models is null) return null;
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(models));
        if (!Directory.Exists(root))
        {
            throw new InputException(
                $"{ModelsVariable}: found no folder '{models}', expected one that holds {model.Id}; correct or unset it");
        }

        var name = model.Id[(model.Id.IndexOf('/', StringComparison.Ordinal) + 1)..];

        // As the hub names them, by name alone, as Hugging Face's own cache keeps them, and the model's folder itself.
        string[] places =
        [
            Path.Combine(root, model.Id),
            Path.Combine(root, name),
            Path.Combine(root, $"models--{model.Id.Replace("/", "--", StringComparison.Ordinal)}", "snapshots", model.Revision),
            .. Path.GetFileName(root) == name ? (string[])[root] : [],
        ];
        return places.FirstOrDefault(Directory.Exists);
    }

    private static HubModel FromEnvironment(HttpMessageHandler network)
    {
        var models = Environment.GetEnvironmentVariable(ModelsVariable);
        var token = Environment.GetEnvironmentVariable(TokenVariable)?.Trim();
        if (token is not null && !token.All(c => c is > ' ' and <= '~'))
            throw new InputException(
                $"{TokenVariable}: found characters that no token has, expected one word; set it to the token as the hub shows it");
        return new HubModel(
            string.IsNullOrEmpty(models) ? null : models, CacheFolder.Current(), string.IsNullOrEmpty(token) ? null : token, network);
    }

    private void Fetch(HubModelOptions model, string folder, Action<string> log)
    {
        Directory.CreateDirectory(folder);
        using var turn = FileTurn.Take(folder + ".lock", () => log($"waiting for another process\'s download ({folder}.lock)"));
        if (IsWhole(folder)) return;
        using var client = new HttpsClient(network, token, HubListing.Host);
        var listed = HubListing.Read(client, model, status => Advice(model, status)).GetAwaiter().GetResult();
        var names = listed.Keys.ToHashSet(StringComparer.Ordinal);
        var descriptions = ModelFiles.Descriptions(names, model.ToString()).Select(name => listed[name]).ToList();
        foreach (var file in descriptions) Fetch(client, model, file, folder, log);
        var weights = ModelFiles.WeightsOf(names, folder, model.ToString()).Select(name => listed[name]).ToList();
        CheckSpace(weights, folder);
        log($"downloading {model} ({Download.Size(weights.Sum(file => file.Size))}) to {folder}");
        foreach (var file in weights) Fetch(client, model, file, folder, log);
        var files = descriptions.Concat(weights).Select(file => new KeyValuePair<string, long>(file.Name, file.Size));
        DurableFile.WriteText(folder + ".json", CanonicalJson.ToText(files.ToDictionary()) + "\n");
    }

    private void Fetch(HttpsClient client, HubModelOptions model, HubFile file, string folder, Action<string> log)
    {
        var path = Path.Combine(folder, file.Name);
        if (File.Exists(path))
        {
            if (file.Checksum.Of(path) is var found && found == file.Checksum.Expected) return;
            throw new InputException(
                $"{path}: found {file.Checksum.Name} {found}, expected {file.Checksum.Expected}; the cached file was " +
                "changed: delete it to download it again");
        }

        var address = new Uri($"https://{HubListing.Host}/{model.Id}/resolve/{model.Revision}/{file.Name}");
        var part = path + ".part";
        new Download(client, address, part, status => Advice(model, status), log, file.Size)
            .Run(file.Checksum, $"this is not what the hub lists: run again, or {Advice(model, null)}");
        File.Move(part, path);
        if (file.Checksum.IsSha256) hashes.Remember(path, file.Checksum.Expected);
    }

    // Beside the folder, once every file in it has been checked: the names and sizes of all files.
    private static bool IsWhole(string folder)
    {
        try
        {
            return File.Exists(folder + ".json")
                && CanonicalJson.FromText<Dictionary<string, long>>(File.ReadAllText(folder + ".json"))
                    .All(file => new FileInfo(Path.Combine(folder, file.Key)) is { Exists: true } found && found.Length == file.Value);
        }
        catch (Exception cause) when (cause is IOException or JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void CheckSpace(IEnumerable<HubFile> weights, string folder)
    {
        var needed = weights.Where(file => !File.Exists(Path.Combine(folder, file.Name)))
            .Sum(file => file.Size - (new FileInfo(Path.Combine(folder, file.Name + ".part")) is { Exists: true } part ? part.Length : 0));
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed) throw new IOException($"{Download.Size(needed)} are needed, {Download.Size(free)} are free");
    }

    private string Advice(HubModelOptions model, HttpStatusCode? status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when token is null =>
            $"the model is gated or private: accept its licence at https://{HubListing.Host}/{model.Id} and set {TokenVariable} to a " +
                "token of your account",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"the account of {TokenVariable} may not read the model: accept its licence at https://{HubListing.Host}/{model.Id} or " +
                "use another token",
        HttpStatusCode.NotFound => $"the hub has no {model.Id} with the revision {model.Revision}: correct its declaration",
        _ => $"set {ModelsVariable} to a folder that holds {model.Id}" + (models is null ? "" : $" ('{models}' does not)"),
    };
}
