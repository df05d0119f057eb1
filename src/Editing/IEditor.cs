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
