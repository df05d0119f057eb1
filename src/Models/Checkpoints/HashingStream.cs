using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>Takes the SHA-256 of what is written, and passes it on.</summary>
/// <param name="target">Receives the same bytes; not disposed. <see cref="Stream.Null"/> where only the hash is wanted.</param>
internal sealed class HashingStream(Stream target) : Stream
{
    private const int BufferBytes = 1 << 20;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Of all that was written so far: lower-case hexadecimal.</summary>
    public string Sha256 => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>Of a tensor's values in its dtype, row by row, wherever it lives.</summary>
    public static string Of(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var stream = new HashingStream(Null);
        values.detach().cpu().contiguous().WriteBytesToStream(stream, BufferBytes);
        return stream.Sha256;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => target.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => target.Position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        hash.AppendData(buffer);
        target.Write(buffer);
    }

    /// <inheritdoc/>
    public override void Flush() => target.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) hash.Dispose();
        base.Dispose(disposing);
    }
}
