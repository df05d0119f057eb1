using System.Reflection;
using Cake.Core;
using Harness;
using Harness.Running;

namespace Cake.Frosting;

/// <summary>Tells the user why a run failed, in one line on standard error.</summary>
internal sealed class ErrorReport(IConsole console)
{
    /// <summary>Whether the stack trace follows.</summary>
    public bool StackTraces { get; set; }

    /// <summary>Prints the cause of <paramref name="exception"/>.</summary>
    /// <returns>The exit code.</returns>
    public int Write(Exception exception)
    {
        var cause = Cause(exception);
        console.WriteErrorLine("{0}", cause switch
        {
            OperationCanceledException => cause.Message,
            // The cells' own failures stand in its message.
            InputException or CakeException or RunFailedException => $"Error: {cause.Message}",
            _ when StackTraces => $"Error: {cause.Message} ({cause.GetType().Name})",
            _ => $"Error: {cause.Message} ({cause.GetType().Name}; run again with --verbosity=diagnostic for the stack trace)",
        });
        if (StackTraces)
            console.WriteErrorLine("{0}", exception);
        return cause is CakeException { ExitCode: not 0 } failure ? failure.ExitCode : 1;
    }

    private static Exception Cause(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [var only] } => Cause(only),
        TargetInvocationException { InnerException: { } inner } => Cause(inner),
        CakeReportException { InnerException: { } inner } => Cause(inner),
        _ => exception,
    };
}
