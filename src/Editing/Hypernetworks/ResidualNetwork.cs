// N = rows, W = inputs + outputs of a matrix, R = rank, M = matrices of one shape.
using static TorchSharp.torch;

namespace Harness.Editing.Hypernetworks;

/// <summary>
/// Low-rank residual blocks over rows [key; gradient], shared by all matrices of one shape; each matrix has a scale and an offset of its
/// own. B, b and o begin with 0, s with 1 and A with N(0, 1), so that it is the identity at first.
/// </summary>
internal sealed class ResidualNetwork : IDisposable
{
    private static readonly string[] Names = ["a", "b", "bias", "scale", "offset"];
    private readonly Tensor[][] blocks;
    private readonly ScalePlace scale;

    /// <summary>A network that is the identity.</summary>
    public ResidualNetwork(HypernetworkSettings settings, long width, int matrices, Generator random, Device device)
    {
        scale = settings.Scale;
        using var scope = NewDisposeScope();
        var rank = Math.Min(settings.Rank, width);
        blocks = [.. Enumerable.Range(0, settings.Blocks).Select(_ => new[]
        {
            Own(randn([rank, width], generator: random).to(device)),
            Own(zeros([width, rank], device: device)),
            Own(zeros(width, device: device)),
            Own(ones([matrices, width], device: device)),
            Own(zeros([matrices, width], device: device)),
        })];
    }

    /// <summary>Everything that is trained, by name.</summary>
    public IEnumerable<(string Name, Tensor Value)> Parameters =>
        blocks.SelectMany((block, number) => block.Zip(Names, (value, name) => ($"block.{number}.{name}", value)));

    /// <summary>The rows transformed, [N, W] float32, with gradients; owned by the caller's dispose scope.</summary>
    /// <param name="rows_NW">[N, W] float32.</param>
    /// <param name="matrix">Which of the matrices of this shape they belong to.</param>
    public Tensor Transform(Tensor rows_NW, int matrix)
    {
        using var scope = NewDisposeScope();
        foreach (var block in blocks)
        {
            var (a_RW, b_WR, bias_W, scale_W, offset_W) = (block[0], block[1], block[2], block[3][matrix], block[4][matrix]);
            var inner_NW = nn.functional.linear(nn.functional.linear(rows_NW, a_RW), b_WR, bias_W);

            // Not ReLU, whose gradient at 0, where every block begins, is 0.
            rows_NW = rows_NW.Plus(scale == ScalePlace.BeforeClamp
                ? (inner_NW * scale_W).Plus(offset_W).clamp_min(Held(0))
                : (inner_NW.clamp_min(Held(0)) * scale_W).Plus(offset_W));
        }

        return rows_NW.alias().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, value) in Parameters)
            value.Dispose();
    }

    private static Tensor Own(Tensor value) => value.with_requires_grad().DetachFromDisposeScope();
}
