using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>
/// An open safetensors file (format of Hugging Face): its header is checked whole on opening, its tensors are read one by one on demand.
/// Little-endian machines only, as libtorch. Reading is safe from several threads.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int BufferBytes = 1 << 20;

    // A span's length is an int.
    private const long PieceBytes = 1 << 30;
    private readonly string file;
    private readonly FileStream stream;
    private readonly SafetensorsHeader header;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(string file, FileStream stream)
    {
        (this.file, this.stream) = (file, stream);
        header = SafetensorsHeader.Read(file, stream);
        entries = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        Names = [.. header.Entries.Select(entry => entry.Name)];
    }

    /// <summary>The tensors' names, in the order of their data in the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The header's <c>__metadata__</c>; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Opens a file and checks its header whole: lengths, names, dtypes, shapes, and data without hole or overlap.</summary>
    /// <exception cref="InputException">The file cannot be read or is unsound; the message names file, tensor, found, expected.</exception>
    public static SafetensorsFile Open(string file)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var opened = new SafetensorsFile(file, stream);
            stream = null;
            return opened;
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotRead(file, exception);
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <summary>The shape of a tensor, from the header alone.</summary>
    /// <exception cref="InputException">The file has no tensor of that name.</exception>
    public IReadOnlyList<long> ShapeOf(string name) => Find(name).Shape;

    /// <summary>Where a tensor's bytes begin in the file.</summary>
    internal long OffsetOf(string name) => header.DataStart + Find(name).Begin;

    /// <summary>Whether a tensor is another one of this file or another, byte for byte: in dtype, shape and values.</summary>
    /// <exception cref="InputException">A file has no tensor of that name, or can no longer be read.</exception>
    public bool IsSame(string name, SafetensorsFile other, string otherName)
    {
        var (mine, theirs) = (Find(name), other.Find(otherName));
        if (mine.Dtype != theirs.Dtype || !mine.Shape.SequenceEqual(theirs.Shape)) return false;
        var (here, there) = (new byte[BufferBytes], new byte[BufferBytes]);
        for (long start = 0, size = mine.Bytes; start < size; start += BufferBytes)
        {
            var count = (int)Math.Min(size - start, BufferBytes);
            Fill(here.AsSpan(0, count), header.DataStart + mine.Begin + start);
            other.Fill(there.AsSpan(0, count), other.header.DataStart + theirs.Begin + start);
            if (!here.AsSpan(0, count).SequenceEqual(there.AsSpan(0, count))) return false;
        }

        return true;
    }

    /// <summary>Reads one tensor in its stored shape and dtype, onto the CPU; the caller or its dispose scope disposes it.</summary>
    /// <exception cref="InputException">The file has no tensor of that name, or can no longer be read.</exception>
    public Tensor Read(string name)
    {
        var entry = Find(name);
        var tensor = empty(entry.Shape, dtype: entry.Dtype.Type);
        try
        {
            Fill(tensor, entry);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor into a contiguous CPU tensor of its dtype and as many elements, of any shape.</summary>
    /// <exception cref="InputException">The file has no tensor of that name, or can no longer be read.</exception>
    /// <exception cref="ArgumentException">The target has another dtype or size.</exception>
    public void Read(string name, Tensor target)
    {
        var entry = Find(name);
        if (target.dtype != entry.Dtype.Type || target.numel() * entry.Dtype.Size != entry.Bytes)
            throw new ArgumentException(
                $"{target} for tensor '{name}' of {entry.Dtype.Name} [{string.Join(", ", entry.Shape)}]", nameof(target));
        Fill(target, entry);
    }

    /// <summary>
    /// Writes tensors, in the order given, from any device. The same tensors and metadata always give the same bytes: the header is padded
    /// with spaces to 8 bytes, metadata keys are sorted. (Readers that map a file want wider dtypes first where a file mixes dtypes.)
    /// </summary>
    /// <param name="file">Replaced in one step once all of it is on disk.</param>
    /// <param name="tensors">Unique names; Float64, Float32, Float16, BFloat16, Int64, Int32, Byte or Bool; any shape.</param>
    /// <param name="metadata">The header's <c>__metadata__</c>, for example <c>format: pt</c>, as Hugging Face's loader asks.</param>
    /// <exception cref="InputException">The file cannot be written; the message names the cause.</exception>
    /// <exception cref="ArgumentException">A name given twice or reserved, or a dtype that safetensors or the harness lacks.</exception>
    public static void Write(
        string file, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var json = SafetensorsHeaderWriter.Bytes(tensors, metadata);
        DurableFile.Write(file, output =>
        {
            output.Write(json);
            foreach (var (_, value) in tensors)
            {
                if (value.numel() == 0) continue;
                using var scope = NewDisposeScope();
                value.detach().to(CPU).contiguous().WriteBytesToStream(output, BufferBytes);
            }
        });
    }

    /// <summary>Closes the file; tensors already read stay.</summary>
    public void Dispose() => stream.Dispose();

    /// <summary>What the header says of a tensor.</summary>
    internal SafetensorsEntry Find(string name) => entries.TryGetValue(name, out var entry)
        ? entry
        : throw new InputException(
            $"{file}: tensor '{name}': found none of that name, expected one of the file's {Names.Count}{Nearest.Suggestion(name, Names)}; "
            + "check that the file belongs to its configuration");

    // Into the tensor's own memory: a copy through a buffer costs twice as much as the reading.
    private void Fill(Tensor tensor, SafetensorsEntry entry)
    {
        using var scope = NewDisposeScope();
        var (flat, size, offset) = (tensor.view(-1), (long)entry.Dtype.Size, header.DataStart + entry.Begin);
        for (long start = 0, count; start < flat.numel(); start += count)
        {
            count = Math.Min(flat.numel() - start, PieceBytes / size);
            Fill(flat.narrow(0, start, count).bytes, offset + (start * size));
        }
    }

    private void Fill(Span<byte> bytes, long offset)
    {
        try
        {
            while (bytes.Length > 0)
            {
                var read = RandomAccess.Read(stream.SafeFileHandle, bytes, offset);
                if (read == 0) throw new EndOfStreamException("it became shorter while it was open");
                bytes = bytes[read..];
                offset += read;
            }
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotRead(file, exception);
        }
    }
}
