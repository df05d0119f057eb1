using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;

namespace Harness.Editing.Editors.Memit;

/// <summary>Options of MEMIT: Mass-Editing Memory in a Transformer (Meng et al. 2023).</summary>
public sealed record MemitOptions : LeastSquaresOptions;

/// <summary>Options of the methods whose closed form is MEMIT's least squares.</summary>
public abstract record LeastSquaresOptions : SpreadingOptions
{
    /// <summary>
    /// λ: weight of the covariance against the edits' keys, above 0. Default 15 000 (MEMIT; gpt2-xl: 20 000) unless the editor says
    /// otherwise.
    /// </summary>
    public double CovarianceWeight { get; init; } = 15_000;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() =>
        new OptionChecks().Include(base.Validate()).Positive("covariance-weight", CovarianceWeight).Violations;
}

/// <summary>Options that MEMIT and the methods built on it share.</summary>
public abstract record SpreadingOptions : IEditorOptions
{
    /// <summary>
    /// Layers of the edited down-projections, ascending, from 0. Published: 4 to 8 for 7B models, 13 to 17 for gpt2-xl, 3 to 8 for gpt-j.
    /// </summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Search for the values, behind the last of the layers.</summary>
    public ValueOptions Value { get; init; } = new();

    /// <summary>Contexts of keys and values. Default five beginnings of length 10, with the plain prompt 6.</summary>
    public ContextOptions Contexts { get; init; } = ContextOptions.Memit;

    /// <summary>
    /// Requests edited at once, at least 0; 0, the default of all that do not say otherwise, is all. Later batches start from the model
    /// that earlier ones left.
    /// </summary>
    public int BatchSize { get; init; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Validate() => new OptionChecks()
        .Check(
            Layers.Count > 0 && Layers[0] >= 0 && Layers.Zip(Layers.Skip(1)).All(pair => pair.First < pair.Second),
            "layers", string.Join(", ", Layers), "at least one, from 0 on, ascending")
        .Nested("value", Value.Validate())
        .Nested("contexts", Contexts.Validate())
        .AtLeast("batch-size", BatchSize, 0)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}
