// N = rows, W = their width.
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

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
