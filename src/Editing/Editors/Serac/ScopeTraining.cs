// P = texts, D = model width, E = embedding width, N = pairs.
using Harness.Editing.Memory;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Serac;

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
