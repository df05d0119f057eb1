using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Example;

/// <summary>Options of example: half-way fine-tuning of one weight. Replace by: the method (authors and year, "title").</summary>
public sealed record ExampleOptions : IEditorOptions
{
    /// <summary>Layer of the tuned down-projection, from 0. Replace by: the published ones, each with its model.</summary>
    public required int Layer { get; init; }

    /// <summary>α: share of the change that is kept, above 0 and at most 1. Default 0.5 (WiSE-FT, Wortsman et al. 2022).</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>How it trains. Default: Adam at 5e-4.</summary>
    public FineTuningOptions Tuning { get; init; } = new() { LearningRate = 5e-4 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Check(Share is > 0 and <= 1, "share", Share, "above 0 and at most 1")
        .Nested("tuning", Tuning.Validate())
        .Violations;
}
