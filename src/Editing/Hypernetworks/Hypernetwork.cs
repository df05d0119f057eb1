// N = tokens that are read, I = inputs of a matrix, O = its outputs, W = I + O, M = matrices.
using Harness.Editing.Gradients;
using static TorchSharp.torch;

namespace Harness.Editing.Hypernetworks;

/// <summary>
/// What turns the keys and gradients of edits into those of a better change: one <see cref="ResidualNetwork"/> and one normaliser for each
/// shape among the edited matrices, and for each matrix a rate α and the logarithm of a ridge.
/// </summary>
internal sealed class Hypernetwork : IDisposable
{
    private readonly HypernetworkSettings settings;
    private readonly List<Part> parts;
    private readonly Tensor rates_M;
    private readonly Tensor ridges_M;

    /// <summary>One that is untrained.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="settings">Shape and start.</param>
    public Hypernetwork(EditSession session, HypernetworkSettings settings)
    {
        this.settings = settings;
        Matrices = EditedMatrix.All(session, settings.Editor, settings.Layers, settings.Projections);
        var (model, device) = (session.Model, session.Model.Device);
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, $"{settings.Editor}/start")));
        using var scope = NewDisposeScope();
        parts = [.. Matrices.GroupBy(matrix => (Outputs: model.ShapeOf(matrix.Parameter)[0], Inputs: model.ShapeOf(matrix.Parameter)[1]))
            .Select(shape => new Part(
                shape.Key.Inputs, [.. shape],
                new ResidualNetwork(settings, shape.Key.Inputs + shape.Key.Outputs, shape.Count(), random, device),
                new RunningMoments(shape.Key.Inputs + shape.Key.Outputs, device)))];
        (rates_M, ridges_M) =
            (Own(full([Matrices.Count], Held(settings.Rate), device: device)), Own(zeros(Matrices.Count, device: device)));
    }

    /// <summary>The edited matrices, layer by layer.</summary>
    public IReadOnlyList<EditedMatrix> Matrices { get; }

    /// <summary>Weights of the networks, and the ridges.</summary>
    public IReadOnlyList<Tensor> Weights => [.. parts.SelectMany(part => part.Network.Parameters).Select(pair => pair.Value), ridges_M];

    /// <summary>α of each matrix.</summary>
    public Tensor Rates_M => rates_M;

    /// <summary>Takes up what was read into the normalisers, where inputs are normalised.</summary>
    public void Observe(IReadOnlyList<TokenGradients> read)
    {
        if (!settings.Normalise)
            return;
        for (var matrix = 0; matrix < read.Count; matrix++)
        {
            using var pairs_NW = read[matrix].Pairs_NW;
            PartOf(matrix).Moments.Add(pairs_NW);
        }
    }

    /// <summary>Keys and gradients of a matrix transformed, with the graph of the networks; owned by the caller's dispose scope.</summary>
    public (Tensor Keys_NI, Tensor Gradients_NO) Transform(int matrix, TokenGradients read)
    {
        using var scope = NewDisposeScope();
        var part = PartOf(matrix);
        var rows_NW = settings.Normalise ? part.Moments.Normalise(read.Pairs_NW) : read.Pairs_NW;
        var made_NW = part.Network.Transform(rows_NW, part.Matrices.IndexOf(Matrices[matrix]));
        return (made_NW.narrow(1, 0, part.Inputs).MoveToOuterDisposeScope(),
            made_NW.narrow(1, part.Inputs, made_NW.shape[1] - part.Inputs).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// e to the power of a matrix's ridge parameter, 1 at first: a scalar with a graph, owned by the caller's dispose scope.
    /// </summary>
    public Tensor Ridge(int matrix)
    {
        using var one = ridges_M[matrix];
        return one.exp();
    }

    /// <summary>One that is trained or read by <paramref name="fill"/>; disposed where that fails.</summary>
    public static Hypernetwork New(EditSession session, HypernetworkSettings settings, Action<Hypernetwork> fill)
    {
        var network = new Hypernetwork(session, settings);
        try
        {
            fill(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Writes everything to a safetensors file; the same bytes for the same values.</summary>
    public void Save(string file) => HypernetworkFile.Write(file, settings, Tensors, parts.ConvertAll(part => part.Moments));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The session has no such file, or it was written for another editor, model or other
    /// options.</exception>
    public static Hypernetwork Load(EditSession session, HypernetworkSettings settings)
    {
        if (session.TrainedFile is not { } file)
        {
            throw new InputException(
                $"Editor '{settings.Editor}' needs its trained hypernetwork, and the session has none; " +
                    "run the editor's training for this model first.");
        }

        return New(session, settings,
            network => HypernetworkFile.Read(file, settings, network.Tensors, network.parts.ConvertAll(part => part.Moments)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts)
        {
            part.Network.Dispose();
            part.Moments.Dispose();
        }

        rates_M.Dispose();
        ridges_M.Dispose();
    }

    private IReadOnlyList<(string Name, Tensor Value)> Tensors =>
    [
        ("rates", rates_M), ("ridges", ridges_M),
        .. parts.SelectMany((part, number) => part.Network.Parameters.Select(pair => ($"shape.{number}.{pair.Name}", (Tensor)pair.Value))),
    ];

    private Part PartOf(int matrix) => parts.First(part => part.Matrices.Contains(Matrices[matrix]));

    private static Tensor Own(Tensor value) => value.with_requires_grad().DetachFromDisposeScope();

    private sealed record Part(long Inputs, List<EditedMatrix> Matrices, ResidualNetwork Network, RunningMoments Moments);
}
