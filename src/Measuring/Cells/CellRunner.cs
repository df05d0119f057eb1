namespace Harness.Measuring.Cells;

/// <summary>
/// The bodies of the cells. A body reads its inputs' folders and writes its output folder: the same request gives the same bytes.
/// </summary>
public static class CellRunner
{
    /// <summary>Makes one cell.</summary>
    /// <exception cref="InputException">A data file or an input folder is not what it should be.</exception>
    public static void Run(CellRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        switch (request.Kind)
        {
            case CellKind.World or CellKind.Dataset: DataCells.Run(request, progress); break;
            case CellKind.Tokenizer or CellKind.Model: ModelCells.Run(request, progress, cancellation); break;
            case CellKind.Statistics or CellKind.Training or CellKind.Edit
                or CellKind.SingleEdits:
                EditCells.Run(request, progress, cancellation); break;
            case CellKind.Score or CellKind.Capability or CellKind.Timing: ScoreCells.Run(request, progress, cancellation); break;
            default: throw new ArgumentOutOfRangeException(nameof(request), request.Kind, "unknown kind of cell");
        }
    }

    internal static string Input(this CellRequest request, string role) =>
        request.Inputs.TryGetValue(role, out var folder) ? folder
            : throw new InvalidOperationException($"a {request.Kind} cell needs the input '{role}'");

    internal static T OptionsAs<T>(this CellRequest request) => CanonicalJson.FromNode<T>(request.Options);

    internal static string Output(this CellRequest request, string file) => Path.Combine(request.OutputFolder, file);
}
