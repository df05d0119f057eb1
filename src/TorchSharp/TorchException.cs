using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// What libtorch refused, as an <see cref="ExternalException"/> because the package throws that. The message has the operator, the
/// shapes and types of its arguments and libtorch's first line.
/// </summary>
public sealed class TorchException : ExternalException
{
    /// <summary>An error without a text.</summary>
    public TorchException()
    {
    }

    /// <summary>An error with its text.</summary>
    public TorchException(string message) : base(message)
    {
    }

    /// <summary>An error with its text and cause.</summary>
    public TorchException(string message, Exception inner) : base(message, inner)
    {
    }
}
