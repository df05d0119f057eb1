// B = runs: 1 clean, then S corrupted ones for each of P patched tokens; T = positions, D = model width, V = vocabulary.
using Harness.Measuring.Capability;
using Harness.Measuring.Data;
using Harness.Models;
using Harness.Models.Text;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Measuring.Tracing;

/// <summary>What is restored.</summary>
public enum TracedState
{
    /// <summary>The residual stream behind a layer.</summary>
    Hidden,

    /// <summary>The outputs of the MLPs of a window of layers.</summary>
    Mlp,

    /// <summary>The outputs of the attentions of a window of layers.</summary>
    Attention,
}

/// <summary>Where in a prompt a state is restored. What stands before the subject is not changed by its corruption.</summary>
public enum TracedPosition
{
    /// <summary>The subject's first token, where it has several.</summary>
    FirstSubject,

    /// <summary>Its tokens between the first and the last, on average.</summary>
    MiddleSubject,

    /// <summary>Its last token.</summary>
    LastSubject,

    /// <summary>The token right behind the subject, unless that is the prompt's last.</summary>
    FirstAfter,

    /// <summary>Those between that and the last, on average.</summary>
    Further,

    /// <summary>The prompt's last token, where the answer is read; the subject's, if it ends the prompt, counts as the subject's.</summary>
    Last,
}

/// <summary>How facts are traced.</summary>
public sealed record TracingOptions
{
    /// <summary>Layers, from 0, at whose states the corrupted run is mended.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>
    /// Layers whose MLP's or attention's outputs are restored together, around the one that is named, at least 1. Default 10 (Meng et al.),
    /// which is for models of 48 layers.
    /// </summary>
    public int Window { get; init; } = 10;

    /// <summary>Corrupted runs of a fact, over which probabilities are averaged, at least 1. Default 10 (the reference code).</summary>
    public int Samples { get; init; } = 10;

    /// <summary>Standard deviation of the noise, in those of the subjects' embeddings, above 0. Default 3 (Meng et al.).</summary>
    public double Noise { get; init; } = 3;

    /// <summary>Most facts that are traced, the data set's first that the model knows, at least 1. Default 100.</summary>
    public int Facts { get; init; } = 100;

    /// <summary>Checks every range.</summary>
    /// <exception cref="InputException">All violations together.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Layers.Count == 0 || Layers.Any(layer => layer < 0) || Layers.Distinct().Count() < Layers.Count)
            faults.Add($"'layers' is [{string.Join(", ", Layers)}], expected at least one from 0, none twice");
        foreach (var (name, found) in new[] { ("window", Window), ("samples", Samples), ("facts", Facts) })
        {
            if (found < 1) faults.Add($"'{name}' is {found}, expected at least 1");
        }

        if (!(Noise > 0)) faults.Add(FormattableString.Invariant($"'noise' is {Noise}, expected more than 0"));
        if (faults.Count > 0) throw new InputException($"causal tracing: {string.Join("; ", faults)}");
    }
}

/// <summary>
/// Causal tracing (Meng et al. 2022, section 2.1): the embeddings of a fact's subject get Gaussian noise, so that the model no longer gives
/// the answer; then one state of the clean run is put back. The indirect effect of the state is by how much the answer's probability rises.
/// Facts are those that the model knows: whose first token of the old answer is its argmax, and that probability is traced.
/// </summary>
/// <remarks>
/// As the reference code, but for what the families ask for: noise is added behind what a family adds to its embeddings (positions, a
/// norm), and its size is that of these sums at the traced subjects' tokens.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="options">Validated options.</param>
public sealed class CausalTracing(Transformer model, BpeTokenizer tokenizer, TracingOptions options)
{
    /// <summary>Names of the series of the answer's probability in clean and in corrupted runs.</summary>
    public const string Clean = "clean", Corrupted = "corrupted";

    /// <summary>Name of the series of a state's indirect effect: <c>mlp@2,last-subject</c>.</summary>
    public static string SeriesOf(TracedState state, int layer, TracedPosition position) => $"{Id(state)}@{layer},{Id(position)}";

