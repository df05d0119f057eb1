// E = embedding width, D = model width, P = texts, N = pairs.
using Harness.Editing.Memory;
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Serac;

/// <summary>Trains scope classifier and counterfactual model, and stores both in one safetensors file.</summary>
internal static class SeracTraining
{
    /// <summary>Name of the classifier's tensor, [E, D].</summary>
    public const string Projection = "scope";

    /// <summary>What the names of the counterfactual model's changes begin with.</summary>
    public const string Counterfactual = "counterfactual/";

    private const string LayerName = "layer";
    private const string SeparatorName = "separator";

    /// <summary>Trains on the session's facts that are not edited.</summary>
    public static void Run(SeracTrainingOptions options, EditSession session, string file)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new InputException($"Options of training 'serac': {string.Join("; ", violations)}.");
        Layers.Check(session, "serac", [options.Layer], mayHaveExperts: true);
        if (session.Examples.Count == 0)
            throw new InputException("Training 'serac': found no fact that is not edited, expected at least one; give it examples.");

        using var scope = NewDisposeScope();
        var (projection_ED, _) = new ScopeTraining(session, options).Run();
        var tensors = new List<(string Name, Tensor Value)> { (Projection, projection_ED) };
        var deltas = Train(options, session);
        foreach (var delta in deltas)
        {
            tensors.AddRange(delta.IsLowRank
                ? [($"{Counterfactual}{delta.Parameter}.left", delta.Left_OR!),
                    ($"{Counterfactual}{delta.Parameter}.right", delta.Right_RI!)]
                : [($"{Counterfactual}{delta.Parameter}.delta", delta.Whole_OI!)]);
        }

        SafetensorsFile.Write(file, tensors, new Dictionary<string, string>
        {
            [LayerName] = CanonicalJson.ToText(options.Layer),
            [SeparatorName] = CanonicalJson.ToText(options.Separator),
        });
        foreach (var delta in deltas)
            delta.Dispose();
    }

    /// <summary>Reads what <see cref="Run"/> stored; no dispose scope owns the tensors.</summary>
    public static (Dictionary<string, Tensor> Tensors, int Layer, string Separator) Load(EditSession session)
    {
        var file = session.TrainedFile
            ?? throw new InputException("Editor 'serac': found no trained file, expected that of its training; run the training first.");
        using var stored = SafetensorsFile.Open(file);
        if (!stored.Metadata.TryGetValue(LayerName, out var layer)
            || !stored.Metadata.TryGetValue(SeparatorName, out var separator)
            || !stored.Names.Contains(Projection))
        {
            throw new InputException(
                $"{file}: found no scope classifier, expected the file of a training of 'serac'; run the training again.");
        }

        var width = session.Model.Config.Width;
        if (stored.ShapeOf(Projection) is not [_, var columns] || columns != width)
        {
            throw new InputException(
                $"{file}: tensor '{Projection}': found [{string.Join(", ", stored.ShapeOf(Projection))}], expected [any, {width}]; "
                + "run the training of 'serac' for this model.");
        }

        var tensors = stored.Names.ToDictionary(name => name, name => stored.Read(name).DetachFromDisposeScope());
        return (tensors, CanonicalJson.FromText<int>(layer), CanonicalJson.FromText<string>(separator));
    }

    /// <summary>Ids of an edit in words, as it stands before a prompt, without the tokenizer's prefix.</summary>
    public static int[] Words(EditSession session, EditRequest request, string separator) =>
        [.. session.Tokenizer.EncodeToIds(session.Space.Join(request.Prompt, request.TargetNew) + separator)];

    private static IReadOnlyList<WeightDelta> Train(SeracTrainingOptions options, EditSession session)
    {
        var random = new SeededRandom(session.Seed, "serac/targets");
        var samples = session.Examples.SelectMany(example => Versions(session, example, options.OtherTargets, random))
            .SelectMany(example => Samples(session, example, options)).ToList();
        if (samples.Count == 0)
            throw new InputException(
                $"Training 'serac': no fact fits the model's {session.Model.Config.MaxPositions} positions; take shorter ones.");

        var tuner = new FineTuner(session, options.Tuning, "counterfactual");
        var prefixes = Enumerable.Range(0, session.Model.Config.Layers).Select(Sites.LayerPrefix).ToList();
        using Tuned tuned = options.Rank > 0
            ? new LowRankAdapters(session, new LowRankSettings(
                options.Rank, options.Alpha, 0, LowRankStart.Kaiming, new(null, LowRankTargets.QueryAndValue)), "serac")
            : new TunedWeights(session.Model, [.. session.Model.ParameterNames
                .Where(name => prefixes.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))]);
        tuner.Run(samples, tuned.Trained);
        return tuned.Deltas();
    }

    // The fact, and the same with other answers.
    private static IEnumerable<EditExample> Versions(EditSession session, EditExample example, int others, SeededRandom random) =>
        Enumerable.Range(0, others + 1).Select(version => version == 0
            ? example
            : example with { Request = example.Request with { TargetNew = random.Pick(session.Examples).Request.TargetNew } });

    // The edit in words, then its own prompt or a rephrasing, answered with the new target.
    private static IEnumerable<Sequence> Samples(EditSession session, EditExample example, SeracTrainingOptions options)
    {
        var words = Words(session, example.Request, options.Separator);
        int[] prefix = [.. session.Tokenizer.Prefix];
        foreach (var prompt in (string[])[example.Request.Prompt, .. example.Rephrases])
        {
            var plain = session.Encode(prompt, example.Request.TargetNew, options.Tuning.AppendEos);
            int[] ids = [.. prefix, .. words, .. plain.Ids[prefix.Length..]];
            if (ids.Length <= session.Model.Config.MaxPositions + 1)
                yield return new Sequence(ids, plain.TargetStart + words.Length);
        }
    }
}

