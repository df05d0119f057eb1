using Harness.Declarations;
using Harness.Measuring.Cells;
using Harness.Planning;

namespace Harness.Stages;

/// <summary>What a task of the study does.</summary>
public enum Stage
{
    /// <summary>Makes a data set.</summary>
    Data,

    /// <summary>Trains an original model on a data set, or imports it.</summary>
    Model,

    /// <summary>Makes what an experiment's editors need before they edit: key statistics, trainings.</summary>
    Statistics,

    /// <summary>Runs an experiment's editors.</summary>
    Edits,

    /// <summary>Scores an experiment's edited and unedited models.</summary>
    Scores,

    /// <summary>Writes and prints an experiment's table.</summary>
    Report,

    /// <summary>Compares experiments with their committed snapshots.</summary>
    Verify,

    /// <summary>Stands for others.</summary>
    Group,

    /// <summary>Says why an experiment cannot be had.</summary>
    Unavailable,
}

/// <summary>One Cake task that comes out of the experiments' YAML files.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Description">One line for <c>--description</c>; for <see cref="Stage.Unavailable"/>, what the user is told.</param>
/// <param name="Stage">What it does.</param>
/// <param name="DependsOn">Names of the tasks that run before it.</param>
public sealed record StageTask(string Name, string Description, Stage Stage, IReadOnlyList<string> DependsOn)
{
    /// <summary>The experiments that it works for; several for data sets and models, which experiments share.</summary>
    public IReadOnlyList<Experiment> Experiments { get; init; } = [];

    /// <summary>The paper's name of the data set, for <see cref="Stage.Data"/> and <see cref="Stage.Model"/>.</summary>
    public string Dataset { get; init; } = "";

    /// <summary>The paper's name of the model, for <see cref="Stage.Model"/>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The cells of a plan that are this task's to make, inputs first; none for tasks that make no cells.</summary>
    public IEnumerable<PlannedCell> CellsOf(Plan plan) =>
        plan.Rows.Where(row => Dataset is "" || row.Dataset == Dataset).Where(row => Model is "" || row.Model == Model)
            .SelectMany(CellsOf).DistinctBy(cell => cell.Key);

    private IEnumerable<PlannedCell> CellsOf(PlannedRow row) => Stage switch
    {
        Stage.Data => [.. row.Score.Inputs["dataset"].Inputs.Values, row.Score.Inputs["dataset"]],
        Stage.Model => [.. row.Score.Inputs["model"].Inputs.Values.Where(input => input.Kind == CellKind.Tokenizer),
            row.Score.Inputs["model"]],
        Stage.Statistics => (row.Edit ?? row.Score).Inputs.Values.Where(input => input.Kind is CellKind.Statistics or CellKind.Training),
        Stage.Edits => row.Edit is { } edit ? [edit] : [],
        Stage.Scores => row.Results,
        _ => [],
    };
}
