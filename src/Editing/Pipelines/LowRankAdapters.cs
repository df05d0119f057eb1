// R = rank, I = inputs, O = outputs of a projection.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>First values of LoRA's A.</summary>
public enum LowRankStart
{
    /// <summary>Uniform in ±1/√inputs (Kaiming with a = √5: PEFT's default, and that of the LoRA paper's code).</summary>
    Kaiming,

    /// <summary>Normal with mean 0 and standard deviation 1/r (PEFT's "gaussian"; the LoRA paper leaves it open).</summary>
    Gaussian,
}

/// <summary>A projection that can get a low-rank adapter.</summary>
public enum AdaptedProjection
{
    /// <summary>Query projection of the attention.</summary>
    Query,

    /// <summary>Key projection of the attention.</summary>
    Key,

    /// <summary>Value projection of the attention.</summary>
    Value,

    /// <summary>Output projection of the attention.</summary>
    Output,

    /// <summary>Gate projection of the MLP; in a mixture of experts the shared expert's.</summary>
    Gate,

    /// <summary>Up-projection of the MLP; in a mixture of experts the shared expert's.</summary>
    Up,

    /// <summary>Down-projection of the MLP; in a mixture of experts the shared expert's.</summary>
    Down,
}

/// <summary>Options of LoRA for the editors that are nothing else.</summary>
public abstract record LowRankOptions : IEditorOptions
{
    /// <summary>Rank r, at least 1. Default 8 (EasyEdit, RoseLoRA's code).</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α, above 0: the change is α/r · B A. Default 32 (EasyEdit, RoseLoRA's code).</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of inputs dropped while training, in [0, 1). Default 0.1 (EasyEdit, RoseLoRA's code).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>First values of A; B starts at zero. Default <c>kaiming</c> (PEFT, as EasyEdit uses it).</summary>
    public LowRankStart Start { get; init; } = LowRankStart.Kaiming;

    /// <summary>Layers with adapters, from 0, none twice. Null, the default, is all (F-Learning, DFT).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Projections with adapters, none twice. Default query and value (F-Learning, DFT).</summary>
    public IReadOnlyList<AdaptedProjection> Projections { get; init; } = LowRankTargets.QueryAndValue;

    /// <summary>How it trains; each editor has its own default.</summary>
    public FineTuningOptions Tuning { get; init; } = new();

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Validate() =>
        new OptionChecks().Include(Settings.Validate()).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };

    /// <summary>The adapters' part of the options.</summary>
    internal LowRankSettings Settings => new(Rank, Alpha, Dropout, Start, new(Layers, Projections));
}

/// <summary>Shape and start of low-rank adapters; the public options say what each number means.</summary>
internal sealed record LowRankSettings(int Rank, double Alpha, double Dropout, LowRankStart Start, LowRankTargets Targets)
{
    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("rank", Rank, 1).Positive("alpha", Alpha).BelowOne("dropout", Dropout).Include(Targets.Validate()).Violations;
}

/// <summary>Where low-rank adapters are; the public options say what each member means.</summary>
internal sealed record LowRankTargets(IReadOnlyList<int>? Layers, IReadOnlyList<AdaptedProjection> Projections)
{
    /// <summary>Query and value: F-Learning, DFT, and the default of PEFT for the LLaMA family.</summary>
    public static IReadOnlyList<AdaptedProjection> QueryAndValue { get; } = [AdaptedProjection.Query, AdaptedProjection.Value];

    /// <summary>The lowest layer with an adapter.</summary>
    public int FirstLayer => Layers?.Min() ?? 0;

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Check(Layers is null || AreSet(Layers) && Layers.All(layer => layer >= 0), "layers", $"[{string.Join(", ", Layers ?? [])}]",
            "at least one layer, from 0, none twice")
        .Check(AreSet(Projections), "projections", $"[{string.Join(", ", Projections).ToLowerInvariant()}]", "at least one, none twice")
        .Violations;

    /// <summary>The adapted weights, by layer, in the order of the projections' names above.</summary>
    /// <exception cref="InputException">The model lacks a layer or a projection.</exception>
    public IReadOnlyList<string> Names(Transformer model)
    {
        var count = model.Config.Layers;
        if (Layers?.FirstOrDefault(layer => layer >= count, -1) is >= 0 and var wrong)
            throw new InputException($"layers: found {wrong}, expected 0 to {count - 1}: the model has {count} layers.");

        var names = (Layers?.Order() ?? Enumerable.Range(0, count))
            .SelectMany(layer => Projections.Order().Select(projection => (Projection: projection, Name: Name(model, layer, projection))))
                .ToList();
        return names.FirstOrDefault(one => !model.ParameterNames.Contains(one.Name)) is ({ } lacked, not null)
            ? throw new InputException(
                $"projections: found {lacked.ToString().ToLowerInvariant()}, which a {model.Config.Family} model lacks; choose others")
            : names.ConvertAll(one => one.Name);
    }

    private static bool AreSet<T>(IReadOnlyList<T> items) => items.Count > 0 && items.Distinct().Count() == items.Count;

