using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Measuring.Cells;

/// <summary>World and Dataset cells.</summary>
internal static class DataCells
{
    public static void Run(CellRequest request, IProgress<string> progress)
    {
        if (request.Kind == CellKind.World)
            WorldGenerator.Generate(request.OptionsAs<WorldOptions>(), request.Seed).Save(request.Output("world.json"));
        else FactDataFolder.Write(Read(request, request.OptionsAs<DatasetOptions>(), progress), request.OutputFolder);
    }

    private static FactData Read(CellRequest request, DatasetOptions options, IProgress<string> progress)
    {
        if (options.File is { } file)
        {
            var records = DataFileSource.Resolve(file, progress.Report);
            var texts = options.Text is { } text ? DataFileSource.Resolve(text, progress.Report) : null;
            return DatasetReader.Read(options, records, texts, request.Seed, progress.Report);
        }

        var world = World.Load(Path.Combine(request.Input("world"), "world.json"));
        return options.Schema switch
        {
            "zsre" => WorldDatasets.ToZsre(world, options.Edits, request.Seed, options.Examples, options.Probes),
            "counterfact" => WorldDatasets.ToCounterFact(world, options.Edits, request.Seed, options.Examples, options.Probes),
            _ => throw new InputException($"data set schema: found '{options.Schema}', expected zsre or counterfact for a world"),
        };
    }
}
