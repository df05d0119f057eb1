namespace Harness.Editing;

/// <summary>
/// One editing method. It leaves the session's model as it found it: the result is data, applied by <see cref="Edit.ApplyTo"/>.
/// </summary>
public interface IEditor
{
    /// <summary>Computes the change that makes the model answer all <paramref name="requests"/> in the new way.</summary>
    Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests);
}

/// <summary>Uncentred second moments of down-projection inputs, C = E[k kᵀ] (ROME, eq. 2).</summary>
public interface IKeyStatistics
{
    /// <summary>[I, I] float64, symmetric; owned by the statistics, not by the caller.</summary>
    TorchSharp.torch.Tensor Covariance(int layer);
}

/// <summary>Options of an editor: a sealed record whose every number has a default, a unit, a range and a source.</summary>
public interface IEditorOptions
{
    /// <summary>
    /// Every violation that can be seen without a model, each as "name: found …, expected …"; empty where all is well. What depends on the
    /// model, such as a layer's range, is checked when editing.
    /// </summary>
    IReadOnlyList<string> Validate();

    /// <summary>
    /// The same options for edits that come in batches one after another, each made on the model that the earlier ones left; null where the
    /// editor does not work in batches of that size.
    /// </summary>
    /// <param name="batchSize">Edits that come at once, at least 1.</param>
    IEditorOptions? Sequential(int batchSize) => null;
}
