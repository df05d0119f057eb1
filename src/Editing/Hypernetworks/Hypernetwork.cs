// N = rows: tokens that are read, I = inputs of a matrix, O = its outputs, W = I + O, M = matrices of one shape, R = rank.
using System.Globalization;
using Harness.Editing.Gradients;
using Harness.Models.Checkpoints;
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

/// <summary>Where a block's scale and offset of each matrix act.</summary>
internal enum ScalePlace
{
    /// <summary>x + max(0, s ⊙ (B A x + b) + o) (MEND, eq. 3).</summary>
    BeforeClamp,

    /// <summary>x + s ⊙ max(0, B A x + b) + o (MALMEN's and RLEdit's code).</summary>
    AfterClamp,
}

/// <summary>Shape and start of a <see cref="Hypernetwork"/>; the public options say what each number means.</summary>
internal sealed record HypernetworkSettings(
    string Editor, IReadOnlyList<int> Layers, IReadOnlyList<MlpProjection> Projections, int Rank, int Blocks, double Rate, bool Normalise,
        ScalePlace Scale)
{
    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(EditedMatrix.Validate(Layers, Projections)).AtLeast("rank", Rank, 1).AtLeast("blocks", Blocks, 1)
            .Positive("edit-rate", Rate).Violations;
}

/// <summary>A trained hypernetwork as a safetensors file; what it was made for is in the metadata and checked on reading.</summary>
internal static class HypernetworkFile
{
    private const string Format = "harness-hypernetwork-1";

    /// <summary>Writes the tensors and the normalisers' moments.</summary>
    public static void Write(
        string file, HypernetworkSettings settings, IReadOnlyList<(string Name, Tensor Value)> tensors,
            IReadOnlyList<RunningMoments> moments)
    {
        var metadata = new SortedDictionary<string, string>(Purpose(settings), StringComparer.Ordinal);
        for (var i = 0; i < moments.Count; i++)
            metadata[$"shape.{i}.count"] = moments[i].Count.ToString(CultureInfo.InvariantCulture);
        SafetensorsFile.Write(file, [.. tensors, .. moments.SelectMany(Stored)], metadata);
    }

    /// <summary>Reads the same into tensors of the same names and shapes.</summary>
    /// <exception cref="InputException">The file is damaged or was written for something else.</exception>
    public static void Read(
        string file, HypernetworkSettings settings, IReadOnlyList<(string Name, Tensor Value)> tensors,
            IReadOnlyList<RunningMoments> moments)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var stored = SafetensorsFile.Open(file);
        foreach (var (name, expected) in Purpose(settings))
        {
            if (stored.Metadata.GetValueOrDefault(name) is var found && found != expected)
                throw new InputException($"{file}: found {name} '{found ?? "none"}', expected '{expected}'; " +
                    "train the hypernetwork under the options that it is used with.");
        }

        (string Name, Tensor Value)[] all = [.. tensors, .. moments.SelectMany(Stored)];
        foreach (var (name, value) in all)
        {
            if (!stored.Names.Contains(name) || !stored.ShapeOf(name).SequenceEqual(value.shape))
            {
                var found = stored.Names.Contains(name) ? $"[{string.Join(", ", stored.ShapeOf(name))}]" : "no such tensor";
                throw new InputException(
                    $"{file}: tensor '{name}': found {found}, expected [{string.Join(", ", value.shape)}]; " +
                        "train the hypernetwork for this model.");
            }

            value.copy_(stored.Read(name));
        }

        for (var i = 0; i < moments.Count; i++)
        {
            moments[i].Count = long.TryParse(
                stored.Metadata.GetValueOrDefault($"shape.{i}.count"), CultureInfo.InvariantCulture, out var count)
                ? count
                : throw new InputException(
                    $"{file}: found no count of shape {i} in the metadata, expected one; train the hypernetwork again.");
        }
    }

    private static Dictionary<string, string> Purpose(HypernetworkSettings settings) => new()
    {
        ["format"] = Format,
        ["editor"] = settings.Editor,
        ["layers"] = string.Join(",", settings.Layers),
        ["projections"] = string.Join(",", settings.Projections).ToLowerInvariant(),
        ["blocks"] = settings.Blocks.ToString(CultureInfo.InvariantCulture),
        ["normalise"] = settings.Normalise ? "true" : "false",
    };

    private static IEnumerable<(string Name, Tensor Value)> Stored(RunningMoments moments, int number) =>
        [($"shape.{number}.mean", moments.Mean_W), ($"shape.{number}.squares", moments.Squares_W)];
}
