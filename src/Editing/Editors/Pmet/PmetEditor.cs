// N = requests of a batch.
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Pmet;

/// <summary>
/// PMET: attention and MLP of the last layer are both moved in the search, so that the MLP need not learn what is the attention's; only the
/// MLP's part is then written, spread over the layers as in MEMIT, but divided by the square root of how many are left.
/// </summary>
internal sealed class PmetEditor(PmetOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<PmetOptions>(
        "pmet", options => new PmetEditor(options), options => options.Layers, open: OpenOption.Layers("layers", 4, 8));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var update = new SpreadingUpdate(session, "pmet", options, Solve)
        {
            Divisor = left => Math.Sqrt(left),
            Values = contexts => new MlpValues(session, Search(session, options, contexts), options.Layers[^1]),
        };
        return Batches.Run(session, requests, update);

        Tensor Solve(int layer, Tensor keys_NI) => LeastSquares.Solve(session, "pmet", layer, options.CovarianceWeight, keys_NI);
    }

    /// <summary>The search for δ.</summary>
    internal static ValueSearch Search(EditSession session, PmetOptions options, IReadOnlyList<string> contexts) =>
        new(session, options.Value, contexts) { Known = new KnownAnswer(options.KnownLossFactor, options.KnownStopKl) };

    /// <summary>Values of the MLP's output.</summary>
    private sealed class MlpValues(EditSession session, ValueSearch search, int layer) : IWantedValues
    {
        public Tensor Now(IReadOnlyList<SubjectPrompt> prompts) => SubjectPrompt.Parts(session.Model, prompts, layer, ofAttention: false);

        public (Tensor Delta_NO, double[] Losses) Search(IReadOnlyList<EditRequest> requests, Tensor now_NO)
        {
            var plain = requests.Select(request => SubjectPrompt.Of(session, request, "")).ToList();
            using var attended_NO = SubjectPrompt.Parts(session.Model, plain, layer, ofAttention: true);
            var (mlp_NO, attention_NO, losses) = search.RunWithAttention(requests, layer, now_NO, attended_NO);
            attention_NO.Dispose();
            return (mlp_NO, losses);
        }
    }
}
