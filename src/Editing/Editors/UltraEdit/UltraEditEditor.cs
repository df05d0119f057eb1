// N = tokens that are read, I = inputs of a matrix, O = its outputs.
using Harness.Editing.Gradients;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.UltraEdit;

/// <summary>
/// UltraEdit: nothing is trained. Each turn takes up what its edits' tokens read and the gradients there into moments of the whole run, and
/// solves one least-squares system per matrix for the change that moves the outputs against the normalised gradients.
/// </summary>
internal sealed class UltraEditEditor(UltraEditOptions options) : IEditor
{
    /// <summary>How the harness knows it. Mistral-7B's layers, which fit the default projection.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<UltraEditOptions>(
        "ultraedit", options => new UltraEditEditor(options), open: OpenOption.Layers("layers", 29, 30));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var matrices = EditedMatrix.All(session, "ultraedit", options.Layers, options.Projections);
        var reader = new GradientReader(session, matrices, options.Tokens);

        // Matrices of one shape share their moments, as in the reference code.
        var moments = new Dictionary<(long Outputs, long Inputs), RunningMoments>();
        try
        {
            return GradientEdits.Run(session, requests, options.BatchSize, options.AppendEos, reader, matrices, reading =>
            {
                foreach (var read in reading.Matrices)
                    MomentsOf(read).Add(read.Pairs_NW);
                return [.. reading.Matrices.Select(read => Change(MomentsOf(read), read))];
            });
        }
        finally
        {
            foreach (var one in moments.Values)
                one.Dispose();
        }

        RunningMoments MomentsOf(TokenGradients read)
        {
            var shape = (Outputs: read.Gradients_NO.shape[1], Inputs: read.Keys_NI.shape[1]);
            if (!moments.TryGetValue(shape, out var found))
                moments.Add(shape, found = new RunningMoments(shape.Outputs + shape.Inputs, session.Model.Device));
            return found;
        }
    }

    // [O, I] float64, owned by the caller's dispose scope.
    private Tensor Change(RunningMoments moments, TokenGradients read)
    {
        using var scope = NewDisposeScope();
        var (inputs, outputs) = (read.Keys_NI.shape[1], read.Gradients_NO.shape[1]);
        var normalised_NW = moments.Normalise(read.Pairs_NW).to(ScalarType.Float64);
        var (keys_NI, gradients_NO) = (normalised_NW.narrow(1, 0, inputs), normalised_NW.narrow(1, inputs, outputs));
        var values_NO = gradients_NO * keys_NI.pow(Held(2)).sum(1L, keepdim: true) * Held(-options.LearningRate);
        var ridge = tensor(options.Ridge, dtype: ScalarType.Float64, device: values_NO.device);
        return RidgeSolution.Of(options.NormalisedKeys ? keys_NI : read.Keys_NI, values_NO, ridge).MoveToOuterDisposeScope();
    }
}
