using System.Runtime.InteropServices;

namespace Harness.Measuring.Cells;

/// <summary>
/// By how much the process's resident memory grows at most, looked at every other millisecond. What was freed before is given back first,
/// where the C library can, so that it does not hide what is needed now.
/// </summary>
internal sealed partial class ResidentMemory : IDisposable
{
    private readonly Timer timer;
    private readonly long before;
    private long most;

    public ResidentMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (OperatingSystem.IsLinux()) GiveBack();
        before = most = Environment.WorkingSet;
        timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(2));
    }

    /// <summary>Mebibytes, at least 0.</summary>
    public double Peak()
    {
        Look();
        return (Interlocked.Read(ref most) - before) / (double)(1 << 20);
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void Look()
    {
        var now = Environment.WorkingSet;
        for (var seen = Interlocked.Read(ref most); now > seen;)
        {
            if (Interlocked.CompareExchange(ref most, now, seen) is var found && found == seen) return;
            seen = found;
        }
    }

    // Another C library than GNU's has no such call.
    private static void GiveBack()
    {
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
