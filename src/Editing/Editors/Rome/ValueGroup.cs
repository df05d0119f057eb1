// R = rows, T = positions that are run, L = last of them that are wanted, D = model width, N = requests, A = active requests, M = target
// tokens of the rows.
using Harness.Models;
using Harness.Models.Generation;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rome;

/// <summary>Where δ is added at the subject's last token.</summary>
internal enum ValuePlace
{
    /// <summary>To the residual stream behind a layer.</summary>
    Stream,

    /// <summary>One δ to the output of a layer's MLP, another to that of its attention.</summary>
    Outputs,
}

/// <summary>Rows of a <see cref="ValueForward"/> that are run together: whole and padded, or from their subjects' last tokens on.</summary>
internal sealed class ValueGroup : IDisposable
{
    private readonly Transformer model;
    private readonly int layer;
    private readonly (int Owner, ValueRow Row)[] all;
    private readonly bool fromSubject;
    private readonly ValuePlace place;
    private readonly int start;
    private readonly long length;
    private readonly long wanted;
    private readonly Tensor hidden_RTD;
    private readonly KeyValueCache? cache;
    private Selection? selected;

    /// <summary>Computes what lies below δ and, where rows are run from their subjects on, the keys and values before it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">Layer behind which δ is added.</param>
    /// <param name="rows">The rows with the numbers of their requests.</param>
    /// <param name="place">Where δ is added.</param>
    /// <param name="fromSubject">
    /// Whether they are run from their subjects' last tokens on; they then have as many positions from there on, and as many wanted ones.
    /// </param>
    public ValueGroup(Transformer model, int layer, (int Owner, ValueRow Row)[] rows, ValuePlace place, bool fromSubject)
    {
        (this.model, this.layer, all, this.place, this.fromSubject) = (model, layer, rows, place, fromSubject);
        start = place == ValuePlace.Stream ? layer + 1 : layer;
        length = rows.Max(one => one.Row.Inputs.Length - Start(one.Row));
        wanted = length - rows.Min(one => one.Row.Inputs.Length - Start(one.Row) - one.Row.Wanted);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        cache = fromSubject ? Before() : null;
        var tokens_RT = Tokens(row => row.Inputs[Start(row)..], (int)length, left: false);
        hidden_RTD = cache is null
            ? model.Run(model.Embed(tokens_RT), 0, start)
            : model.Run(model.Embed(tokens_RT, cache), 0, start, cache);
        hidden_RTD.DetachFromDisposeScope();
        cache?.Forget(start);
    }

    /// <summary>The rows of the active requests.</summary>
    public IReadOnlyList<(int Owner, ValueRow Row)> Rows { get; private set; } = [];

    /// <summary>Goes on with the rows of some requests only.</summary>
    public void Select(int[] requests)
    {
        selected?.Dispose();
        int[] kept = [.. Enumerable.Range(0, all.Length).Where(row => requests.Contains(all[row].Owner))];
        Rows = [.. kept.Select(row => all[row])];
        selected = kept.Length == 0 ? null : new Selection(this, kept);
    }

