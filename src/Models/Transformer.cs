// B = batch, T = positions, L = last positions, D = model width, I = MLP width, V = vocabulary, N = rows.
using Harness.Models.Checkpoints;
using Harness.Models.Generation;
using Harness.Models.Layers;
using Harness.Models.Tokenizers;
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// A decoder-only transformer described by its <see cref="TransformerConfig"/>, in float32. Parameters have no gradients unless a trainer
/// or an editor sets <c>requires_grad</c> on them. One thread at a time.
/// </summary>
public sealed class Transformer : IDisposable
{
    private readonly WeightTable weights;
    private readonly IReadOnlyDictionary<string, Projection> projections;
    private readonly PositionTableCache tables;
    private readonly DecoderLayer[] layers;
    private readonly Norm? embeddingNorm;
    private readonly Norm finalNorm;
    private readonly Projection head;
    private AttachedHooks? attached;

    /// <summary>Takes over the weights, which fit the layout of the configuration.</summary>
    internal Transformer(TransformerConfig config, WeightTable weights)
    {
        (Config, this.weights) = (config, weights);
        var builder = new LayerBuilder(config, weights);
        layers = [.. Enumerable.Range(0, config.Layers).Select(builder.Layer)];
        embeddingNorm = builder.OptionalNorm(Sites.EmbeddingNorm);
        finalNorm = builder.Norm(Sites.FinalNorm);
        head = builder.Head();
        projections = builder.Projections;
        tables = new PositionTableCache(config, weights.Device);
    }

    /// <summary>The model's shape.</summary>
    public TransformerConfig Config { get; }

    /// <summary>Where its weights live and its inputs have to be.</summary>
    public Device Device => weights.Device;

    /// <summary>Every parameter, in one fixed order: that of Hugging Face's LLaMA. A tied head is not listed.</summary>
    public IReadOnlyList<string> ParameterNames => weights.Names;

    /// <summary>
    /// An untrained model: weights N(0, 0.02), projections onto the residual stream scaled by 1/√(2·layers), norms 1 (Radford et al. 2019),
    /// biases 0.
    /// </summary>
    /// <param name="config">Sizes; what the family fixes (norms, positions, biases …) is taken from the family.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="InputException">The numbers of the configuration do not fit each other, or its family is unknown.</exception>
    public static Transformer Create(TransformerConfig config, long seed)
    {
        using var gradientless = no_grad();
        var whole = TransformerFolder.Complete(config);
        return new Transformer(whole, new WeightTable(WeightInit.Draw(whole, seed)));
    }

    /// <summary>Reads a Hugging Face folder: config.json and model.safetensors, in one file or in shards.</summary>
    /// <param name="folder">The folder; it is only read.</param>
    /// <param name="options">Device and streaming; null for float32 in memory.</param>
    /// <exception cref="InputException">Names the file and the field or tensor that is missing, surplus or wrong.</exception>
    public static Transformer Load(string folder, LoadOptions? options = null) =>
        TransformerFolder.Read(folder, options ?? new LoadOptions());

    /// <summary>
    /// Writes config.json, tokenizer.json and model.safetensors into an existing folder; the same bytes for the same model.
    /// </summary>
    public void Save(string folder, BpeTokenizer tokenizer) => TransformerFolder.Write(this, folder, tokenizer);

    /// <summary>
    /// The live parameter: [outputs, inputs] for projections. Changing it in place under <c>no_grad</c> changes the model. The model owns
    /// it. <see cref="Sites.Head"/> gives the embedding where the head is tied. On a streamed model it is in memory from now on.
    /// </summary>
    /// <exception cref="InputException">The model has no such parameter.</exception>
    public Tensor Parameter(string name) => Find(name).Live;

    /// <summary>
    /// What a parameter's values give: [outputs, inputs] float32, good until <paramref name="read"/> returns. On a streamed model they are
    /// read for this and not kept, unlike by <see cref="Parameter"/>.
    /// </summary>
    /// <exception cref="InputException">The model has no such parameter.</exception>
    public T Read<T>(string name, Func<Tensor, T> read) => Find(name).Use(read);

    /// <summary>
    /// SHA-256 of a parameter's float32 values: lower-case hexadecimal, the same wherever and however the model was loaded.
    /// </summary>
    /// <exception cref="InputException">The model has no such parameter.</exception>
    public string Sha256Of(string name) => Find(name).Use(Sha256.Of);

    /// <summary>The shape of a parameter, without reading it.</summary>
    /// <exception cref="InputException">The model has no such parameter.</exception>
    public IReadOnlyList<long> ShapeOf(string name) => Find(name).Shape;

    /// <summary>Rounds parameters to the dtype of the files that they came from: what a saved model will have.</summary>
    public void RoundToStored(IEnumerable<string> names)
    {
        foreach (var name in names) Find(name).RoundToStored();
    }

