using System.Text;
using Harness.Planning;

namespace Harness.Running.Cluster;

/// <summary>
/// A run on the cluster, as all of its processes see it: <c>runs/&lt;id&gt;</c> in the store, with a copy of the program and of the
/// declarations, the workers' logs, what they are at, and which cells failed. The id comes from what is wanted, so that the same command
/// finds its run again.
/// </summary>
public sealed class ClusterRun
{
    /// <summary>Folder of all runs in a store.</summary>
    public const string Place = "runs";

    private const string RecordName = "run.json";

    private ClusterRun(string folder) => Folder = folder;

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>Its id: 10 hexadecimal digits.</summary>
    public string Id => Path.GetFileName(Folder);

    /// <summary>Name of its jobs.</summary>
    public string JobName => $"harness-{Id}";

    /// <summary>Folder of the workers' logs.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>The run that wants these cells, made where there is none.</summary>
    /// <exception cref="InputException">The store cannot be written.</exception>
    public static ClusterRun Of(CellStore store, IReadOnlyList<PlannedCell> wanted, IReadOnlyList<string> arguments)
    {
        var id = TextHash.Of(string.Join('\n', wanted.Select(cell => cell.Key).Order(StringComparer.Ordinal)))[..10];
        var run = new ClusterRun(Path.Combine(store.Folder, Place, id));
        StoreFailure.Guard(store.Folder, () =>
        {
            foreach (var folder in (string[])["logs", "failures", "working"]) Directory.CreateDirectory(Path.Combine(run.Folder, folder));
            var record = new ClusterRecord(string.Join(' ', arguments), [.. CellSelection.Closure(wanted).Select(cell => cell.Key)]);
            run.Write(RecordName, CanonicalJson.ToText(record));
        });
        return run;
    }

    /// <summary>All runs of a store, in order of ids.</summary>
    public static IReadOnlyList<ClusterRun> All(CellStore store) => Path.Combine(store.Folder, Place) is var runs && Directory.Exists(runs)
        ? [.. Directory.EnumerateDirectories(runs).Order(StringComparer.Ordinal).Select(folder => new ClusterRun(folder))] : [];

    /// <summary>The run that a worker was started for.</summary>
    internal static ClusterRun At(string folder) => new(folder);

    /// <summary>What it is; null where its file is missing or damaged.</summary>
    public ClusterRecord? Record => StoredJson.ReadOrNull<ClusterRecord>(Path.Combine(Folder, RecordName));

    /// <summary>Copies the program and the declarations, so that neither a build nor an edit meanwhile reaches the workers.</summary>
    /// <param name="root">The clone.</param>
    /// <param name="program">Folder of the program.</param>
    /// <returns>The copied program.</returns>
    public string CopyProgram(string root, string program) => ProgramCopy.Make(Path.Combine(Folder, "clone"), program, root);

    /// <summary>Writes a file of the run, whole or not at all, whoever else writes it at once.</summary>
    internal string Write(string name, string text)
    {
        var file = Path.Combine(Folder, name);
        var unfinished = $"{file}.{Guid.NewGuid():N}";
        File.WriteAllText(unfinished, text + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(unfinished, file, overwrite: true);
        return file;
    }

    /// <summary>Notes that a cell failed, for the front end and for other workers.</summary>
    internal void Fail(CellFailure failure) => Write(
        $"failures/{failure.Cell.Key}", CanonicalJson.ToText(new ClusterFailure(failure.Cell.Name, failure.Message, failure.IsInput)));

    /// <summary>Whether a cell has failed.</summary>
    internal bool HasFailed(string key) => File.Exists(Path.Combine(Folder, "failures", key));

    /// <summary>The cells that failed, by key.</summary>
    public IReadOnlyDictionary<string, ClusterFailure> Failures() => Entries<ClusterFailure>("failures");

    /// <summary>Forgets them: the run is tried again.</summary>
    internal void ForgetFailures()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, "failures"))) File.Delete(file);
    }

    /// <summary>Notes what a worker is at; nothing: it ended.</summary>
    internal void Note(string worker, IReadOnlyList<string> cells)
    {
        var name = $"working/{worker}";
        if (cells.Count == 0) File.Delete(Path.Combine(Folder, name));
        else Write(name, CanonicalJson.ToText(new ClusterWork(Environment.MachineName, cells)));
    }

    /// <summary>What workers are at, by job and task; those that were ended by force are among them.</summary>
    public IReadOnlyDictionary<string, ClusterWork> Working() => Entries<ClusterWork>("working");

    /// <summary>The last lines of a task's log; empty where it has none.</summary>
    public IReadOnlyList<string> LogOf(string task)
    {
        try
        {
            return File.ReadLines(Path.Combine(Logs, $"{task}.log")).TakeLast(20).ToList();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private Dictionary<string, T> Entries<T>(string place) where T : class =>
        Directory.GetFiles(Path.Combine(Folder, place))
            .Select(file => (Name: Path.GetFileName(file), Value: StoredJson.ReadOrNull<T>(file)))
            .Where(entry => entry.Value is not null && !entry.Name.Contains('.', StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name, entry => entry.Value!, StringComparer.Ordinal);
}

/// <summary>What a run is.</summary>
/// <param name="Command">The command line that began it.</param>
/// <param name="Cells">Keys of all its cells, inputs first.</param>
public sealed record ClusterRecord(string Command, IReadOnlyList<string> Cells);

/// <summary>A cell that failed on the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Message">Why.</param>
/// <param name="IsInput">Whether it is a mistake of the user's or of a file's.</param>
public sealed record ClusterFailure(string Name, string Message, bool IsInput);

/// <summary>What a worker is at.</summary>
/// <param name="Host">Where it runs.</param>
/// <param name="Cells">Names of the cells.</param>
public sealed record ClusterWork(string Host, IReadOnlyList<string> Cells);
