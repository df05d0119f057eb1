using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>The end of a sequence: what only the last positions are wanted of.</summary>
internal static class LastPositions
{
    /// <summary>The last so many entries of a dimension, as a view; the tensor itself where it has no more.</summary>
    public static Tensor Last(this Tensor all, int dimension, long count)
    {
        var length = all.size(dimension);
        return length == count ? all : all.narrow(dimension, length - count, count);
    }
}
