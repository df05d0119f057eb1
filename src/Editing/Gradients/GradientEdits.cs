// N = tokens, or any rows, I = inputs of a matrix, O = its outputs, W = their width.
using Harness.Editing.Pipelines;
using Harness.Models;
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

/// <summary>A projection of a layer's MLP.</summary>
public enum MlpProjection
{
    /// <summary>The down-projection.</summary>
    Down,

    /// <summary>The up-projection.</summary>
    Up,

    /// <summary>The gate projection, of models that have one.</summary>
    Gate,
}

/// <summary>One matrix that is edited by way of its inputs and of the gradients by its outputs.</summary>
internal sealed record EditedMatrix(int Layer, MlpProjection Projection)
{
    /// <summary>Name of the parameter.</summary>
    public string Parameter => Projection switch
    {
        MlpProjection.Up => Sites.Up(Layer),
        MlpProjection.Gate => Sites.Gate(Layer),
        _ => Sites.DownProjection(Layer),
    };

    /// <summary>The wanted projections of every wanted layer, layer by layer.</summary>
    /// <exception cref="InputException">The model lacks a layer or the gate, or a layer has experts.</exception>
    public static IReadOnlyList<EditedMatrix> All(
        EditSession session, string editor, IReadOnlyList<int> layers, IReadOnlyList<MlpProjection> projections)
    {
        Layers.Check(session, editor, layers);
        if (projections.Contains(MlpProjection.Gate) && !session.Model.Config.Gated)
        {
            throw new InputException($"Editor '{editor}': found projection gate, which a {session.Model.Config.Family} model lacks; "
                + "expected down or up; leave the gate out.");
        }

        return [.. layers.SelectMany(layer => projections.Select(projection => new EditedMatrix(layer, projection)))];
    }

    /// <summary>Violations of a choice of layers and projections that can be seen without a model.</summary>
    public static IReadOnlyList<string> Validate(IReadOnlyList<int> layers, IReadOnlyList<MlpProjection> projections) => new OptionChecks()
        .Check(
            layers.Count > 0 && layers[0] >= 0 && layers.Zip(layers.Skip(1)).All(pair => pair.First < pair.Second),
            "layers", string.Join(", ", layers), "at least one, from 0 on, ascending")
        .Check(
            projections.Count > 0 && projections.Distinct().Count() == projections.Count,
            "projections", string.Join(", ", projections).ToLowerInvariant(), "at least one of down, up, gate, each once")
        .Violations;
}

/// <summary>
/// The change of a matrix that moves its outputs at some inputs by wanted values, by least squares with a ridge (MALMEN, Tan et al. 2024).
/// </summary>
internal static class RidgeSolution
{
    /// <summary>ΔW of (KᵀK + λ) ΔWᵀ = KᵀV, in float64, with gradients; solved in the smaller of the two equal forms.</summary>
    /// <param name="keys_NI">K.</param>
    /// <param name="values_NO">V.</param>
    /// <param name="ridge">λ, above 0, a scalar.</param>
    /// <returns>[O, I] float64, owned by the caller's dispose scope.</returns>
    public static Tensor Of(Tensor keys_NI, Tensor values_NO, Tensor ridge)
    {
        using var scope = NewDisposeScope();
        var (keys64_NI, values64_NO, ridge64) =
            (keys_NI.to(ScalarType.Float64), values_NO.to(ScalarType.Float64), ridge.to(ScalarType.Float64));
        var (tokens, inputs) = (keys_NI.shape[0], keys_NI.shape[1]);
        var change_IO = tokens < inputs
            ? keys64_NI.t().matmul(linalg.solve(keys64_NI.matmul(keys64_NI.t()).Plus(Ridge(tokens)), values64_NO))
            : linalg.solve(keys64_NI.t().matmul(keys64_NI).Plus(Ridge(inputs)), keys64_NI.t().matmul(values64_NO));
        return change_IO.t().MoveToOuterDisposeScope();

        Tensor Ridge(long size) => eye(size, dtype: ScalarType.Float64, device: keys_NI.device) * ridge64;
    }
}

/// <summary>
/// Mean and standard deviation of all rows seen so far, element by element, in float64; further rows are taken up without those before
/// (Chan et al. 1979). It stays exact where the reference code of RLEdit and UltraEdit scales each part's sum of squares by N/(N − 1).
/// </summary>
internal sealed class RunningMoments : IDisposable
{
    // Guard against elements that never vary; the references' (float32's machine epsilon).
    private const double Guard = 1.1920929e-7;

    /// <summary>Moments of no rows.</summary>
    public RunningMoments(long width, Device device)
    {
        using var scope = NewDisposeScope();
        Mean_W = zeros(width, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
        Squares_W = zeros(width, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
    }

    /// <summary>Rows seen.</summary>
    public long Count { get; set; }

    /// <summary>Their mean, [W] float64, owned by this.</summary>
    public Tensor Mean_W { get; }

    /// <summary>Sum of squared deviations from the mean, [W] float64, owned by this.</summary>
    public Tensor Squares_W { get; }

    /// <summary>Takes rows up.</summary>
    /// <param name="rows_NW">[N, W].</param>
    public void Add(Tensor rows_NW)
    {
        var count = rows_NW.shape[0];
        if (count == 0)
            return;

        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var rows64_NW = rows_NW.to(ScalarType.Float64);
        var own_W = rows64_NW.mean([0]);
        var step_W = own_W - Mean_W;
        var all = Count + count;
        Squares_W.PlusInPlace((rows64_NW - own_W).pow(Held(2)).sum(0L))
            .PlusInPlace(step_W.pow(Held(2)) * Held((double)Count * count / all));
        Mean_W.PlusInPlace(step_W * Held((double)count / all));
        Count = all;
    }

    /// <summary>(x − mean) / (standard deviation, with N − 1, + a guard).</summary>
    /// <param name="rows_NW">[N, W] float32.</param>
    /// <returns>[N, W] float32, owned by the caller's dispose scope.</returns>
    public Tensor Normalise(Tensor rows_NW)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var deviation_W = (Squares_W / Held(Math.Max(Count - 1, 1))).sqrt();
        return ((rows_NW.to(ScalarType.Float64) - Mean_W) / deviation_W.Plus(Held(Guard))).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean_W.Dispose();
        Squares_W.Dispose();
    }
}
