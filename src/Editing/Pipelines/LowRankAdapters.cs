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

/// <summary>Shape and start of low-rank adapters; the public options say what each number means.</summary>
internal sealed record LowRankSettings(int Rank, double Alpha, double Dropout, LowRankStart Start, LowRankTargets Targets)
{
    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("rank", Rank, 1).Positive("alpha", Alpha).BelowOne("dropout", Dropout).Include(Targets.Validate()).Violations;
}

/// <summary>
/// LoRA's adapters, attached to the session's model until disposed; B = 0, so that they change nothing at first.
/// </summary>
internal sealed class LowRankAdapters : AttachedAdapters
{
    private readonly List<(string Parameter, Tensor A_RI, Tensor B_OR)> adapters = [];
    private readonly Generator dropout;
    private readonly double scale;

    /// <summary>Draws and attaches the adapters.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="settings">Validated settings.</param>
    /// <param name="purpose">Separates the random streams of several sets of adapters in one edit.</param>
    public LowRankAdapters(EditSession session, LowRankSettings settings, string purpose = "")
        : base(session.Model)
    {
        scale = settings.Alpha / settings.Rank;
        dropout = Random(session.Seed, $"adapters/dropout/{purpose}", session.Model.Device);
        using var start = Random(session.Seed, $"adapters/start/{purpose}");
        var model = session.Model;
        using var scope = NewDisposeScope();
        foreach (var name in settings.Targets.Names(model))
        {
            var shape = model.ShapeOf(name);
            var (a_RI, b_OR) = (
                Own(Start(settings, shape[1], start).to(model.Device)), Own(zeros([shape[0], settings.Rank], device: model.Device)));
            adapters.Add((name, a_RI, b_OR));
            Attach(name, new LowRankAdapter(a_RI, b_OR, scale, settings.Dropout) { Random = dropout });
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

    /// <summary>
    /// The change of each projection, multiplied out, [O, I] float32, in the same order; owned by the caller's dispose scope.
    /// </summary>
    public IReadOnlyList<Tensor> Dense()
    {
        using var guard = no_grad();
        return [.. adapters.Select(adapter =>
        {
            using var left_OR = adapter.B_OR * Held(scale);
            return left_OR.matmul(adapter.A_RI);
        })];
    }

    /// <summary>Takes the adapters off the model and frees them.</summary>
    public override void Dispose()
    {
        base.Dispose();
        foreach (var (_, a_RI, b_OR) in adapters)
        {
            a_RI.Dispose();
            b_OR.Dispose();
        }

        dropout.Dispose();
    }

    private static Tensor Start(LowRankSettings settings, long inputs, Generator random) => settings.Start == LowRankStart.Gaussian
        ? randn([settings.Rank, inputs], generator: random).div_(Held(settings.Rank))
        : rand([settings.Rank, inputs], generator: random).mul_(Held(2)).sub_(Held(1)).div_(Held(Math.Sqrt(inputs)));
}
