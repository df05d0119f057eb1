namespace Harness.Editing.Locating;

/// <summary>Options that ROME and the methods built on it share.</summary>
public abstract record RankOneOptions : IEditorOptions
{
    /// <summary>Layer of the edited down-projection, from 0. Published: 5 for LLaMA-2-7B and gpt-j, 17 for gpt2-xl.</summary>
    public required int Layer { get; init; }

    /// <summary>Search for the value.</summary>
    public ValueOptions Value { get; init; } = new();

    /// <summary>Contexts of keys and values. Default ten beginnings of length 5 and ten of length 10, with the plain prompt 21.</summary>
    public ContextOptions Contexts { get; init; } = ContextOptions.Rome;

    /// <summary>
    /// Added to the covariance's diagonal, as a share of the diagonal's mean, at least 0. Default 0 (ROME's code). Small models with few
    /// tokens may need 1e-6 or more.
    /// </summary>
    public double CovarianceRidge { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Nested("value", Value.Validate())
        .Nested("contexts", Contexts.Validate())
        .NotNegative("covariance-ridge", CovarianceRidge)
        .Violations;

    /// <summary>These options for batches of one; null for larger ones: each request has an update of its own.</summary>
    public IEditorOptions? Sequential(int batchSize) => batchSize == 1 ? this : null;
}
