// B = batch, T = positions, D = model width, N = tokens that are read, I = inputs of a matrix, O = its outputs.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

/// <summary>
/// Reads, for each of some matrices, the pairs of input and output gradient at the tokens of edits. The loss is the common one of each
/// sequence by itself, mean cross entropy on its answer, and the sequences' losses are added up: what is read of a sequence does not depend
/// on its company.
/// </summary>
/// <param name="session">The model, as it stands at each call.</param>
/// <param name="matrices">What is read; layers below the first of them are run without gradients.</param>
/// <param name="tokens">Which tokens are read.</param>
internal sealed class GradientReader(EditSession session, IReadOnlyList<EditedMatrix> matrices, ReadTokens tokens)
{
    // Sequences of similar length in one pass; it bounds memory and changes numbers by rounding only.
    private const int RowsPerPass = 64;

    /// <summary>Reads sequences at the model's present weights.</summary>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public GradientReading Read(IReadOnlyList<Sequence> sequences)
    {
        using var scope = NewDisposeScope();
        var order = Enumerable.Range(0, sequences.Count).OrderBy(i => sequences[i].Ids.Length).ToArray();
        var passes = order.Chunk(RowsPerPass).Select(chunk => Pass([.. chunk.Select(i => sequences[i])])).ToList();

        // Back to the order of the sequences.
        var starts = new int[sequences.Count + 1];
        for (var i = 0; i < sequences.Count; i++)
            starts[i + 1] = starts[i] + Positions(sequences[i]).Count;
        var (read, next) = (new long[starts[^1]], 0L);
        foreach (var sequence in order)
        {
            for (var row = starts[sequence]; row < starts[sequence + 1]; row++)
                read[row] = next++;
        }

        var all = matrices.Select((_, matrix) => new TokenGradients(
            cat([.. passes.Select(pass => pass.Read[matrix].Keys_NI)]),
            cat([.. passes.Select(pass => pass.Read[matrix].Gradients_NO)])).Rows(read)).ToList();
        foreach (var (keys_NI, gradients_NO) in all)
        {
            keys_NI.MoveToOuterDisposeScope();
            gradients_NO.MoveToOuterDisposeScope();
        }

        return new(all, starts, passes.Sum(pass => pass.Loss) / sequences.Count);
    }

    private (IReadOnlyList<TokenGradients> Read, double Loss) Pass(IReadOnlyList<Sequence> sequences)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var model = session.Model;
        var batch = new TokenBatch(sequences, model.Device);
        var first = matrices.Min(matrix => matrix.Layer);
        var width = batch.Tokens_BT.shape[1];
        var rows_N = tensor(
            sequences.SelectMany((sequence, row) => Positions(sequence).Select(position => (row * width) + position)).ToArray(),
                device: model.Device);
        var probe = new OutputProbe(model, matrices, rows_N);
        var hidden_BTD = model.Run(Below(batch.Tokens_BT, first), first, model.Config.Layers, probe);
        var losses_M = TokenLoss.PerLabel(model, TokenBatch.Select(hidden_BTD, batch.TargetRows_N), batch.TargetLabels_N);
        var shares = sequences.SelectMany(sequence => Enumerable.Repeat(1f / sequence.TargetLength, sequence.TargetLength)).ToArray();
        var loss = losses_M.mul(tensor(shares, device: model.Device)).sum();
        var read = probe.Read(loss);
        // Two projections of a layer share their keys.
        foreach (var tensor in read.SelectMany(matrix => new[] { matrix.Keys_NI, matrix.Gradients_NO }).Distinct())
            tensor.MoveToOuterDisposeScope();
        return (read, loss.AsDouble());
    }

    private Tensor Below(Tensor tokens_BT, int layer)
    {
        using var guard = no_grad();
        return session.Model.Run(session.Model.Embed(tokens_BT), 0, layer);
    }

    // A last token is predicted only.
    private List<int> Positions(Sequence sequence)
    {
        var from = tokens == ReadTokens.Answer ? sequence.TargetStart - 1 : 0;
        return [.. Enumerable.Range(from, sequence.Ids.Length - 1 - from)];
    }
}

/// <summary>Which tokens of an edit are read.</summary>
public enum ReadTokens
{
    /// <summary>The positions that predict the answer's tokens.</summary>
    Answer,

    /// <summary>Every position of prompt and answer.</summary>
    All,
}

/// <summary>
/// What one matrix reads at some tokens, and the gradient of the loss by what it gives there; float32 on the model's device.
/// </summary>
/// <param name="Keys_NI">Inputs, one row per token.</param>
/// <param name="Gradients_NO">Gradients by the outputs, row by row.</param>
internal sealed record TokenGradients(Tensor Keys_NI, Tensor Gradients_NO)
{
    /// <summary>[key; gradient], [N, I + O].</summary>
    public Tensor Pairs_NW => cat([Keys_NI, Gradients_NO], 1);

    /// <summary>The rows in which neither key nor gradient is all 0.</summary>
    public TokenGradients NotZero()
    {
        using var scope = NewDisposeScope();
        var rows = Keys_NI.ne(Held(0)).any(1).logical_and(Gradients_NO.ne(Held(0)).any(1)).nonzero().squeeze(1);
        return new(Keys_NI.index_select(0, rows).MoveToOuterDisposeScope(), Gradients_NO.index_select(0, rows).MoveToOuterDisposeScope());
    }

