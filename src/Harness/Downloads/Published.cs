using Harness.Measuring.Cells;

namespace Harness.Downloads;

/// <summary>Published files and models as this process's environment finds them: mirror, folder of models, cache, network.</summary>
public sealed class Published : IPublished
{
    /// <inheritdoc/>
    public string File(DataFile file, Action<string> log) => DataFileSource.Resolve(file, log);

    /// <inheritdoc/>
    public PublishedModel Import(ImportOptions options, Action<string> log)
    {
        var folder = HubModel.Resolve(options.Import, log);
        return HubModel.ContentOf(options.Import, log) is var found && found == options.Content
            ? new PublishedModel(options.Import.Id, options.Import.Revision, ModelFiles.Of(folder, FileHashes.Current(), log))
            : throw new InputException(
                $"{folder}: found {NameOf(found)}, expected {NameOf(options.Content)} as planned: the model was changed " +
                "during this run; run again");
    }

    /// <inheritdoc/>
    public string Folder(PublishedModel model, Action<string> log)
    {
        var wanted = new HubModelOptions { Id = model.Id, Revision = model.Revision };
        var folder = HubModel.Resolve(wanted, log);
        foreach (var expected in model.Files)
        {
            if (ModelFiles.Of(folder, expected.Path, FileHashes.Current(), log) is var found && found == expected) continue;
            var advice = folder.StartsWith(CacheFolder.Current() + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? "delete the file to download it again"
                : "run again to compute with the model as it is now, or bring the file back";
            throw new InputException(
                $"{Path.Combine(folder, expected.Path)}: found {found.Size} bytes with SHA-256 {found.Sha256}, expected " +
                $"{expected.Size} with {expected.Sha256} as when {wanted} was imported; {advice}");
        }

        return folder;
    }

    private static string NameOf(string? content) => content is null ? "the hub's model" : $"a local model with content {content}";
}
