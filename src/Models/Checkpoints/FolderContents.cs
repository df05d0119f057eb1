using System.Buffers.Binary;
using System.Text.RegularExpressions;

namespace Harness.Models.Checkpoints;

/// <summary>Something in a model's folder that an edited copy does not have.</summary>
/// <param name="Name">Its path below the folder; a folder's ends in a slash.</param>
/// <param name="Why">Behind "because": <c>they hold or describe unedited weights</c>.</param>
public sealed record LeftOut(string Name, string Why);

/// <summary>What of a model's folder an edited copy has. What would keep or state the old values is left out, and named.</summary>
/// <param name="Copied">Files, by their paths below the folder.</param>
/// <param name="Left">Files and folders.</param>
internal sealed partial record FolderContents(IReadOnlyList<string> Copied, IReadOnlyList<LeftOut> Left)
{
    public const string Weights = "they hold or describe unedited weights";
    public const string Hashes = "they state hashes of the unedited files";
    private const string Hidden = "they are hidden";
    private const string Nowhere = "they are links that lead nowhere";
    private const string Circle = "they are links that lead back up";
    private const string Unreadable = "they cannot be read";
    private const string Large = "they are larger than what belongs to a model: 64 MiB, 1000 files or folders 16 deep";

    private const long MostBytes = 64L << 20;
    private const int MostFiles = 1000, MostDepth = 16;

    /// <summary>Decides for everything in a folder.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="weights">The files that the model is read from: copied.</param>
    /// <param name="leave">Why a file of this name is left out besides, or null; null leaves out nothing more.</param>
    public static FolderContents Of(string folder, IReadOnlySet<string> weights, Func<string, string?>? leave)
    {
        var (copied, left) = (new List<string>(), new List<LeftOut>());
        foreach (var path in Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (weights.Contains(name)) copied.Add(name);
            else if (leave?.Invoke(name) is { } why) left.Add(new LeftOut(name, why));
            else if (Directory.Exists(path)) AddFolder(folder, name, copied, left);
            else if (WhyLeft(path) is { } reason) left.Add(new LeftOut(name, reason));
            else copied.Add(name);
        }

        return new FolderContents(copied, left);
    }

    private static string? WhyLeft(string file)
    {
        try
        {
            return !File.Exists(Resolved(file)) ? Nowhere : IsWeights(file) ? Weights : ChecksumName().IsMatch(Path.GetFileName(file))
                ? Hashes : null;
        }
        catch (Exception cause) when (FileCause.Explains(cause))
        {
            return Unreadable;
        }
    }

    // A folder of the model's own, with weights somewhere in it, is another form of the model: it is left out whole.
    private static void AddFolder(string folder, string name, List<string> copied, List<LeftOut> left)
    {
        var (files, besides) = (new List<string>(), new List<LeftOut>());
        var why = Walk(folder, name, [RealPath.Resolve(folder)], files, besides);
        why ??= files.Sum(file => new FileInfo(Resolved(Path.Combine(folder, file))).Length) > MostBytes ? Large : null;
        if (why is not null) left.Add(new LeftOut(name + "/", why));
        else
        {
            copied.AddRange(files);
            left.AddRange(besides);
        }
    }

    // Why the folder is left out, or null where its files are listed.
    private static string? Walk(string root, string name, IReadOnlyList<string> above, List<string> files, List<LeftOut> left)
    {
        if (Path.GetFileName(name).StartsWith('.')) return Hidden;
        if (above.Count > MostDepth) return Large;
        try
        {
            var folder = Path.Combine(root, name);
            var real = RealPath.Resolve(folder);
            if (above.Any(one => RealPath.IsInside(one, real))) return Circle;
            foreach (var path in Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal))
            {
                var below = $"{name}/{Path.GetFileName(path)}";
                var isFolder = Directory.Exists(path);
                var why = isFolder ? Walk(root, below, [.. above, real], files, left) : WhyLeft(path);
                if (why is Weights or Large) return why;
                if (why is not null) left.Add(new LeftOut(isFolder ? below + "/" : below, why));
                else if (!isFolder) files.Add(below);

                if (files.Count + left.Count > MostFiles) return Large;
            }

            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return Unreadable;
        }
    }

    /// <summary>The file itself where the path is a link to one.</summary>
    public static string Resolved(string file) => File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;

    // By its name, that of the file behind a link, or how it begins: a backup may be called anything.
    private static bool IsWeights(string path)
    {
        if (WeightsName().IsMatch(Path.GetFileName(path)) || WeightsName().IsMatch(Path.GetFileName(Resolved(path)))) return true;
        Span<byte> start = stackalloc byte[16];
        if (new FileInfo(Resolved(path)).Length < start.Length) return false;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && (start.StartsWith("GGUF"u8) || start.StartsWith<byte>([0x89, (byte)'H', (byte)'D', (byte)'F'])
                || (BinaryPrimitives.ReadUInt64LittleEndian(start) is > 0 and <= SafetensorsHeader.MaxBytes && start[8] == '{'));
    }

    // Weights of all frameworks and the state of trainings, their indices and parts, and what describes a quantised form.
    [GeneratedRegex(
        @"\.(bin|pt|pth|pt2|safetensors|h5|hdf5|keras|msgpack|ot|onnx|onnx_data|gguf|ggml|" +
        @"ckpt|npz|npy|pkl|pickle|tflite|mlmodel|pb|engine|plan|nemo|distcp|mar)$"
        + @"|\.(bin|safetensors|h5|msgpack|onnx|gguf|ckpt)[.-]|\.data-\d+-of-\d+$|^(quantize_config|quant_config|hf_quant_config)\.json$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex WeightsName();

    [GeneratedRegex(
        @"^(sha\d+|md5|b3|blake\w+)[-_]?sums?\b|^checksums?\b|^checklist\.chk$|" +
        @"\.(sha\d+|md5|b3|blake\w+)(sums?)?$|\.(sig|asc|minisig|sigstore)$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex ChecksumName();
}