    /// <summary>Frees what a streamed model has kept of the layers below <paramref name="layer"/>.</summary>
    public void Forget(int layer)
    {
        foreach (var weight in layers.Take(layer).SelectMany(one => one.Weights)) weight.Forget();
    }

    /// <summary>
    /// y += dropout(x) Aᵀ Bᵀ · Scale at one projection until the result is disposed. Several adapters of one projection add up.
    /// </summary>
    /// <exception cref="InputException">The parameter is not a projection of this model.</exception>
    public IDisposable Adapt(string parameter, LowRankAdapter adapter) => projections.TryGetValue(parameter, out var projection)
        ? projection.Attach(adapter)
        : throw new InputException(
            $"adapter: '{parameter}' is not a projection of the model{Nearest.Suggestion(parameter, projections.Keys)}");

    /// <summary>
    /// Lets a hook see, and replace, the activations of every run until the result is disposed. Several run in the order in which they
    /// came, and before the hook of a single run.
    /// </summary>
    public IDisposable Attach(IActivationHook hook) => AttachedHooks.Add(() => attached, value => attached = value, hook);

    /// <summary>Token embeddings, with what the family adds to them: learnt positions, a norm.</summary>
    /// <param name="tokens_BT">[B, T] Int64 ids.</param>
    /// <returns>[B, T, D] float32.</returns>
    public Tensor Embed(Tensor tokens_BT) => EmbedAt(tokens_BT, null);

    /// <summary>The same for tokens behind the positions of a cache.</summary>
    public Tensor Embed(Tensor tokens_BT, KeyValueCache cache)
    {
        using var positions_BT = cache.Begin((int)tokens_BT.shape[1]);
        return EmbedAt(tokens_BT, positions_BT);
    }

    /// <summary>
    /// Layers <paramref name="fromLayer"/> ≤ l &lt; <paramref name="toLayer"/>, causal: right padding needs no mask. Runs that follow each
    /// other equal one run.
    /// </summary>
    /// <param name="hidden_BTD">[B, T, D] float32: the residual stream before <paramref name="fromLayer"/>.</param>
    /// <param name="fromLayer">First layer, 0 to <paramref name="toLayer"/>.</param>
    /// <param name="toLayer">Layer after the last, at most the number of layers.</param>
    /// <param name="hook">Sees and may replace activations; runs in the caller's dispose scope.</param>
    /// <param name="last">
    /// L, 1 to T: how many last positions are wanted behind the last layer, which then computes no others. Null: all.
    /// </param>
    /// <returns>[B, L, D] float32: the residual stream after the last layer; never the argument itself.</returns>
    /// <exception cref="InputException">T is more than the model's positions.</exception>
    public Tensor Run(Tensor hidden_BTD, int fromLayer, int toLayer, IActivationHook? hook = null, long? last = null)
    {
        Check(hidden_BTD, fromLayer, toLayer, last);
        return fromLayer == toLayer ? End(hidden_BTD, last) : RunLayers(hidden_BTD, fromLayer, toLayer, null, hook, last, out _);
    }

    /// <summary>
    /// The same for positions behind those of a cache, which is only looked at: what a <see cref="Step"/> would take up is not kept, and
    /// gradients flow through these positions.
    /// </summary>
    /// <param name="hidden_BTD">[B, T, D] float32: the residual stream of the new positions before <paramref name="fromLayer"/>.</param>
    /// <param name="fromLayer">First layer.</param>
    /// <param name="toLayer">Layer after the last.</param>
    /// <param name="cache">What steps left in these layers.</param>
    /// <param name="last">L, as above.</param>
    /// <returns>[B, L, D] float32.</returns>
    public Tensor Run(Tensor hidden_BTD, int fromLayer, int toLayer, KeyValueCache cache, long? last = null)
    {
        Check(hidden_BTD, fromLayer, toLayer, last);
        if (fromLayer == toLayer) return End(hidden_BTD, last);
        cache.Begin((int)hidden_BTD.shape[1]).Dispose();
        return RunLayers(hidden_BTD, fromLayer, toLayer, cache, null, last, out _);
    }

    /// <summary>
    /// The same for several batches without gradients, layer by layer, so that each layer's weights are read once for all of them. The same
    /// bits as one by one.
    /// </summary>
    /// <param name="batches">[B, T, D] each; disposed as soon as they are used.</param>
    /// <param name="fromLayer">First layer.</param>
    /// <param name="toLayer">Layer after the last.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    /// <returns>The results in the order given.</returns>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> batches, int fromLayer, int toLayer, CancellationToken cancellation = default)
    {
        CheckLayers(fromLayer, toLayer);
        using var gradientless = no_grad();
        Tensor[] current = [.. batches];
        for (var layer = fromLayer; layer < toLayer; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var holding = weights.Hold(layers[layer].Weights);
            for (var i = 0; i < current.Length; i++)
            {
                using var before = current[i];
                current[i] = layers[layer].Apply(before, tables.Of(before.shape[1]), null, attached, before.shape[1], out _);
            }
        }

        // A whole layer's buffers: a training step needs one weight's at a time.
        weights.Trim();
        return current;
    }

