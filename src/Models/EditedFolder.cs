using Harness.Models.Checkpoints;
using Harness.Models.Families;
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// Writes a copy of a Hugging Face folder in which some parameters have other values: every other byte of the files that are copied is the
/// original's, names, dtypes, shards and tokenizer included, so that whatever reads those reads the copy. Folders inside it are not copied, nor
/// weights in files that the model is not read from.
/// </summary>
public static class EditedFolder
{
    private const int BufferBytes = 1 << 20;

    // Weights in other formats would keep the old values beside the new ones.
    private static readonly string[] OtherWeights = [".bin", ".pt", ".pth", ".h5", ".msgpack", ".onnx", ".gguf", ".ckpt", ".ot", ".safetensors"];
    private static readonly string[] OtherIndices = [".bin.index.json", ".safetensors.index.json"];

    /// <summary>Writes the copy; it appears under its name when all of it is on disk.</summary>
    /// <param name="model">Has the values to write; its parameters have been rounded by <see cref="Transformer.RoundToStored"/>, or are here.</param>
    /// <param name="source">The folder that it was loaded from; only read.</param>
    /// <param name="target">Must not exist yet, or be empty.</param>
    /// <param name="changed">Parameters whose values differ.</param>
    /// <param name="finish">Is given the folder before it gets its name, for files of the caller's own.</param>
    /// <param name="progress">Told each file.</param>
    /// <param name="cancellation">Looked at between files; what was written is removed.</param>
    /// <returns>Files of the source that were left out.</returns>
    /// <exception cref="InputException">The target exists or cannot be written, or the source cannot be read.</exception>
    public static IReadOnlyList<string> Write(
        Transformer model, string source, string target, IReadOnlyCollection<string> changed, Action<string>? finish = null,
        IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        CheckTarget(target);
        var (copied, left) = Files(source);
        DurableFolder.Write(target, unfinished =>
        {
            foreach (var file in copied)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(file);
                File.Copy(Path.Combine(source, file), Path.Combine(unfinished, file));
                File.SetAttributes(Path.Combine(unfinished, file), FileAttributes.Normal);
            }

            Overwrite(model, source, unfinished, changed);
            finish?.Invoke(unfinished);
        });
        return left;
    }

    /// <summary>Bytes that a copy of a folder takes.</summary>
    /// <exception cref="InputException">It is no model's folder.</exception>
    public static long BytesOf(string source) => Files(source).Copied.Sum(file => new FileInfo(Resolved(Path.Combine(source, file))).Length);

    /// <summary>Refuses a target that would overwrite something.</summary>
    /// <exception cref="InputException">The target is a file, or a folder that is not empty.</exception>
    public static void CheckTarget(string target)
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new InputException($"{target}: found something there already, expected a new or empty folder; name another one");
    }

    // Left out is what would keep the old values: other formats, and safetensors files that the model is not read from.
    private static (IReadOnlyList<string> Copied, IReadOnlyList<string> Left) Files(string source)
    {
        var (_, checkpoint, _) = TransformerFolder.Open(source);
        using var open = checkpoint;
        var weights = checkpoint.Files.Append(Path.GetFileName(checkpoint.Path)).ToHashSet(StringComparer.Ordinal);
        var files = Directory.GetFiles(source).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ToLookup(IsLeft);
        return ([.. files[false]], [.. files[true]]);

        bool IsLeft(string file) => !weights.Contains(file)
            && (OtherWeights.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
                || OtherIndices.Any(end => file.EndsWith(end, StringComparison.OrdinalIgnoreCase)));
    }

    private static string Resolved(string file) => File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;

    private static void Overwrite(Transformer model, string source, string target, IReadOnlyCollection<string> changed)
    {
        var (_, checkpoint, tensors) = TransformerFolder.Open(source);
        using var open = checkpoint;
        foreach (var tensor in tensors.Where(tensor => tensor.Parameters.Any(part => changed.Contains(part.Name))))
        {
            using var scope = NewDisposeScope();
            var whole = tensor.Join([.. tensor.Parameters.Select((part, index) => changed.Contains(part.Name)
                ? model.Parameter(part.Name).cpu()
                : tensor.Part(checkpoint.Read(tensor.Name), index).to(ScalarType.Float32))]);
            using var stream = new FileStream(Path.Combine(target, checkpoint.FileOf(tensor.Name)), FileMode.Open, FileAccess.Write);
            stream.Position = checkpoint.OffsetOf(tensor.Name);
            whole.detach().to(checkpoint.DtypeOf(tensor.Name)).contiguous().WriteBytesToStream(stream, BufferBytes);
            stream.Flush(flushToDisk: true);
        }
    }
}
