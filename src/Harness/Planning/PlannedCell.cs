using System.Text.Json.Nodes;
using Harness.Measuring.Cells;

namespace Harness.Planning;

/// <summary>
/// One node of a plan: what to make, from what, and the key under which the store keeps it. Two cells of the same key are the same.
/// </summary>
public sealed class PlannedCell
{
    /// <summary>Key: 64 lower-case hexadecimal digits, the SHA-256 of <see cref="KeyParts"/>.</summary>
    public required string Key { get; init; }

    /// <summary>Everything that can change the cell's content, and nothing else.</summary>
    public required JsonObject KeyParts { get; init; }

    /// <summary>What it makes.</summary>
    public required CellKind Kind { get; init; }

    /// <summary>For people: <c>edit zsre/llama2-7b/rome</c>. No part of the key.</summary>
    public required string Name { get; init; }

    /// <summary>The kind's options record as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Seed of all randomness in the cell.</summary>
    public required long Seed { get; init; }

    /// <summary>Where its tensors are computed. The key's numerics class says it too.</summary>
    public string Device { get; init; } = KeyContext.Cpu;

    /// <summary>Input cells by role: world, dataset, tokenizer, model, statistics, training, edit.</summary>
    public required IReadOnlyDictionary<string, PlannedCell> Inputs { get; init; }

    /// <summary>The paper's name of its data set, or nothing.</summary>
    public string Dataset { get; init; } = "";

    /// <summary>The paper's name of its model, or nothing.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its editor, <c>original</c>, or nothing.</summary>
    public string Editor { get; init; } = "";

    /// <inheritdoc />
    public override string ToString() => Name;
}

/// <summary>A row of a table and the cells that it is read from.</summary>
/// <param name="Dataset">The paper's name of the data set.</param>
/// <param name="Model">The paper's name of the model.</param>
/// <param name="Editor">Name of the row.</param>
/// <param name="Score">Its Score, SingleEdits or Timing cell.</param>
public sealed record PlannedRow(string Dataset, string Model, string Editor, PlannedCell Score)
{
    /// <summary>Its Capability cell, where its metrics need one.</summary>
    public PlannedCell? Capability { get; init; }

    /// <summary>The seed of all its cells.</summary>
    public long Seed => Score.Seed;

    /// <summary>The Edit cell behind it, where there is one.</summary>
    public PlannedCell? Edit => Score.Inputs.GetValueOrDefault("edit");

    /// <summary>The cells that end the row.</summary>
    public IEnumerable<PlannedCell> Results => Capability is null ? [Score] : [Score, Capability];
}
