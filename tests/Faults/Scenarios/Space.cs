using System.Globalization;

namespace Harness.Faults.Scenarios;

/// <summary>
/// The disk of the store or of the results is full at some stage: one clear error that names the place, nothing half-written, and the
/// same command succeeds once there is room.
/// </summary>
internal sealed class FullDisks(bool ofStore, int quick, int whole) : Scenario(
    ofStore ? "full-store" : "full-results",
    $"a full disk under the {(ofStore ? "store" : "results")}, then room, then the same command", quick, whole)
{
    private const int Enough = 64 << 10;

    // Of the store's two MB, and of the results' half, in KiB.
    private readonly int most = ofStore ? 2400 : 700;

    public override string? Missing => Mounts.Missing;

    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        for (var i = 0; i < count; i++)
        {
            clone.Clear();
            var kib = 4 + (most * i / count) + random.Next(16);
            var place = ofStore ? clone.Store : clone.Results;
            using var disk = new Mounts(place, kib);
            string? loss;
            using (var run = clone.Start())
            {
                loss = clone.FaultOfFailing(run);
                if (loss is null && run.ExitCode != 0 && !run.Errors.Contains(place, StringComparison.Ordinal)
                    && !run.Errors.Contains(Path.GetFileName(place), StringComparison.Ordinal))
                    loss = $"the error names no place: {run.Errors.Trim()}";
            }

            disk.Resize(Enough);
            using (var next = clone.Start()) loss ??= clone.FaultOf(next);
            tally.Add(loss, string.Create(CultureInfo.InvariantCulture, $"{kib} KiB"));
        }
    }
}

/// <summary>A store or a results folder on a file system that may only be read.</summary>
internal sealed class ReadOnlyPlaces() : Scenario("read-only", "a store or results that may only be read", 2, 2)
{
    public override string? Missing => Mounts.Missing;

    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        foreach (var place in (string[])[clone.Store, clone.Results])
        {
            clone.Clear();
            using var disk = new Mounts(place, 64 << 10);
            disk.MakeReadOnly();
            using var run = clone.Start();
            tally.Add(clone.FaultOfFailing(run) ?? (run.ExitCode == 0 ? "it says nothing" : null), Path.GetFileName(place));
        }
    }
}

/// <summary>A small disk of memory, mounted at a folder.</summary>
internal sealed class Mounts : IDisposable
{
    private readonly string folder;

    /// <summary>Mounts one.</summary>
    public Mounts(string folder, int kib)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        if (Shell.Run("mount", "-t", "tmpfs", "-o", $"size={kib}k", "tmpfs", folder) != 0)
            throw new InputException($"{folder}: nothing can be mounted there");
    }

    /// <summary>What this machine lacks to mount disks.</summary>
    public static string? Missing
    {
        get
        {
            var trial = Directory.CreateTempSubdirectory("faults-mount-").FullName;
            try
            {
                if (Shell.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", trial) != 0)
                    return "nothing may be mounted here (not root)";
                Shell.Run("umount", trial);
                return null;
            }
            finally
            {
                Directory.Delete(trial);
            }
        }
    }

    /// <summary>Changes its size.</summary>
    public void Resize(int kib) => Shell.Run("mount", "-o", $"remount,size={kib}k", folder);

    /// <summary>Takes the right to write.</summary>
    public void MakeReadOnly() => Shell.Run("mount", "-o", "remount,ro", folder);

    public void Dispose()
    {
        Shell.Run("umount", "-l", folder);
        Directory.Delete(folder, recursive: true);
    }
}
