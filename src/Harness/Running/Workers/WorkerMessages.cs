using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Planning;

namespace Harness.Running.Workers;

/// <summary>One line to a worker: the cell to make.</summary>
public sealed record WorkerRequest
{
    /// <summary>Key of the cell.</summary>
    public required string Key { get; init; }

    /// <summary>What to make.</summary>
    public required CellKind Kind { get; init; }

    /// <summary>Name of the cell, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Options of the cell.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Seed of the cell.</summary>
    public required long Seed { get; init; }

    /// <summary>Where the cell's tensors are computed.</summary>
    public string Device { get; init; } = KeyContext.Cpu;

    /// <summary>Parts of the key, for the manifest and for a check that the worker has the same code and arithmetic.</summary>
    public required JsonObject Parts { get; init; }

    /// <summary>Keys of the finished input cells by role.</summary>
    public required IReadOnlyDictionary<string, string> Inputs { get; init; }

    /// <summary>The store's folder: inputs are read from it, the cell is written to it.</summary>
    public required string Store { get; init; }

    /// <summary>The request for a planned cell.</summary>
    public static WorkerRequest For(PlannedCell cell, CellStore store) => new()
    {
        Key = cell.Key,
        Kind = cell.Kind,
        Name = cell.Name,
        Options = cell.Options,
        Seed = cell.Seed,
        Device = cell.Device,
        Parts = cell.KeyParts,
        Inputs = cell.Inputs.ToDictionary(input => input.Key, input => input.Value.Key),
        Store = store.Folder,
    };
}

/// <summary>What a line from a worker says.</summary>
public enum WorkerEvent
{
    /// <summary>The cell goes on; the text is a line for people.</summary>
    Progress,

    /// <summary>The cell is in the store.</summary>
    Done,

    /// <summary>Another process makes the cell, or has made it; the text says which.</summary>
    Taken,

    /// <summary>A mistake of the user's or of a file's; the text is its message.</summary>
    InputError,

    /// <summary>A mistake of ours; the text is the exception with its stack trace.</summary>
    Crash,
}

/// <summary>One line from a worker.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Text">A text for people.</param>
/// <param name="Seconds">How long the cell took, once it is done.</param>
public sealed record WorkerReply(WorkerEvent Event, string Text, double Seconds = 0);