    /// <summary>Traces the first facts that the model knows.</summary>
    /// <param name="cases">Cases with their old answers.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <param name="progress">Told how many facts are done.</param>
    /// <param name="cancellation">Looked at before every fact.</param>
    /// <returns>
    /// By series (<see cref="SeriesOf"/>, <see cref="Clean"/>, <see cref="Corrupted"/>), one item a fact that has the position, with the
    /// case's number.
    /// </returns>
    /// <exception cref="InputException">The model lacks a layer, or knows none of the facts.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Run(
        IReadOnlyList<EditCase> cases, long seed, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        if (options.Layers.Max() is var deepest && deepest >= model.Config.Layers)
        {
            throw new InputException(
                $"causal tracing: found layer {deepest} of a model with {model.Config.Layers}; name layers that it has");
        }

        using var gradientless = no_grad();
        var facts = cases.Where(edit => edit.TargetOld.Length > 0).Select(Fact).Where(IsKnown).Take(options.Facts).ToList();
        if (facts.Count == 0)
            throw new InputException("causal tracing: the model knows none of the facts; expected one whose answer it gives");
        var noise = options.Noise * Deviation(facts);
        var series = new SortedDictionary<string, List<SeriesItem>>(StringComparer.Ordinal);
        foreach (var (i, fact) in facts.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Trace(fact, noise, seed, (name, value) =>
            {
                if (!series.TryGetValue(name, out var items)) series[name] = items = [];
                items.Add(new SeriesItem(fact.Case, value));
            });
            progress?.Report($"traced {i + 1} of {facts.Count} facts");
        }

