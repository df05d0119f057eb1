using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

/// <summary>
/// Edits in batches, one after another: each batch's tokens are read at the model that the earlier ones left, and what they give is added
/// to the live weights until the end.
/// </summary>
internal static class GradientEdits
{
    /// <summary>Runs all batches and gives back the sum of their changes; the live weights are as before.</summary>
    /// <param name="session">The model.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="batchSize">Edits of a batch; 0 is all.</param>
    /// <param name="appendEos">Whether the end-of-sequence token belongs to the answers.</param>
    /// <param name="reader">Reads <paramref name="matrices"/>.</param>
    /// <param name="matrices">The edited matrices.</param>
    /// <param name="changes">From what was read of a batch to the matrices' changes, [O, I] each; without gradients, in a dispose
    /// scope.</param>
    public static Edit Run(
        EditSession session, IReadOnlyList<EditRequest> requests, int batchSize, bool appendEos, GradientReader reader,
        IReadOnlyList<EditedMatrix> matrices, Func<GradientReading, IReadOnlyList<Tensor>> changes)
    {
        using var guard = no_grad();
        using var original = new WeightSnapshot(session.Model, [.. matrices.Select(matrix => matrix.Parameter)]);
        var (losses, done) = (0.0, 0);
        foreach (var batch in requests.Chunk(batchSize == 0 ? requests.Count : batchSize))
        {
            losses += Batch(batch) * batch.Length;
            done += batch.Length;
            session.AfterBatch?.Invoke(batch, null);
            session.Progress?.Report(FormattableString.Invariant($"edit {done}/{requests.Count} loss before {losses / done:0.000}"));
        }

        return new Edit(original.Deltas(), new Dictionary<string, double> { ["loss-before"] = losses / requests.Count });

        double Batch(EditRequest[] batch)
        {
            using var scope = NewDisposeScope();
            var reading = reader.Read(TrainingSamples.New(session, batch, appendEos));
            foreach (var (matrix, change_OI) in matrices.Zip(changes(reading)))
            {
                if (!double.IsFinite(change_OI.abs().max().AsDouble()))
                    throw new InputException(
                        $"{matrix.Parameter}: the change is not finite, expected a finite one; lower the learning rate.");
                using var delta = WeightDelta.Dense(matrix.Parameter, change_OI);
                delta.AddTo(session.Model.Parameter(matrix.Parameter));
            }

            return reading.Loss;
        }
    }
}
