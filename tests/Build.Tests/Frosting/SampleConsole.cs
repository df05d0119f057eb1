using System.Globalization;
using System.Text;
using Cake.Core;

namespace Harness.Tests.Frosting;

/// <summary>Keeps what is written.</summary>
public sealed class SampleConsole : IConsole
{
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    public string Output => output.ToString();

    public string Errors => errors.ToString();

    public ConsoleColor ForegroundColor { get; set; }

    public ConsoleColor BackgroundColor { get; set; }

    public bool SupportAnsiEscapeCodes => false;

    public void Write(string format, params object[] arg) => output.AppendFormat(CultureInfo.InvariantCulture, format, arg);

    public void WriteLine(string format, params object[] arg) =>
        output.AppendFormat(CultureInfo.InvariantCulture, format, arg).AppendLine();

    public void WriteError(string format, params object[] arg) => errors.AppendFormat(CultureInfo.InvariantCulture, format, arg);

    public void WriteErrorLine(string format, params object[] arg) =>
        errors.AppendFormat(CultureInfo.InvariantCulture, format, arg).AppendLine();

    public void ResetColor() { }
}
