using Harness.Measuring.Worlds;

namespace Harness.Measuring.Cells;

/// <summary>A World cell is made from nothing.</summary>
public sealed record WorldInputs<T> : ICellInputs<WorldCell, T>;

/// <summary>A synthetic world of facts: world.json.</summary>
public sealed class WorldCell : Cell<WorldOptions, WorldInputs<string>>
{
    internal const string FileName = "world.json";

    /// <inheritdoc/>
    public override CellKind Kind => CellKind.World;

    /// <inheritdoc/>
    public override bool UsesLibtorch => false;

    /// <inheritdoc/>
    protected override void Run(WorldOptions options, WorldInputs<string> inputs, CellRun run) =>
        WorldGenerator.Generate(options, run.Seed).Save(run.Output(FileName));
}
