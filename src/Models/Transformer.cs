// B = batch, T = positions, D = model width, I = MLP width, V = vocabulary, N = rows.
using Harness.Models.Layers;
using Harness.Models.Tokenizers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// A decoder-only transformer described by its <see cref="TransformerConfig"/>, in float32. Parameters have no gradients unless a trainer
/// or an editor sets <c>requires_grad</c> on them. One thread at a time.
/// </summary>
public sealed class Transformer : IDisposable
{
    private readonly Dictionary<string, Parameter> parameters = [];
    private readonly Dictionary<string, Projection> projections = [];
    private readonly Dictionary<long, PositionTables> tables = [];
    private readonly DecoderLayer[] layers;
    private readonly RmsNorm finalNorm;
    private readonly Projection head;

    /// <summary>Takes over the tensors, which fit the layout of the configuration, in its order.</summary>
    internal Transformer(TransformerConfig config, IEnumerable<(string Name, Tensor Value)> weights)
    {
        Config = config;
        var names = new List<string>();
        foreach (var (name, value) in weights)
        {
            names.Add(name);
            parameters.Add(name, new Parameter(value, false));
            parameters[name].DetachFromDisposeScope();
        }

        ParameterNames = names;
        layers = [.. Enumerable.Range(0, config.Layers).Select(Layer)];
        finalNorm = Norm(Sites.FinalNorm);
        head = config.TiedHead ? new Projection(Sites.Head, parameters[Sites.Embedding]) : Projection(Sites.Head);
    }

    /// <summary>The model's shape.</summary>
    public TransformerConfig Config { get; }

    /// <summary>Every parameter, in the order of Hugging Face's LLaMA. A tied head is not listed.</summary>
    public IReadOnlyList<string> ParameterNames { get; }

    /// <summary>
    /// An untrained model: weights N(0, 0.02), projections onto the residual stream scaled by 1/√(2·layers), norms 1 (Radford et al. 2019).
    /// </summary>
    /// <exception cref="InputException">The numbers of the configuration do not fit each other, or its family is unknown.</exception>
    public static Transformer Create(TransformerConfig config, long seed)
    {
        Families.ModelFamily.Find(config.Family, "model shape");
        config.Validate("model shape");
        using var gradientless = no_grad();
        return new Transformer(config, WeightInit.Draw(config, seed));
    }

    /// <summary>Reads a Hugging Face folder: config.json and model.safetensors, in one file or in shards. Weights become float32.</summary>
    /// <exception cref="InputException">Names the file and the field or tensor that is missing, surplus or wrong.</exception>
    public static Transformer Load(string folder) => TransformerFolder.Read(folder);

    /// <summary>
    /// Writes config.json, tokenizer.json and model.safetensors into an existing folder; the same bytes for the same model.
    /// </summary>
    public void Save(string folder, BpeTokenizer tokenizer) => TransformerFolder.Write(this, folder, tokenizer);

    /// <summary>
    /// The live parameter: [outputs, inputs] for projections, a <see cref="TorchSharp.Modules.Parameter"/> by type, so that it fits an
    /// optimiser. Changing it in place under <c>no_grad</c> changes the model. The model owns it. <see cref="Sites.Head"/> gives the
    /// embedding where the head is tied.
    /// </summary>
    /// <exception cref="InputException">The model has no such parameter.</exception>
    public Tensor Parameter(string name) => Find(name == Sites.Head && Config.TiedHead ? Sites.Embedding : name);

    /// <summary>
    /// y += dropout(x) Aᵀ Bᵀ · Scale at one projection until the result is disposed. Several adapters of one projection add up.
    /// </summary>
    /// <exception cref="InputException">The parameter is not a projection of this model.</exception>
    public IDisposable Adapt(string parameter, LowRankAdapter adapter) => projections.TryGetValue(parameter, out var projection)
        ? projection.Attach(adapter)
        : throw new InputException(
            $"adapter: '{parameter}' is not a projection of the model{Nearest.Suggestion(parameter, projections.Keys)}");