    /// <summary>Runs new positions behind those of a cache, which takes them up.</summary>
    /// <param name="tokens_BT">[B, T] Int64: the next ids of each sequence; ids of padding count for nothing.</param>
    /// <param name="cache">What earlier steps left.</param>
    /// <param name="hook">Sees and may replace activations of the new positions.</param>
    /// <returns>[B, T, D] float32: the residual stream after the last layer.</returns>
    public Tensor Step(Tensor tokens_BT, KeyValueCache cache, IActivationHook? hook = null)
    {
        using var positions_BT = cache.Begin((int)tokens_BT.shape[1]);
        using var embedded_BTD = EmbedAt(tokens_BT, positions_BT);
        var hidden_BTD = RunLayers(embedded_BTD, 0, layers.Length, cache, hook, null, out _);
        cache.End();
        return hidden_BTD;
    }

    /// <summary>Final norm and output head over any leading shape: give it the wanted positions only.</summary>
    /// <param name="hidden_ND">[..., D] float32.</param>
    /// <returns>[..., V] float32 logits.</returns>
    public Tensor Head(Tensor hidden_ND)
    {
        using var scope = NewDisposeScope();
        return head.Apply(finalNorm.Apply(hidden_ND)).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of every position: [B, T] Int64 ids to [B, T, V] float32.</summary>
    public Tensor Logits(Tensor tokens_BT, IActivationHook? hook = null)
    {
        using var embedded_BTD = Embed(tokens_BT);
        var hidden_BTD = RunLayers(embedded_BTD, 0, Config.Layers, null, hook, null, out var own);
        var logits_BTV = Head(hidden_BTD);
        if (own) hidden_BTD.Dispose();
        return logits_BTV;
    }

    public void Dispose()
    {
        weights.Dispose();
        tables.Dispose();
    }

    private Tensor EmbedAt(Tensor tokens_BT, Tensor? positions_BT)
    {
        using var scope = NewDisposeScope();
        var (batch, positions) = (tokens_BT.shape[0], tokens_BT.shape[1]);
        var hidden_BTD = weights[Sites.Embedding].Rows(tokens_BT.reshape(-1)).view(batch, positions, Config.Width);
        if (weights.Find(Sites.Positions) is { } learnt)
        {
            Config.CheckLength(positions);
            var places = positions_BT?.reshape(-1) ?? TensorArithmetic.Counting(positions, device: Device);
            hidden_BTD = hidden_BTD.Plus(learnt.Rows(places).view(-1, positions, Config.Width));
        }

        return (embeddingNorm?.Apply(hidden_BTD) ?? hidden_BTD).MoveToOuterDisposeScope();
    }

    // A hook's replacement (own = false) is the hook's: only what the layers made is disposed here.
    private Tensor RunLayers(
        Tensor hidden_BTD, int fromLayer, int toLayer, KeyValueCache? cache, IActivationHook? hook, long? last, out bool own)
    {
        var positions = cache is null ? tables.Of(hidden_BTD.shape[1]) : null;
        var current_BTD = hidden_BTD;
        hook = attached?.Before(hook) ?? hook;
        own = false;
        for (var layer = fromLayer; layer < toLayer; layer++)
        {
            var wanted = layer == toLayer - 1 ? last ?? current_BTD.shape[1] : current_BTD.shape[1];
            var next_BTD = layers[layer].Apply(current_BTD, positions, cache, hook, wanted, out var made);
            if (own) current_BTD.Dispose();
            (current_BTD, own) = (next_BTD, made);
        }

        return current_BTD;
    }

    private static Tensor End(Tensor hidden_BTD, long? last) => hidden_BTD.view(hidden_BTD.shape).Last(1, last ?? hidden_BTD.shape[1]);

    private Weight Find(string name) => weights[name == Sites.Head && Config.TiedHead ? Sites.Embedding : name];

    private void Check(Tensor hidden_BTD, int fromLayer, int toLayer, long? last)
    {
        CheckLayers(fromLayer, toLayer);
        if (hidden_BTD.dim() != 3 || hidden_BTD.shape[2] != Config.Width)
        {
            throw new ArgumentException(
                $"hidden state is [{string.Join(", ", hidden_BTD.shape)}]; expected [B, T, {Config.Width}]", nameof(hidden_BTD));
        }

        if (last < 1 || last > hidden_BTD.shape[1])
            throw new ArgumentOutOfRangeException(nameof(last), last, $"expected 1 to the {hidden_BTD.shape[1]} positions");
    }

    private void CheckLayers(int fromLayer, int toLayer)
    {
        if (fromLayer < 0 || toLayer > layers.Length || fromLayer > toLayer)
            throw new ArgumentOutOfRangeException(nameof(fromLayer), $"layers {fromLayer} to {toLayer} of a model with {layers.Length}");
    }
}
