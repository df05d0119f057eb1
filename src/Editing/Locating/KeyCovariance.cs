// I = MLP width, N = right sides.
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>Linear systems in the second moments of keys, in float64.</summary>
internal static class KeyCovariance
{
    /// <summary>The covariance of a layer, float64, owned by the session's statistics.</summary>
    /// <exception cref="InputException">The session has no statistics, or they have another width.</exception>
    public static Tensor Of(EditSession session, string editor, int layer)
    {
        if (session.Statistics is null)
        {
            throw new InputException(
                $"Editor '{editor}' needs key statistics of layer {layer}, and the session has none; compute them for this model first.");
        }

        var covariance_II = session.Statistics.Covariance(layer);
        var width = session.Model.Config.MlpWidth;
        return covariance_II.shape is [var rows, var columns] && rows == width && columns == width
            ? covariance_II
            : throw new InputException($"Key statistics of layer {layer} have shape [{string.Join(", ", covariance_II.shape)}], "
                + $"expected [{width}, {width}]; compute them for this model.");
    }

    /// <summary>X of <paramref name="matrix_II"/> X = <paramref name="right_IN"/>.</summary>
    /// <param name="matrix_II">[I, I] float64.</param>
    /// <param name="right_IN">[I, N] float64.</param>
    /// <param name="remedy">What to do where the matrix is singular.</param>
    /// <param name="found">What is singular then. Default: the covariance, of too few tokens.</param>
    /// <returns>[I, N] float64, owned by the caller's dispose scope.</returns>
    /// <exception cref="InputException">The matrix is singular.</exception>
    public static Tensor Solve(Tensor matrix_II, Tensor right_IN, string remedy, string? found = null)
    {
        using var scope = NewDisposeScope();
        try
        {
            var solution_IN = linalg.solve(matrix_II, right_IN);
            if (double.IsFinite(solution_IN.abs().max().AsDouble()))
                return solution_IN.MoveToOuterDisposeScope();
        }
        catch (ExternalException exception) when (exception.Message.Contains("singular", StringComparison.OrdinalIgnoreCase))
        {
            throw Singular(exception);
        }

        throw Singular(null);

        InputException Singular(Exception? cause)
        {
            found ??= $"The covariance of {matrix_II.shape[0]} keys' elements is singular: too few tokens were counted";
            var message = $"{found}; {remedy}.";
            return cause is null ? new(message) : new(message, cause);
        }
    }
}