    /// <summary>Token embeddings.</summary>
    /// <param name="tokens_BT">[B, T] Int64 ids.</param>
    /// <returns>[B, T, D] float32.</returns>
    public Tensor Embed(Tensor tokens_BT)
    {
        using var scope = NewDisposeScope();
        var rows_ND = parameters[Sites.Embedding].index_select(0, tokens_BT.reshape(-1));
        return rows_ND.view(tokens_BT.shape[0], tokens_BT.shape[1], Config.Width).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Layers <paramref name="fromLayer"/> ≤ l &lt; <paramref name="toLayer"/>, causal: right padding needs no mask. Runs that follow each
    /// other equal one run.
    /// </summary>
    /// <param name="hidden_BTD">[B, T, D] float32: the residual stream before <paramref name="fromLayer"/>.</param>
    /// <param name="fromLayer">First layer, 0 to <paramref name="toLayer"/>.</param>
    /// <param name="toLayer">Layer after the last, at most the number of layers.</param>
    /// <param name="hook">Sees and may replace activations; runs in the caller's dispose scope.</param>
    /// <returns>[B, T, D] float32: the residual stream after the last layer; never the argument itself.</returns>
    /// <exception cref="InputException">T is more than the model's positions.</exception>
    public Tensor Run(Tensor hidden_BTD, int fromLayer, int toLayer, IActivationHook? hook = null)
    {
        if (fromLayer < 0 || toLayer > layers.Length || fromLayer > toLayer)
            throw new ArgumentOutOfRangeException(nameof(fromLayer), $"layers {fromLayer} to {toLayer} of a model with {layers.Length}");
        if (hidden_BTD.dim() != 3 || hidden_BTD.shape[2] != Config.Width)
        {
            throw new ArgumentException(
                $"hidden state is [{string.Join(", ", hidden_BTD.shape)}]; expected [B, T, {Config.Width}]", nameof(hidden_BTD));
        }

        if (fromLayer == toLayer) return hidden_BTD.view(hidden_BTD.shape);

        return RunLayers(hidden_BTD, fromLayer, toLayer, hook, out _);
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
        var hidden_BTD = RunLayers(embedded_BTD, 0, Config.Layers, hook, out var own);
        var logits_BTV = Head(hidden_BTD);
        if (own) hidden_BTD.Dispose();
        return logits_BTV;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in parameters.Values) parameter.Dispose();
        foreach (var table in tables.Values) table.Dispose();
        tables.Clear();
    }

    // A hook's replacement (own = false) is the hook's: only what the layers made is disposed here.
    private Tensor RunLayers(Tensor hidden_BTD, int fromLayer, int toLayer, IActivationHook? hook, out bool own)
    {
        var positions = Tables(hidden_BTD.shape[1]);
        var current_BTD = hidden_BTD;
        own = false;
        for (var layer = fromLayer; layer < toLayer; layer++)
        {
            var next_BTD = layers[layer].Apply(current_BTD, positions, hook, out var made);
            if (own) current_BTD.Dispose();
            (current_BTD, own) = (next_BTD, made);
        }

        return current_BTD;
    }

    private Parameter Find(string name) => parameters.TryGetValue(name, out var parameter)
        ? parameter
        : throw new InputException($"'{name}' is not a parameter of the model{Nearest.Suggestion(name, ParameterNames)}");

    private PositionTables Tables(long positions)
    {
        if (tables.TryGetValue(positions, out var table)) return table;
        if (positions > Config.MaxPositions)
            throw new InputException($"a sequence has {positions} tokens; the model has {Config.MaxPositions} positions; shorten the text");
        return tables[positions] = PositionTables.Build((int)positions, Config);
    }

    private DecoderLayer Layer(int number)
    {
        var attention = new Attention(
            Config, Projection(Sites.Query(number)), Projection(Sites.Key(number)), Projection(Sites.Value(number)),
            Projection(Sites.Output(number)));
        return new DecoderLayer(
            number, Norm(Sites.AttentionNorm(number)), attention, Norm(Sites.MlpNorm(number)),
            Projection(Sites.Gate(number)), Projection(Sites.Up(number)), Projection(Sites.DownProjection(number)));
    }

    private RmsNorm Norm(string name) => new(parameters[name], Config.NormEpsilon);

    private Projection Projection(string name) => projections[name] = new Projection(name, parameters[name]);
}