    /// <summary>Some of the rows, in the order given.</summary>
    public TokenGradients Rows(long[] rows)
    {
        using var rows_M = tensor(rows, device: Keys_NI.device);
        return new(Keys_NI.index_select(0, rows_M), Gradients_NO.index_select(0, rows_M));
    }
}

/// <summary>What a <see cref="GradientReader"/> read: for each matrix its tokens, sequence after sequence.</summary>
/// <param name="Matrices">In the order of the reader's matrices; all have the same tokens.</param>
/// <param name="Starts">For each sequence its first row, and at the end the number of rows.</param>
/// <param name="Loss">Mean of the sequences' losses, in nats.</param>
internal sealed record GradientReading(IReadOnlyList<TokenGradients> Matrices, IReadOnlyList<int> Starts, double Loss)
{
    /// <summary>The same of some of the sequences; the caller's dispose scope owns it.</summary>
    public IReadOnlyList<TokenGradients> Of(IReadOnlyList<int> sequences)
    {
        var rows = sequences.SelectMany(one => Enumerable.Range(Starts[one], Starts[one + 1] - Starts[one])).Select(row => (long)row)
            .ToArray();
        return [.. Matrices.Select(matrix => matrix.Rows(rows))];
    }
}

/// <summary>
/// Keeps what the projections of some MLPs read, and adds zeros that require gradients to what the MLPs make, so that the gradients by the
/// projections' outputs can be asked for.
/// </summary>
/// <param name="model">The model that is run.</param>
/// <param name="matrices">The projections.</param>
/// <param name="rows_N">b·T + t of every token that is read.</param>
internal sealed class OutputProbe(Transformer model, IReadOnlyList<EditedMatrix> matrices, Tensor rows_N) : IActivationHook
{
    private readonly Dictionary<int, Tensor> normed = [];
    private readonly Dictionary<int, Tensor> keys = [];
    private readonly Dictionary<(int Layer, bool Output), Tensor> zeros = [];

    /// <inheritdoc/>
    public void MlpInput(int layer, Tensor normed_BTD)
    {
        if (Reads(layer, MlpProjection.Up) || Reads(layer, MlpProjection.Gate))
            normed[layer] = TokenBatch.Select(normed_BTD.detach(), rows_N);
    }

    /// <inheritdoc/>
    public Tensor DownProjectionInput(int layer, Tensor key_BTI)
    {
        if (Reads(layer, MlpProjection.Down))
            keys[layer] = TokenBatch.Select(key_BTI.detach(), rows_N);
        return normed.ContainsKey(layer) ? key_BTI.Plus(Zeros(layer, false, key_BTI)) : key_BTI;
    }

    /// <inheritdoc/>
    public Tensor MlpOutput(int layer, Tensor value_BTD) =>
        Reads(layer, MlpProjection.Down) ? value_BTD.Plus(Zeros(layer, true, value_BTD)) : value_BTD;

    /// <summary>What was read, in the order of the matrices; the caller's dispose scope owns it.</summary>
    /// <param name="loss">A scalar whose graph goes through the run.</param>
    public IReadOnlyList<TokenGradients> Read(Tensor loss)
    {
        var places = zeros.Keys.ToList();
        var gradients = autograd.grad([loss], places.ConvertAll(place => zeros[place]));
        var byPlace = places.Zip(gradients, (place, gradient_BTX) => (place, gradient_NX: TokenBatch.Select(gradient_BTX, rows_N)))
            .ToDictionary(pair => pair.place, pair => pair.gradient_NX);
        return [.. matrices.Select(matrix => matrix.Projection == MlpProjection.Down
            ? new TokenGradients(keys[matrix.Layer], byPlace[(matrix.Layer, true)])
            : new TokenGradients(normed[matrix.Layer], BeforeActivation(matrix, byPlace[(matrix.Layer, false)])))];
    }

    private bool Reads(int layer, MlpProjection projection) => matrices.Contains(new EditedMatrix(layer, projection));

    private Tensor Zeros(int layer, bool output, Tensor like) => zeros[(layer, output)] = zeros_like(like.detach()).requires_grad_(true);

    // From the gradient by the MLP's inner activation to that by what the up- or gate projection gives.
    private Tensor BeforeActivation(EditedMatrix matrix, Tensor gradient_NI)
    {
        var up_NI = Output(Sites.Up(matrix.Layer), normed[matrix.Layer]);
        if (!model.Config.Gated)
            return autograd.grad([Activate(up_NI)], [up_NI], [gradient_NI])[0];

        var gate_NI = Output(Sites.Gate(matrix.Layer), normed[matrix.Layer]);
        return autograd.grad([Activate(gate_NI) * up_NI], [matrix.Projection == MlpProjection.Up ? up_NI : gate_NI], [gradient_NI])[0];
    }

    private Tensor Output(string weight, Tensor input_ND)
    {
        using var guard = no_grad();
        var bias = model.Config.MlpBias ? model.Parameter(Sites.Bias(weight)) : null;
        return nn.functional.linear(input_ND, model.Parameter(weight), bias).requires_grad_(true);
    }

    private Tensor Activate(Tensor input) => model.Config.Activation switch
    {
        Activation.Silu => nn.functional.silu(input),
        Activation.Gelu => nn.functional.gelu(input),
        _ => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
    };
}