    private static string Name(Transformer model, int layer, AdaptedProjection projection)
    {
        var mixed = model.Config.HasExperts(layer);
        return projection switch
        {
            AdaptedProjection.Query => Sites.Query(layer),
            AdaptedProjection.Key => Sites.Key(layer),
            AdaptedProjection.Value => Sites.Value(layer),
            AdaptedProjection.Output => Sites.Output(layer),
            AdaptedProjection.Gate => mixed ? Sites.SharedExpert(layer, "gate") : Sites.Gate(layer),
            AdaptedProjection.Up => mixed ? Sites.SharedExpert(layer, "up") : Sites.Up(layer),
            _ => mixed ? Sites.SharedExpert(layer, "down") : Sites.DownProjection(layer),
        };
    }
}

/// <summary>Adapters that act on a model until they are disposed, and that are trained in the meantime.</summary>
/// <param name="model">The model.</param>
/// <param name="firstLayer">The lowest layer with an adapter.</param>
/// <param name="dropout">Random numbers of dropout; owned by the adapters from now on.</param>
internal abstract class AttachedAdapters(Transformer model, int firstLayer, Generator dropout) : Tuned(model)
{
    private readonly List<(string Parameter, LowRankAdapter Adapter)> adapters = [];
    private readonly List<IDisposable> attachments = [];
    private TrainedWeights? trained;

    /// <summary>Everything that is trained.</summary>
    public abstract IReadOnlyList<Tensor> Parameters { get; }

    /// <inheritdoc/>
    public override TrainedWeights Trained => trained ??= new(Parameters, firstLayer);

    /// <summary>Takes the adapters off the model and frees them.</summary>
    public override void Dispose()
    {
        trained?.Dispose();
        Detach();
        foreach (var parameter in Parameters)
            parameter.Dispose();
        dropout.Dispose();
    }

    /// <summary>
    /// As <see cref="EditSession.TellOf"/>, while the weights hold what the adapters have learnt and no adapter, with its dropout, is
    /// there.
    /// </summary>
    /// <param name="session">Who is told.</param>
    /// <param name="requests">The edits, which the batches' numbers count.</param>
    public Action<int[]>? TellOf(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        return session.TellOf(requests) is { } tell ? Merged : null;

        void Merged(int[] numbers)
        {
            using var merged = new Edit(Deltas(), new Dictionary<string, double>());
            Detach();
            using (merged.ApplyTo(Model))
                tell(numbers);
            foreach (var (parameter, adapter) in adapters)
                attachments.Add(Model.Adapt(parameter, adapter));
        }
    }

    /// <summary>A stream of random numbers of its own.</summary>
    protected static Generator Random(long seed, string purpose, Device? device = null) =>
        new(unchecked((ulong)SeededRandom.Derive(seed, purpose)), device);

    /// <summary>A parameter that outlives the dispose scope.</summary>
    protected static Tensor Own(Tensor value) => value.with_requires_grad().DetachFromDisposeScope();

    /// <summary>Puts an adapter on a projection.</summary>
    protected void Attach(string parameter, LowRankAdapter adapter)
    {
        adapter = adapter with { Random = dropout };
        adapters.Add((parameter, adapter));
        attachments.Add(Model.Adapt(parameter, adapter));
    }

    private void Detach()
    {
        attachments.ForEach(attachment => attachment.Dispose());
        attachments.Clear();
    }
}

/// <summary>
/// LoRA's adapters, attached to the session's model until disposed; B = 0, so that they change nothing at first.
/// </summary>
internal sealed class LowRankAdapters : AttachedAdapters
{
    private readonly List<(string Parameter, Tensor A_RI, Tensor B_OR)> adapters = [];
    private readonly double scale;

    /// <summary>Draws and attaches the adapters.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="settings">Validated settings.</param>
    /// <param name="purpose">Separates the random streams of several sets of adapters in one edit.</param>
    public LowRankAdapters(EditSession session, LowRankSettings settings, string purpose = "")
        : base(session.Model, settings.Targets.FirstLayer, Random(session.Seed, $"adapters/dropout/{purpose}", session.Model.Device))
    {
        scale = settings.Alpha / settings.Rank;
        using var start = Random(session.Seed, $"adapters/start/{purpose}");
        var model = session.Model;
        using var scope = NewDisposeScope();
        foreach (var name in settings.Targets.Names(model))
        {
            var shape = model.ShapeOf(name);
            var (a_RI, b_OR) = (
                Own(Start(settings, shape[1], start).to(model.Device)), Own(zeros([shape[0], settings.Rank], device: model.Device)));
            adapters.Add((name, a_RI, b_OR));
            Attach(name, new LowRankAdapter(a_RI, b_OR, scale, settings.Dropout));
        }
    }

    /// <summary>All A and B, to be trained.</summary>
    public override IReadOnlyList<Tensor> Parameters => [.. adapters.SelectMany(adapter => new[] { adapter.A_RI, adapter.B_OR })];

    /// <summary>The change of each projection, (α/r) B A, as a product.</summary>
    public override IReadOnlyList<WeightDelta> Deltas()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return [.. adapters.Select(adapter => WeightDelta.LowRank(adapter.Parameter, adapter.B_OR * Held(scale), adapter.A_RI))];
    }

    private static Tensor Start(LowRankSettings settings, long inputs, Generator random) => settings.Start == LowRankStart.Gaussian
        ? randn([settings.Rank, inputs], generator: random).div_(Held(settings.Rank))
        : rand([settings.Rank, inputs], generator: random).mul_(Held(2)).sub_(Held(1)).div_(Held(Math.Sqrt(inputs)));
}
