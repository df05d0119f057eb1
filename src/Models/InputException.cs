namespace Harness;

/// <summary>
/// A mistake of the user's or of a file's: the message says where, what was found, what was expected and what to do.
/// It is printed as it is, without a stack trace, and ends the program with exit code 1.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>An error with its whole text: where, found, expected, what to do.</summary>
    public InputException(string message) : base(message) { }

    /// <summary>The same, keeping the technical cause for <c>--verbosity=diagnostic</c>.</summary>
    public InputException(string message, Exception inner) : base(message, inner) { }
}
