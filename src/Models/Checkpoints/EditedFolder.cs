using System.Text;
using Harness.Models.Families;
using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>SHA-256 of the safetensors files that a model is read from: by name, lower-case hexadecimal.</summary>
/// <param name="Edited">Of the source.</param>
/// <param name="Written">Of the copy.</param>
public sealed record WeightHashes(IReadOnlyDictionary<string, string> Edited, IReadOnlyDictionary<string, string> Written);

/// <summary>
/// Writes a copy of a Hugging Face folder in which some parameters have other values, a tied head that is stored twice in both places:
/// every other byte of the files that are copied is the original's, names, dtypes, shards and tokenizer included, so that whatever reads
/// those reads the copy. Folders inside it are copied too. What would keep or state the old values is left out: weights in files that the
/// model is not read from, hashes of files, hidden folders.
/// </summary>
public static class EditedFolder
{
    private const int BufferBytes = 1 << 20;

    // Files that may state the hash of another one are small.
    private const long MostStatementBytes = 1 << 20;

    /// <summary>Writes the copy; it appears under its name when all of it is on disk.</summary>
    /// <param name="model">Has the values to write; its parameters have been rounded by <see cref="Transformer.RoundToStored"/>, or are
    /// here.</param>
    /// <param name="source">The folder that it was loaded from; only read.</param>
    /// <param name="target">Must not exist yet, or be empty.</param>
    /// <param name="changed">Parameters whose values differ.</param>
    /// <param name="leave">Says of a name in the source why it is left out besides, or null.</param>
    /// <param name="finish">Is given the folder before it gets its name, for files of the caller's own, and the hashes of its
    /// weights.</param>
    /// <param name="cancellation">Looked at between files; what was written is removed.</param>
    /// <returns>What of the source was left out.</returns>
    /// <exception cref="InputException">The target exists or cannot be written, or the source cannot be read.</exception>
    public static IReadOnlyList<LeftOut> Write(
        Transformer model, string source, string target, IReadOnlyCollection<string> changed, Func<string, string?>? leave = null,
        Action<string, WeightHashes>? finish = null, CancellationToken cancellation = default)
    {
        CheckTarget(target);
        var (_, checkpoint, tensors, copies) = TransformerFolder.Open(source);
        using var open = checkpoint;
        var contents = Contents(source, checkpoint, leave);
        var left = contents.Left.ToList();
        if (checkpoint.Contradiction() is { } tensor)
        {
            left = left.ConvertAll(one => one.Name != checkpoint.IndexName ? one : one with
            {
                Why = $"its shards hold something else than {Path.GetFileName(checkpoint.Path)}, which was edited, first in '{tensor}'",
            });
        }

        DurableFolder.Write(target, unfinished =>
        {
            var hashes = WriteWeights(unfinished);
            string[] stale = [.. hashes.Edited.Except(hashes.Written).Select(file => file.Value)];
            foreach (var file in contents.Copied.Except(checkpoint.Files))
            {
                cancellation.ThrowIfCancellationRequested();
                if (States(Path.Combine(source, file), stale)) left.Add(new LeftOut(file, FolderContents.Hashes));
                else Copy(file, unfinished);
            }

            finish?.Invoke(unfinished, hashes);
        });
        return left;

        WeightHashes WriteWeights(string folder)
        {
            var (edited, written) = (
                new SortedDictionary<string, string>(StringComparer.Ordinal), new SortedDictionary<string, string>(StringComparer.Ordinal));
            foreach (var file in checkpoint.Files)
            {
                cancellation.ThrowIfCancellationRequested();
                var parts = tensors.Concat(copies)
                    .Where(one => checkpoint.FileOf(one.Name) == file && one.Parameters.Any(part => changed.Contains(part.Name)))
                    .Select(one => new ReplacedBytes(
                        checkpoint.OffsetOf(one.Name), checkpoint[one.Name].Bytes, stream =>
                            WriteTensor(model, checkpoint, one, changed, stream)));
                (edited[file], written[file]) = ReplacedBytes.Copy(Path.Combine(source, file), Path.Combine(folder, file), [.. parts]);
            }

            return new WeightHashes(edited, written);
        }

        void Copy(string file, string folder)
        {
            var copy = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(source, file), copy);
            File.SetAttributes(copy, FileAttributes.Normal);
        }
    }

    /// <summary>SHA-256 of the files that a model is read from, by name.</summary>
    /// <param name="source">The model's folder.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <exception cref="InputException">It is no model's folder, or a file cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> HashesOf(string source, CancellationToken cancellation = default)
    {
        using var checkpoint = TransformerFolder.Open(source).Checkpoint;
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in checkpoint.Files)
        {
            cancellation.ThrowIfCancellationRequested();
            hashes[file] = Sha256.Of(Path.Combine(source, file));
        }

        return hashes;
    }

    /// <summary>Bytes that a copy of a folder takes.</summary>
    /// <exception cref="InputException">It is no model's folder.</exception>
    public static long BytesOf(string source)
    {
        using var checkpoint = TransformerFolder.Open(source).Checkpoint;
        return Contents(source, checkpoint, null).Copied.Sum(
            file => new FileInfo(FolderContents.Resolved(Path.Combine(source, file))).Length);
    }

    /// <summary>Refuses a target that would overwrite something.</summary>
    /// <exception cref="InputException">The target is a file, or a folder that is not empty.</exception>
    public static void CheckTarget(string target)
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new InputException($"{target}: found something there already, expected a new or empty folder; name another one");
    }

    private static FolderContents Contents(string source, Checkpoint checkpoint, Func<string, string?>? leave) =>
        FolderContents.Of(source, checkpoint.Files.Append(Path.GetFileName(checkpoint.Path)).ToHashSet(StringComparer.Ordinal), leave);

    // A model card may tell of the original; whatever else names the hash of a file that was edited would be untrue.
    private static bool States(string file, string[] hashes)
    {
        if (hashes.Length == 0 || Path.GetExtension(file) == ".md"
            || new FileInfo(FolderContents.Resolved(file)).Length > MostStatementBytes) return false;
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        return hashes.Any(hash => text.Contains(hash, StringComparison.OrdinalIgnoreCase));
    }

    private static void WriteTensor(
        Transformer model, Checkpoint checkpoint, CheckpointTensor tensor, IReadOnlyCollection<string> changed, Stream stream)
    {
        using var scope = NewDisposeScope();
        var whole = tensor.Join([.. tensor.Parameters.Select((part, index) => changed.Contains(part.Name)
            ? model.Parameter(part.Name).cpu()
            : tensor.Part(checkpoint.Read(tensor.Name), index).to(ScalarType.Float32))]);
        whole.detach().to(checkpoint[tensor.Name].Dtype.Type).contiguous().WriteBytesToStream(stream, BufferBytes);
    }
}