    /// <summary>Adds δ and runs the layers above it.</summary>
    /// <param name="deltas_ND">[N, D] float32 each: δ of every request; one for each of the place's outputs.</param>
    /// <returns>The residual stream before the head where a target is predicted, and at the subjects of the KL prompts.</returns>
    public (Tensor Targets_MD, Tensor Divergences_AD) Run(IReadOnlyList<Tensor> deltas_ND)
    {
        using var scope = NewDisposeScope();
        var added_RTD = deltas_ND.Select(delta_ND => selected!.Subjects_RT1 * delta_ND.index_select(0, selected.Owners_R).unsqueeze(1))
            .ToList();
        using var adding = place == ValuePlace.Stream ? null : model.Attach(new AddingHook(layer, added_RTD[0], added_RTD[1]));
        var injected_RTD = place == ValuePlace.Stream ? selected!.Hidden_RTD.Plus(added_RTD[0]) : selected!.Hidden_RTD;
        var last_RLD = selected.Cache is { } before
            ? model.Run(injected_RTD, start, model.Config.Layers, before, wanted)
            : model.Run(injected_RTD, start, model.Config.Layers, last: wanted);
        return (
            TokenBatch.Select(last_RLD, selected.Targets_M).MoveToOuterDisposeScope(),
            TokenBatch.Select(last_RLD, selected.Divergences_A).MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        selected?.Dispose();
        cache?.Dispose();
        hidden_RTD.Dispose();
    }

    // The first position that is run.
    private int Start(ValueRow row) => fromSubject ? row.Subject : 0;

    private KeyValueCache Before()
    {
        var longest = all.Max(one => one.Row.Subject);
        var made = new KeyValueCache(model, [.. all.Select(one => longest - one.Row.Subject)], longest + (int)length);
        if (longest > 0)
            model.Step(Tokens(row => row.Inputs[..row.Subject], longest, left: true), made);
        return made;
    }

    private Tensor Tokens(Func<ValueRow, long[]> ids, int width, bool left)
    {
        var tokens = new long[all.Length * width];
        for (var row = 0; row < all.Length; row++)
        {
            var own = ids(all[row].Row);
            own.CopyTo(tokens.AsSpan((row * width) + (left ? width - own.Length : 0)));
        }

        return tensor(tokens, [all.Length, width], device: model.Device);
    }

    /// <summary>Adds δ to what a layer's MLP and its attention give; where the layer computes its last positions only, to those.</summary>
    private sealed class AddingHook(int wanted, Tensor toMlp_RTD, Tensor toAttention_RTD) : IActivationHook
    {
        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) =>
            layer == wanted ? mixed_BTD.Plus(Last(toAttention_RTD, mixed_BTD)) : mixed_BTD;

        public Tensor MlpOutput(int layer, Tensor value_BTD) => layer == wanted ? value_BTD.Plus(Last(toMlp_RTD, value_BTD)) : value_BTD;

        private static Tensor Last(Tensor added_RTD, Tensor to_RLD) =>
            added_RTD.narrow(1, added_RTD.shape[1] - to_RLD.shape[1], to_RLD.shape[1]);
    }

    /// <summary>The tensors of the rows that are still searched for.</summary>
    private sealed class Selection : IDisposable
    {
        private readonly ValueGroup group;

        public Selection(ValueGroup group, int[] kept)
        {
            this.group = group;
            using var scope = NewDisposeScope();
            var (length, skipped) = (group.length, group.length - group.wanted);
            var subjects = new float[kept.Length * length];
            List<long> targets = [], divergences = [];
            for (var row = 0; row < kept.Length; row++)
            {
                var one = group.Rows[row].Row;
                var start = group.Start(one);
                subjects[(row * length) + one.Subject - start] = 1;
                var output = (row * group.wanted) - skipped - start;
                if (one.Targets.Length == 0)
                    divergences.Add(output + one.Subject);
                targets.AddRange(one.Targets.Select((_, token) => output + one.TargetStart - 1 + token));
            }

            var isWhole = kept.Length == group.all.Length;
            Cache = isWhole ? group.cache : group.cache?.Select(group.model, kept);
            Hidden_RTD = group.hidden_RTD.index_select(0, Numbers(kept.Select(row => (long)row))).DetachFromDisposeScope();
            Subjects_RT1 = tensor(subjects, [kept.Length, length, 1], device: group.model.Device).DetachFromDisposeScope();
            Owners_R = Numbers(group.Rows.Select(one => (long)one.Owner)).DetachFromDisposeScope();
            Targets_M = Numbers(targets).DetachFromDisposeScope();
            Divergences_A = Numbers(divergences).DetachFromDisposeScope();
        }

        /// <summary>Keys and values before the subjects, or null.</summary>
        public KeyValueCache? Cache { get; }

        /// <summary>[R, T, D]: what lies below δ.</summary>
        public Tensor Hidden_RTD { get; }

        /// <summary>[R, T, 1]: 1 at the subject's last token, else 0.</summary>
        public Tensor Subjects_RT1 { get; }

        /// <summary>[R] Int64: each row's request.</summary>
        public Tensor Owners_R { get; }

        /// <summary>[M] Int64: r·L + l of the positions that predict target tokens.</summary>
        public Tensor Targets_M { get; }

        /// <summary>[A] Int64: r·L + l of the KL prompts' subjects.</summary>
        public Tensor Divergences_A { get; }

        public void Dispose()
        {
            if (Cache != group.cache)
                Cache?.Dispose();
            foreach (var part in new[] { Hidden_RTD, Subjects_RT1, Owners_R, Targets_M, Divergences_A })
                part.Dispose();
        }

        private Tensor Numbers(IEnumerable<long> numbers) => tensor(numbers.ToArray(), device: group.model.Device);
    }
}
