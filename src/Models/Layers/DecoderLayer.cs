// B = batch, T = positions, L = last positions, those whose output is wanted, D = model width (of a query's or key's norm, a head's),
// I = MLP width, E = experts, N = B·T tokens, k = active experts, M = tokens of one expert.
using Harness.Models.Generation;
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// One pre-norm layer: attention, then an MLP or a mixture of them, each added to the residual stream; without an MLP norm of its own, both
/// read the same norm of the same stream (GPT-J).
/// </summary>
internal sealed class DecoderLayer(
    int number, Norm attentionNorm, Attention attention, Norm? mlpNorm, Mlp? mlp, MixedMlp? mixed, IReadOnlyList<Weight> weights)
{
    /// <summary>The layer's weights, for reading them once for many uses.</summary>
    public IReadOnlyList<Weight> Weights => weights;

    /// <summary>The layer's output. Hooks are called outside every scope of the layer's own.</summary>
    /// <param name="hidden_BTD">The residual stream before the layer.</param>
    /// <param name="tables">Tables of T positions; null where a cache takes their place.</param>
    /// <param name="cache">Keys and values of earlier positions, or null.</param>
    /// <param name="hook">Sees and may replace activations.</param>
    /// <param name="last">L, 1 to T; only attention's keys and values need the others.</param>
    /// <param name="own">Whether the layer made the result, so that it may be disposed early; a hook's replacement may not.</param>
    public Tensor Apply(Tensor hidden_BTD, PositionTables? tables, KeyValueCache? cache, IActivationHook? hook, long last, out bool own)
    {
        var (mixed_BLD, read_BLD) = Mix(hidden_BTD, tables, cache, last);
        using var attended_BLD = Attend(hook is null ? mixed_BLD : hook.AttentionOutput(number, mixed_BLD), hidden_BTD, last);
        mixed_BLD.Dispose();
        using var normed_BLD = read_BLD ?? mlpNorm!.Apply(attended_BLD);
        hook?.MlpInput(number, normed_BLD);
        using var ownValue_BLD = mlp is null ? mixed!.Apply(normed_BLD) : Value(mlp, normed_BLD, hook);
        var value_BLD = hook is null ? ownValue_BLD : hook.MlpOutput(number, ownValue_BLD);
        var ownOutput_BLD = attended_BLD.Plus(value_BLD);
        var output_BLD = hook is null ? ownOutput_BLD : hook.LayerOutput(number, ownOutput_BLD);
        own = ReferenceEquals(output_BLD, ownOutput_BLD);
        if (!own) ownOutput_BLD.Dispose();
        return output_BLD;
    }

    // What attention adds to the stream, and the norm that the MLP reads where it has none of its own.
    private (Tensor Mixed_BLD, Tensor? Read_BLD) Mix(Tensor hidden_BTD, PositionTables? tables, KeyValueCache? cache, long last)
    {
        using var scope = NewDisposeScope();
        var normed_BTD = attentionNorm.Apply(hidden_BTD);
        var mixed_BLD = cache is null ? attention.Apply(normed_BTD, tables!, last) : attention.Apply(normed_BTD, cache, number, last);
        return (mixed_BLD.MoveToOuterDisposeScope(), mlpNorm is null ? normed_BTD.Last(1, last).MoveToOuterDisposeScope() : null);
    }

    private static Tensor Attend(Tensor mixed_BLD, Tensor hidden_BTD, long last)
    {
        using var scope = NewDisposeScope();
        return mixed_BLD.Plus(hidden_BTD.Last(1, last)).MoveToOuterDisposeScope();
    }

    private Tensor Value(Mlp mlp, Tensor normed_BLD, IActivationHook? hook)
    {
        using var ownKey_BLI = mlp.Key(normed_BLD);
        return mlp.Value(hook is null ? ownKey_BLI : hook.DownProjectionInput(number, ownKey_BLI));
    }
}

/// <summary>
/// Normalises the last dimension, in float32: weight · x / √(mean(x²) + ε) (Zhang and Sennrich 2019), or, where there is a bias,
/// weight · (x − mean) / √(variance + ε) + bias (Ba et al. 2016).
/// </summary>
internal sealed class Norm(Weight weight_D, Weight? bias_D, double epsilon)
{
    private static readonly long[] Last = [-1];

    public Tensor Apply(Tensor hidden)
    {
        if (bias_D is not null) return nn.functional.layer_norm(hidden, weight_D.Shape, weight_D.Live, bias_D.Live, epsilon);
        using var scope = NewDisposeScope();
        var inverse = hidden.pow(Held(2)).mean(Last, true).PlusInPlace(Held(epsilon)).rsqrt();
        return hidden.mul(inverse).mul(weight_D.Live).MoveToOuterDisposeScope();
    }
}

/// <summary>down(act(up(x))), or with a gate down(act(gate(x)) · up(x)) (SwiGLU, Shazeer 2020).</summary>
internal sealed class Mlp(Activation activation, Projection? gate, Projection up, Projection down)
{
    /// <summary>The down-projection's input, [..., D] to [..., I].</summary>
    public Tensor Key(Tensor normed)
    {
        using var scope = NewDisposeScope();
        var key = gate is null ? Act(up.Apply(normed)) : Act(gate.Apply(normed)).mul(up.Apply(normed));
        return key.MoveToOuterDisposeScope();
    }

