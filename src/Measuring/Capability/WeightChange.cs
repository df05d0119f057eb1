// O = rows of a weight, I = columns, R = rank of a change.
using System.Globalization;
using Harness.Editing;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Measuring.Capability;

/// <summary>
/// How much an edit changes a model's weights: Frobenius norms, ‖ΔW‖ / ‖W‖. Of what the edit keeps beside the weights nothing is counted.
/// </summary>
public static class WeightChange
{
    // Numbers of one piece of a weight, which is held in float64.
    private const long PieceNumbers = 1 << 22;

    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["self_attn.q_proj"] = "query",
        ["self_attn.k_proj"] = "key",
        ["self_attn.v_proj"] = "value",
        ["self_attn.o_proj"] = "output",
        ["self_attn.q_norm"] = "norms",
        ["self_attn.k_norm"] = "norms",
        ["input_layernorm"] = "norms",
        ["post_attention_layernorm"] = "norms",
        ["mlp.gate_proj"] = "gate",
        ["mlp.up_proj"] = "up",
        ["mlp.down_proj"] = "down",
        ["mlp.gate"] = "router",
        ["mlp.shared_expert_gate"] = "router",
        ["embed_tokens"] = "embedding",
        ["embed_positions"] = "positions",
        ["embed_layernorm"] = "norms",
        ["norm"] = "norms",
        ["lm_head"] = "head",
    };

    /// <summary>
    /// Series of one item each, id 0: <c>change</c> over all weights of the model, <c>changed-numbers</c>, and
    /// <c>change/{layer}/{module}</c> where the edit changes something. Modules are query, key, value, output, gate, up, down, norms,
    /// router; those of a layer's experts count together as gate, up and down. Outside layers, <c>change/model/{module}</c>: embedding,
    /// positions, norms, head. Biases count with their weights.
    /// </summary>
    /// <param name="edit">The edit.</param>
    /// <param name="model">The model without it. Every weight is read once; those of a streamed model are not kept.</param>
    /// <exception cref="InputException">The edit is another model's, or what it changes has been 0 throughout.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Of(Edit edit, Transformer model)
    {
        var changes = edit.Deltas.ToDictionary(delta => delta.Parameter, Squares, StringComparer.Ordinal);
        if (changes.Keys.FirstOrDefault(name => !model.ParameterNames.Contains(name)) is { } foreign)
            throw new InputException(
                $"found a change of '{foreign}', expected one of the model's parameters; measure the edit on its own model");

        var all = new Sums();
        var groups = new SortedDictionary<string, Sums>(StringComparer.Ordinal);
        foreach (var name in model.ParameterNames)
        {
            if (!groups.TryGetValue(SeriesOf(name), out var group)) groups[SeriesOf(name)] = group = new Sums();
            var (weight, change) = (model.Read(name, Squares), changes.GetValueOrDefault(name));
            foreach (var sums in new[] { all, group }) (sums.Weight, sums.Change) = (sums.Weight + weight, sums.Change + change);
            group.IsChanged |= changes.ContainsKey(name);
        }

        var series = new SortedDictionary<string,
            IReadOnlyList<SeriesItem>>(StringComparer.Ordinal)
        {
            ["change"] = [new(0, all.Ratio("the model"))],
            ["changed-numbers"] = [new(0, edit.Deltas.Sum(Changed))],
        };
        foreach (var (name, group) in groups.Where(pair => pair.Value.IsChanged)) series[name] = [new(0, group.Ratio(name))];
        return series;
    }

    /// <summary>The series that a parameter counts to.</summary>
    internal static string SeriesOf(string parameter)
    {
        string[] parts = parameter.Split('.')[..^1];
        var isLayer = parts is ["model", "layers", _, ..];
        var place = string.Join('.', isLayer ? parts[3..] : parts[0] == "model" ? parts[1..] : parts);
        if (parts is [.., "experts", _, var expert]) place = "mlp." + expert;
        if (parts is [.., "shared_expert", var shared]) place = "mlp." + shared;
        return $"change/{(isLayer ? parts[2] : "model")}/{Modules.GetValueOrDefault(place, place)}";
    }

    // ‖L R‖² = Σ (LᵀL) ∘ (R Rᵀ): the product itself may be large.
    private static double Squares(WeightDelta delta)
    {
        if (delta.Whole_OI is { } whole) return Squares(whole);
        using var gradientless = no_grad();
        using var scope = NewDisposeScope();
        var (left_OR, right_RI) = (delta.Left_OR!.to(ScalarType.Float64), delta.Right_RI!.to(ScalarType.Float64));
        return Math.Max(0, left_OR.t().matmul(left_OR).mul(right_RI.matmul(right_RI.t())).sum().AsDouble());
    }

    // A product of factors is taken to change every number, if it changes any.
    private static double Changed(WeightDelta delta)
    {
        if (delta.Whole_OI is not { } whole)
            return Squares(delta) > 0 ? delta.Shape.Aggregate(1.0, (product, extent) => product * extent) : 0;
        using var scope = NewDisposeScope();
        return whole.ne(Held(0)).sum().AsInt64();
    }

    private static double Squares(Tensor tensor)
    {
        using var gradientless = no_grad();
        using var scope = NewDisposeScope();
        var flat = tensor.reshape(-1);
        var sum = 0.0;
        for (var start = 0L; start < flat.numel(); start += PieceNumbers)
        {
            using var piece = NewDisposeScope();
            sum += flat.narrow(0, start, Math.Min(PieceNumbers, flat.numel() - start)).to(ScalarType.Float64).pow(Held(2)).sum().AsDouble();
        }

        return sum;
    }

    private sealed class Sums
    {
        public double Weight { get; set; }

        public double Change { get; set; }

        public bool IsChanged { get; set; }

        public double Ratio(string name) => Weight > 0
            ? Math.Sqrt(Change / Weight)
            : throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                    $"{name}: found weights that are all 0, expected others; the size of a change has no measure there"));
    }
}
