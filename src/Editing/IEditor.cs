namespace Harness.Editing;

/// <summary>
/// One editing method. It leaves the session's model as it found it: the result is data, applied by <see cref="Edit.ApplyTo"/>.
/// </summary>
/// <remarks>
/// <para>How long a tensor lives. A tensor is memory outside .NET: what is not disposed stays until the collector happens to come by, which
/// on a model of some size is too late. So every method that makes tensors begins with <c>using var scope = NewDisposeScope();</c>, which
/// frees what is made until it ends, and there is one way out for each kind of result:</para>
/// <list type="bullet">
/// <item>a tensor that is returned leaves by <c>MoveToOuterDisposeScope()</c>, into the scope of whoever asked, and its docstring says
/// "owned by the caller's dispose scope";</item>
/// <item>what an object keeps leaves by <c>DetachFromDisposeScope()</c>, and the object's <c>Dispose</c> frees it;</item>
/// <item>a <see cref="WeightDelta"/> copies what it is given and owns the copy; an <see cref="Edit"/> owns its deltas and its
/// module.</item>
/// </list>
/// <para>A loop that makes tensors has a scope in its body. A tensor that is made before the scope, or in a constructor without one,
/// belongs to the scope around it. The test of every editor counts live tensors and names those that are left.</para>
/// </remarks>
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