    /// <summary>The down-projection, [..., I] to [..., D].</summary>
    public Tensor Value(Tensor key) => down.Apply(key);

    private Tensor Act(Tensor input) => activation switch
    {
        Activation.Silu => nn.functional.silu(input),
        Activation.Gelu => nn.functional.gelu(input),
        _ => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
    };
}

/// <summary>
/// Σ over a token's k likeliest experts of p · expert(x), plus σ(g·x) · shared(x), p being the router's softmax over all experts
/// (Qwen1.5-MoE).
/// </summary>
internal sealed class MixedMlp(ExpertMixture mixture, Projection router, IReadOnlyList<Mlp> experts, Mlp shared, Projection sharedGate)
{
    /// <summary>[B, T, D] to [B, T, D].</summary>
    public Tensor Apply(Tensor normed_BTD)
    {
        using var scope = NewDisposeScope();
        var tokens_ND = normed_BTD.reshape(-1, normed_BTD.shape[2]);
        var (weights_Nk, chosen_Nk) = router.Apply(tokens_ND).softmax(-1).topk(mixture.Active);
        if (mixture.Normalise) weights_Nk = weights_Nk / weights_Nk.sum(-1L, keepdim: true);
        var weights_X1 = weights_Nk.reshape(-1, 1);
        var chosen = chosen_Nk.cpu().reshape(-1).data<long>().ToArray();

        var sum_ND = zeros_like(tokens_ND);
        foreach (var group in Enumerable.Range(0, chosen.Length).GroupBy(slot => chosen[slot]).OrderBy(group => group.Key))
        {
            var slots_M = tensor(group.Select(slot => (long)slot).ToArray(), device: tokens_ND.device);
            var rows_M = tensor(group.Select(slot => (long)slot / mixture.Active).ToArray(), device: tokens_ND.device);
            var one_MD = Run(experts[(int)group.Key], tokens_ND.index_select(0, rows_M)) * weights_X1.index_select(0, slots_M);
            sum_ND.index_add_(0, rows_M, one_MD, Held(1));
        }

        var shared_ND = Run(shared, tokens_ND) * sharedGate.Apply(tokens_ND).sigmoid();
        return sum_ND.Plus(shared_ND).view(normed_BTD.shape).MoveToOuterDisposeScope();
    }

    private static Tensor Run(Mlp mlp, Tensor input) => mlp.Value(mlp.Key(input));
}

/// <summary>Puts the parts of a model together, as its configuration says.</summary>
internal sealed class LayerBuilder(TransformerConfig config, WeightTable weights)
{
    private readonly Dictionary<string, Projection> projections = [];

    /// <summary>All projections, by the names of their weights.</summary>
    public IReadOnlyDictionary<string, Projection> Projections => projections;

    public DecoderLayer Layer(int number)
    {
        var attention = new Attention(
            config, Projection(Sites.Query(number)), Projection(Sites.Key(number)), Projection(Sites.Value(number)),
            Projection(Sites.Output(number)), OptionalNorm(Sites.QueryNorm(number)), OptionalNorm(Sites.KeyNorm(number)));
        return new DecoderLayer(
            number, Norm(Sites.AttentionNorm(number)), attention, OptionalNorm(Sites.MlpNorm(number)),
            config.HasExperts(number) ? null : Mlp(Sites.Gate(number), Sites.Up(number), Sites.DownProjection(number)),
            config.HasExperts(number) ? Mixed(number) : null,
            [.. weights.Names.Where(name => name.StartsWith(Sites.LayerPrefix(number), StringComparison.Ordinal))
                .Select(name => weights[name])]);
    }

    public Norm Norm(string name) => new(weights[name], weights.Find(Sites.Bias(name)), config.NormEpsilon);

    public Norm? OptionalNorm(string name) => weights.Find(name) is null ? null : Norm(name);

    public Projection Head() =>
        config.TiedHead ? new Projection(weights[Sites.Embedding]) : Projection(Sites.Head);

    private Projection Projection(string name) => projections[name] = new Projection(weights[name], weights.Find(Sites.Bias(name)));

    private Mlp Mlp(string gate, string up, string down) =>
        new(config.Activation, config.Gated ? Projection(gate) : null, Projection(up), Projection(down));

    private MixedMlp Mixed(int layer)
    {
        var experts = Enumerable.Range(0, config.Experts!.Count).Select(expert =>
            Mlp(Sites.Expert(layer, expert, "gate"), Sites.Expert(layer, expert, "up"), Sites.Expert(layer, expert, "down")));
        return new MixedMlp(
            config.Experts, Projection(Sites.Router(layer)), [.. experts],
            Mlp(Sites.SharedExpert(layer, "gate"), Sites.SharedExpert(layer, "up"), Sites.SharedExpert(layer, "down")),
            Projection(Sites.SharedExpertGate(layer)));
    }
}
