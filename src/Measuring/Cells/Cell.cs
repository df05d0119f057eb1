using System.Text.Json.Nodes;

namespace Harness.Measuring.Cells;

/// <summary>
/// A kind of cell: a pure function of its options, its inputs' folders and its seed. Each kind is one file here: options, inputs, what its
/// key covers, body.
/// </summary>
public abstract class Cell
{
    /// <summary>Which.</summary>
    public abstract CellKind Kind { get; }

    /// <summary>Whether libtorch and the machine's arithmetic can change it.</summary>
    public virtual bool UsesLibtorch => true;

    /// <summary>The editors, by their names in the registry, whose code computes it besides the kind's own.</summary>
    /// <param name="options">Its options record as canonical JSON.</param>
    public abstract IEnumerable<string> EditorsOf(JsonObject options);

    /// <summary>Makes a cell.</summary>
    /// <exception cref="InputException">A data file or an input folder is not what it should be.</exception>
    internal abstract void Run(CellRun run);
}

/// <summary>A kind of cell with its options and inputs.</summary>
/// <typeparam name="TOptions">The options record.</typeparam>
/// <typeparam name="TInputs">The inputs record, with the inputs' folders.</typeparam>
public abstract class Cell<TOptions, TInputs> : Cell
{
    /// <inheritdoc/>
    public sealed override IEnumerable<string> EditorsOf(JsonObject options) => Editors(CanonicalJson.FromNode<TOptions>(options));

    /// <inheritdoc cref="EditorsOf"/>
    protected virtual IEnumerable<string> Editors(TOptions options) => [];

    /// <summary>The body: reads the inputs' folders and writes the output folder; the same arguments give the same bytes.</summary>
    protected abstract void Run(TOptions options, TInputs inputs, CellRun run);

    /// <inheritdoc/>
    internal sealed override void Run(CellRun run) => Run(
        CanonicalJson.FromNode<TOptions>(run.Request.Options), CellInputs.FromRoles<TInputs>(run.Request.Inputs), run);
}

/// <summary>Options of a kind of cell.</summary>
public interface ICellOptions<TCell>
    where TCell : Cell;

/// <summary>What a kind of cell is made from: planned cells in a plan, folders of finished ones in a body.</summary>
public interface ICellInputs<TCell, T>
    where TCell : Cell;

/// <summary>What a cell makes.</summary>
public enum CellKind
{
    /// <summary>A synthetic world of facts.</summary>
    World,

    /// <summary>Edit cases and the original model's knowledge.</summary>
    Dataset,

    /// <summary>A tokenizer, trained on a data set's knowledge and texts.</summary>
    Tokenizer,

    /// <summary>An original model, trained here or published.</summary>
    Model,

    /// <summary>Second moments of down-projection inputs of some layers.</summary>
    Statistics,

    /// <summary>What an editor has learnt before it edits.</summary>
    Training,

    /// <summary>An edit, and scores right after each of its cases.</summary>
    Edit,

    /// <summary>Scores of edits each of which was alone on the model.</summary>
    SingleEdits,

    /// <summary>Scores of an edited model.</summary>
    Score,

    /// <summary>What the model can do besides the edits.</summary>
    Capability,

    /// <summary>Seconds that edits took: they depend on the machine and its load.</summary>
    Timing,

    /// <summary>What each state of an unedited model does for the facts that it knows.</summary>
    Trace,
}

/// <summary>
/// Everything that a cell's body may depend on. The body writes into <see cref="OutputFolder"/> only; the store does the rest.
/// </summary>
public sealed record CellRequest
{
    /// <summary>What to make.</summary>
    public required CellKind Kind { get; init; }

    /// <summary>The kind's options record as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Seed of all randomness in the cell.</summary>
    public required long Seed { get; init; }

    /// <summary>Where tensors are computed: <c>cpu</c> (default) or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Folders of finished input cells by role (<see cref="CellInputs"/>).</summary>
    public required IReadOnlyDictionary<string, string> Inputs { get; init; }

    /// <summary>An existing empty folder for what the cell makes.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Finds published files and models.</summary>
    public required IPublished Published { get; init; }
}

/// <summary>A cell that is being made.</summary>
/// <param name="Request">What to make.</param>
/// <param name="Progress">Told how far it is.</param>
/// <param name="Cancellation">Ends it.</param>
public sealed record CellRun(CellRequest Request, IProgress<string> Progress, CancellationToken Cancellation)
{
    /// <summary>Seed of all randomness in the cell.</summary>
    public long Seed => Request.Seed;

    /// <summary>Path of a file that it makes.</summary>
    public string Output(string file) => Path.Combine(Request.OutputFolder, file);
}

/// <summary>The kinds of cells.</summary>
public static class CellRunner
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Cell> Kinds { get; } =
    [
        new WorldCell(), new DatasetCell(), new TokenizerCell(), new ModelCell(), new StatisticsCell(), new TrainingCell(), new EditCell(),
        new SingleEditsCell(), new ScoreCell(), new CapabilityCell(), new TimingCell(), new TraceCell(),
    ];

    /// <summary>The kind of that name.</summary>
    public static Cell Of(CellKind kind) => Kinds.First(known => known.Kind == kind);

    /// <summary>Makes one cell.</summary>
    /// <exception cref="InputException">A data file or an input folder is not what it should be.</exception>
    public static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation) =>
        Of(request.Kind).Run(new CellRun(request, progress, cancellation));
}
