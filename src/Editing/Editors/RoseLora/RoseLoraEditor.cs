// R = rank of an adapter, I = its inputs, O = its outputs, N = elements of one row of A or column of B.
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.RoseLora;

/// <summary>
/// RoseLoRA: LoRA whose A is thinned out row by row and whose B column by column, by importance, so that the product changes few weights.
/// </summary>
internal sealed class RoseLoraEditor(RoseLoraOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<RoseLoraOptions>("roselora", options => new RoseLoraEditor(options));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var adapters = new LowRankAdapters(session, options.Settings);
        using var thinning = new Thinning(adapters.Parameters, options, options.Tuning.MostUpdatesInPass(requests.Count));
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var tell = adapters.TellOf(session, requests);
        var result = new FineTuner(session, options.Tuning).Run(samples, adapters.Trained, thinning.AfterStep, afterBatch: EndBatch);
        thinning.End();
        return new Edit(adapters.Deltas(), result.Figures);

        void EndBatch(int[] numbers)
        {
            thinning.End();
            tell?.Invoke(numbers);
        }
    }
}

/// <summary>Sets the less important elements of every row of A and every column of B to zero, more of them from pass to pass.</summary>
internal sealed class Thinning : IDisposable
{
    private readonly IReadOnlyList<Tensor> factors;
    private readonly List<Tensor> importance = [];
    private readonly RoseLoraOptions options;
    private readonly int updatesInPass;
    private int step;

    /// <summary>Starts with everything.</summary>
    /// <param name="factors">A [R, I] and B [O, R] of each adapter in turn.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="updatesInPass">Updates of one pass.</param>
    public Thinning(IReadOnlyList<Tensor> factors, RoseLoraOptions options, int updatesInPass)
    {
        (this.factors, this.options, this.updatesInPass) = (factors, options, updatesInPass);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        foreach (var factor in factors)
            importance.Add(factor.detach().zeros_like().DetachFromDisposeScope());
    }

    /// <summary>Share that stays in a pass: everything, then falling with a cubic, then the density.</summary>
    /// <param name="pass">Number of the pass, from 0.</param>
    public double Share(int pass)
    {
        if (pass < options.DensePasses)
            return 1;

        var left = Math.Max(0, 1 - ((double)(pass - options.DensePasses) / (options.SparseFrom - options.DensePasses)));
        return options.Density + ((1 - options.Density) * left * left * left);
    }

    /// <summary>Takes note of the last gradients, and thins out as far as the pass says.</summary>
    public void AfterStep()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < factors.Count; i++)
        {
            if (factors[i].grad is not { } gradient)
                continue;

            // The first note is taken whole, as in the published code.
            var now = (factors[i] * gradient).abs();
            importance[i].copy_(
                step == 0 ? now : (importance[i] * Held(options.ImportanceDecay)).Plus(now * Held(1 - options.ImportanceDecay)));
        }

        Thin(Share(step++ / updatesInPass));
    }

    /// <summary>Thins out to the density, and starts anew.</summary>
    public void End()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        if (step > 0)
            Thin(options.Density);
        step = 0;
    }

    /// <summary>Frees the running means.</summary>
    public void Dispose() => importance.ForEach(tensor => tensor.Dispose());

    private void Thin(double share)
    {
        if (share == 1)
            return;

        for (var i = 0; i < factors.Count; i++)
        {
            Tensor factor = factors[i];
            var isA = i % 2 == 0;
            var important_RN = isA ? importance[i] : importance[i].t();
            var count = Math.Max(1, (int)Math.Ceiling(share * important_RN.shape[1]));
            var (values_RK, places_RK) = important_RN.topk(count, 1);
            var kept_RN = zeros_like(important_RN).scatter(1, places_RK, ones_like(values_RK));
            factor.mul_(isA ? kept_RN : kept_RN.t());
            if (options.Largest is { } largest)
                factor.clamp_(Held(-largest), Held(largest));
        }
    }
}
