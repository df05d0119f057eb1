using Cake.Core.Diagnostics;

namespace Harness.Build;

/// <summary>What Cake's engine logs, less its own line about a failed task: the cause is told once, behind it, by the host.</summary>
internal sealed class EngineLog(ICakeLog log) : ICakeLog
{
    /// <inheritdoc/>
    public Verbosity Verbosity
    {
        get => log.Verbosity;
        set => log.Verbosity = value;
    }

    /// <inheritdoc/>
    public void Write(Verbosity verbosity, LogLevel level, string format, params object[] args)
    {
        if (level != LogLevel.Error || Verbosity >= Verbosity.Verbose) log.Write(verbosity, level, format, args);
    }
}
