// N = prompts or requests, O = model width.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>The place at which a <see cref="SpreadingUpdate"/> wants values.</summary>
internal interface IWantedValues
{
    /// <summary>What the model gives there now at the subjects' last tokens.</summary>
    /// <returns>[N, O] float32 on the CPU, owned by the caller's dispose scope.</returns>
    Tensor Now(IReadOnlyList<SubjectPrompt> prompts);

    /// <summary>The δ to what it gives now that makes the model answer in the new way.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="now_NO">As <see cref="Now"/> of their plain prompts.</param>
    /// <returns>δ, [N, O] float32 on the CPU, owned by the caller's dispose scope, and each request's last loss in nats.</returns>
    (Tensor Delta_NO, double[] Losses) Search(IReadOnlyList<EditRequest> requests, Tensor now_NO);
}

/// <summary>Values of the residual stream behind a layer (MEMIT).</summary>
internal sealed class StreamValues(EditSession session, ValueOptions options, IReadOnlyList<string> contexts, int layer) : IWantedValues
{
    /// <inheritdoc/>
    public Tensor Now(IReadOnlyList<SubjectPrompt> prompts) => SubjectPrompt.Outputs(session.Model, prompts, layer);

    /// <inheritdoc/>
    public (Tensor Delta_NO, double[] Losses) Search(IReadOnlyList<EditRequest> requests, Tensor now_NO) =>
        new ValueSearch(session, options, contexts).Run(requests, layer, now_NO);
}