/// <summary>
/// Trains the scope classifier, a linear embedding of mean hidden states: pairs of an edit with its own prompt and rephrasings belong
/// together, those with its locality prompts and with other facts' prompts do not.
/// </summary>
internal sealed class ScopeTraining(EditSession session, SeracTrainingOptions options)
{
    // Keeps the logarithm of a pair's outside probability finite where two texts are the same to the model.
    private const double Smallest = 1e-6;

    /// <summary>Trains.</summary>
    /// <returns>[E, D] float32 on the CPU, owned by the caller's dispose scope, and the last loss in nats.</returns>
    public (Tensor Projection_ED, double Loss) Run()
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var (texts, pairs) = Pairs();
        var states_PD = PromptStates.Means(session.Model, texts, options.Layer);
        var unit = Unit(states_PD);
        var (left_N, right_N) = (Numbers(pair => pair.Left), Numbers(pair => pair.Right));
        var inside_N = tensor(pairs.Select(pair => pair.Inside ? 1f : 0f).ToArray());
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, "serac/scope")));
        var projection_ED = randn([options.ScopeWidth, states_PD.shape[1]], generator: random).div_(
            Held(Math.Sqrt(options.ScopeWidth))).with_requires_grad();
        using var optimiser = new Adam([projection_ED], options.ScopeLearningRate);
        var scaled_PD = states_PD / Held(unit);
        var last = 0.0;
        for (var step = 1; step <= options.ScopeSteps; step++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            optimiser.ZeroGradients();
            var embedded_PE = scaled_PD.matmul(projection_ED.t());
            var squares_N = (embedded_PE.index_select(0, left_N) - embedded_PE.index_select(0, right_N)).pow(Held(2)).sum(1L);

            // −ln p of a pair that belongs together is its squared distance; the two kinds weigh the same.
            var apart_N = -squares_N.neg().exp().SubtractedFrom(Held(1)).Plus(Held(Smallest)).log();
            var loss = Mean(squares_N, inside_N).Plus(Mean(apart_N, inside_N.SubtractedFrom(Held(1))));
            loss.backward();
            optimiser.Step();
            last = loss.AsDouble();
            if (step == options.ScopeSteps || step % 50 == 0)
                session.Progress?.Report(FormattableString.Invariant($"scope: step {step}/{options.ScopeSteps} loss {last:0.000}"));
        }

        return ((projection_ED.detach() / Held(unit)).MoveToOuterDisposeScope(), last);

        Tensor Numbers(Func<(int Left, int Right, bool Inside), int> number) => tensor(pairs.Select(pair => (long)number(pair)).ToArray());
    }

    private static Tensor Mean(Tensor losses_N, Tensor wanted_N) => (losses_N * wanted_N).sum() / wanted_N.sum().clamp(min: Held(1));

    // Makes two texts about 1 apart under the first weights.
    private static double Unit(Tensor states_PD)
    {
        using var guard = no_grad();
        return Math.Max((states_PD - states_PD.mean([0L], keepdim: true)).pow(Held(2)).sum(1L).mean().mul(Held(2)).sqrt().AsDouble(),
            Smallest);
    }

    private (List<int[]> Texts, List<(int Left, int Right, bool Inside)> Pairs) Pairs()
    {
        var (texts, numbers) = (new List<int[]>(), new Dictionary<string, int>());
        var pairs = new List<(int Left, int Right, bool Inside)>();
        var random = new SeededRandom(session.Seed, "serac/negatives");
        foreach (var example in session.Examples)
        {
            var own = Text(example.Request.Prompt);
            pairs.AddRange(example.Rephrases.Select(rephrase => (own, Text(rephrase), true)));
            pairs.AddRange(example.Locality.Select(one => (own, Text(one.Prompt), false)));
            for (var i = 0; i < options.Negatives; i++)
            {
                var other = random.Pick(session.Examples);
                string[] prompts = [other.Request.Prompt, .. other.Rephrases];
                if (!ReferenceEquals(other, example))
                    pairs.Add((own, Text(random.Pick(prompts)), false));
            }
        }

        // The same words ask for the same fact, whatever a record says.
        pairs.RemoveAll(pair => pair.Left == pair.Right);
        return (texts, pairs);

        int Text(string prompt)
        {
            if (numbers.TryGetValue(prompt, out var number)) return number;
            texts.Add(PromptStates.Ids(session, prompt));
            return numbers[prompt] = texts.Count - 1;
        }
    }
}