        return series.ToDictionary(one => one.Key, one => (IReadOnlyList<SeriesItem>)one.Value, StringComparer.Ordinal);
    }

    /// <summary>Where a token stands; null before the subject.</summary>
    internal static TracedPosition? PositionOf(int token, int first, int last, int count) =>
        token < first ? null
        : token == last ? TracedPosition.LastSubject
        : token == first ? TracedPosition.FirstSubject
        : token < last ? TracedPosition.MiddleSubject
        : token == count - 1 ? TracedPosition.Last
        : token == last + 1 ? TracedPosition.FirstAfter
        : TracedPosition.Further;

    private void Trace(TracedFact fact, double noise, long seed, Action<string, double> add)
    {
        int[] tokens = [.. Enumerable.Range(fact.First, fact.Ids.Length - fact.First)];
        var (samples, positions) = (options.Samples, fact.Ids.Length);
        var clean_1TD = Embedded(fact);
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(seed, $"tracing/{fact.Case}")));
        var width = fact.Last - fact.First + 1;
        var noise_SWD = randn([samples, width, model.Config.Width], generator: random).mul_(Held(noise)).to(model.Device);
        var corrupted_STD = clean_1TD.expand(samples, -1, -1).clone();
        corrupted_STD.narrow(1, fact.First, width).PlusInPlace(noise_SWD);

        // One token for each group of corrupted runs, all groups at once: what is put back in one does not touch another.
        var runs_BTD = cat([clean_1TD, corrupted_STD.repeat(tokens.Length, 1, 1)], 0);
        var places = new bool[runs_BTD.shape[0] * positions];
        foreach (var (group, token) in tokens.Index())
        {
            for (var sample = 0; sample < samples; sample++)
                places[((1 + (group * samples) + sample) * positions) + token] = true;
        }

        var places_BT1 = tensor(places, [runs_BTD.shape[0], positions, 1], device: model.Device);
        var corrupted_S = Probabilities(cat([clean_1TD, corrupted_STD], 0), fact, null);
        var least = corrupted_S[1..].Average();
        add(Clean, corrupted_S[0]);
        add(Corrupted, least);
        foreach (var state in Enum.GetValues<TracedState>())
        {
            foreach (var layer in options.Layers)
            {
                using var scope = NewDisposeScope();
                var probabilities_B = Probabilities(runs_BTD, fact, new Restored(state, Window(state, layer), places_BT1));
                foreach (var position in tokens.Index()
                    .GroupBy(token => PositionOf(token.Item, fact.First, fact.Last, positions)!.Value))
                {
                    add(SeriesOf(state, layer, position.Key), position.Average(token =>
                        probabilities_B.AsSpan(1 + (token.Index * samples), samples).ToArray().Average() - least));
                }
            }
        }
    }

    // As the reference code: half of the window before the layer, the rest from it on, cut at the model's ends.
    private (int From, int To) Window(TracedState state, int layer) => state == TracedState.Hidden ? (layer, layer + 1)
        : (Math.Max(0, layer - (options.Window / 2)), Math.Min(model.Config.Layers, layer + ((options.Window + 1) / 2)));

    // Of the answer's first token, run by run.
    private double[] Probabilities(Tensor runs_BTD, TracedFact fact, IActivationHook? hook)
    {
        using var scope = NewDisposeScope();
        var hidden_BTD = model.Run(runs_BTD, 0, model.Config.Layers, hook);
        var logits_BV = model.Head(hidden_BTD.select(1, runs_BTD.shape[1] - 1)).to(ScalarType.Float64);
        return logits_BV.softmax(-1).select(1, fact.Answer).cpu().data<double>().ToArray();
    }

    private Tensor Embedded(TracedFact fact) => model.Embed(tensor(fact.Ids.Select(id => (long)id).ToArray(), [1, fact.Ids.Length])
        .to(model.Device));

    private double Deviation(List<TracedFact> facts)
    {
        using var scope = NewDisposeScope();
        var all_ND = cat([.. facts.Select(fact => Embedded(fact)[0].narrow(0, fact.First, fact.Last - fact.First + 1))], 0);
        return all_ND.to(ScalarType.Float64).std().AsDouble();
    }

    private bool IsKnown(TracedFact fact)
    {
        using var scope = NewDisposeScope();
        var hidden_1TD = model.Run(Embedded(fact), 0, model.Config.Layers, last: 1);
        return model.Head(hidden_1TD.reshape(-1)).argmax().AsInt64() == fact.Answer;
    }

    private TracedFact Fact(EditCase edit)
    {
        var start = WholeWords.IndexOf(edit.Prompt, edit.Subject);
        var tokens = tokenizer.EncodeToTokens(edit.Prompt, out _);
        int[] subject =
        [
            .. from token in tokens.Index()
               where token.Item.Offset.Start.Value < start + edit.Subject.Length && token.Item.Offset.End.Value > start
               select tokenizer.Prefix.Count + token.Index,
        ];
        if (start < 0 || subject.Length == 0)
        {
            throw new InputException(
                $"case {edit.Id}: found no token of the subject '{edit.Subject}' in '{edit.Prompt}', expected its exact spelling");
        }

        var asked = TargetEncoding.Encode(tokenizer, edit.Prompt, edit.TargetOld, appendEos: false);
        return new(edit.Id, asked.Ids[..asked.TargetStart], subject[0], subject[^1], asked.Ids[asked.TargetStart]);
    }

    private static string Id<T>(T value)
        where T : struct, Enum => CanonicalJson.ToNode(value)!.GetValue<string>();

    // Ids of the prompt, its subject's first and last token, and the answer's first.
    private sealed record TracedFact(int Case, int[] Ids, int First, int Last, int Answer);

    // Puts the states of the clean run, which is the first, in the marked places.
    private sealed class Restored(TracedState state, (int From, int To) layers, Tensor places_BT1) : IActivationHook
    {
        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) => Put(TracedState.Attention, layer, mixed_BTD);

        public Tensor MlpOutput(int layer, Tensor value_BTD) => Put(TracedState.Mlp, layer, value_BTD);

        public Tensor LayerOutput(int layer, Tensor hidden_BTD) => Put(TracedState.Hidden, layer, hidden_BTD);

        private Tensor Put(TracedState seen, int layer, Tensor states_BTD) => seen == state && layer >= layers.From && layer < layers.To
            ? states_BTD.narrow(0, 0, 1).where(places_BT1, states_BTD)
            : states_BTD;
    }
}
