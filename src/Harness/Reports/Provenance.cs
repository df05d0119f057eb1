using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Harness.Declarations;

namespace Harness.Reports;

/// <summary>Where and with what a report was made. It is kept beside the results and is no part of what snapshots compare.</summary>
public sealed record Provenance
{
    /// <summary>Processor: model and architecture.</summary>
    public required string Machine { get; init; }

    /// <summary>Operating system and version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Version of the .NET runtime.</summary>
    public required string DotNet { get; init; }

    /// <summary>Version of libtorch.</summary>
    public required string LibTorch { get; init; }

    /// <summary>Version of the harness.</summary>
    public required string Harness { get; init; }

    /// <summary>Class of machines on which the numbers are the same to the last bit.</summary>
    public required string NumericsClass { get; init; }

    /// <summary>Keys of the Score cells by row (<c>zsre/llama2-7b/rome</c>), or empty.</summary>
    public IReadOnlyDictionary<string, string> CellKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>This machine's, with what only the caller knows.</summary>
    public static Provenance OfThisMachine(
        string libTorch, string numericsClass, IReadOnlyDictionary<string, string>? cellKeys = null) => new()
        {
            Machine = $"{Processor()} ({RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()})",
            OperatingSystem = RuntimeInformation.OSDescription,
            DotNet = Environment.Version.ToString(),
            LibTorch = libTorch,
            Harness = typeof(Provenance).Assembly.GetName().Version!.ToString(3),
            NumericsClass = numericsClass,
            CellKeys = cellKeys ?? new Dictionary<string, string>(),
        };

    /// <summary>
    /// The whole record of a report: machine, versions, seed, resolved options, sample counts. No times, no paths of the machine.
    /// </summary>
    internal string ToText(Report report)
    {
        var experiment = report.Experiment;
        var tree = new JsonObject
        {
            ["experiment"] = $"{experiment.Paper}/{experiment.Name}",
            ["command"] = ReportText.Command(report),
            ["machine"] = Machine,
            ["operating-system"] = OperatingSystem,
            ["versions"] = new JsonObject { ["harness"] = Harness, ["dotnet"] = DotNet, ["libtorch"] = LibTorch },
            ["numerics-class"] = NumericsClass,
            ["seeds"] = new JsonArray([.. experiment.Seeds.Select(seed => JsonValue.Create(seed))]),
            ["protocol"] = Digits.Id(experiment.Protocol),
            ["locality"] = Digits.Id(experiment.Locality),
            ["bootstrap"] = CanonicalJson.ToNode(report.Bootstrap),
            ["cases"] = Map(experiment.Datasets, d => d.Name, d => report.CasesOf(d.Name)),
            ["datasets"] = Map(experiment.Datasets, d => d.Name, d => new JsonObject
            {
                ["stand-in"] = d.StandIn,
                ["world"] = CanonicalJson.ToNode(d.World),
                ["options"] = CanonicalJson.ToNode(d.Options),
            }),
            ["models"] = Map(experiment.Models, m => m.Name, ModelNode),
            ["editors"] = Map(experiment.Editors.Where(e => e.Options is not null), e => e.Name, e => CanonicalJson.ToNode(e.Options)),
            ["chosen-by"] = Map(experiment.Editors.Where(e => e.ChosenBy is not null), e => e.Name, e => e.ChosenBy),
            ["specific-options"] = new JsonArray([.. experiment.Specific.Select(JsonNode (specific) => new JsonObject
            {
                ["dataset"] = specific.Dataset,
                ["model"] = specific.Model,
                ["editor"] = specific.Editor,
                ["options"] = CanonicalJson.ToNode(specific.Options),
            })]),
        };
        if (experiment.Tasks.Count > 0)
            tree["tasks"] = Map(experiment.Tasks, task => task.Key, task => new JsonObject { ["sha256"] = task.Value });
        tree["cell-keys"] = Map(CellKeys.OrderBy(pair => pair.Key, StringComparer.Ordinal), pair => pair.Key, pair => pair.Value);
        return ReportFile.Text(tree);
    }

    private static JsonObject ModelNode(ModelEntry model)
    {
        var node = new JsonObject { ["stand-in"] = model.StandIn };
        if (model.Source is TrainedModel trained) node["tokenizer"] = CanonicalJson.ToNode(trained.Tokenizer);
        node["options"] = model.Source switch
        {
            TrainedModel source => CanonicalJson.ToNode(source.Options),
            ImportedModel source => CanonicalJson.ToNode(source.Options),
            _ => null,
        };
        node["statistics-tokens"] = model.StatisticsTokens;
        return node;
    }

    private static JsonObject Map<T>(IEnumerable<T> items, Func<T, string> key, Func<T, JsonNode?> value) =>
        new(items.Select(item => KeyValuePair.Create(key(item), value(item))));

    private static string Processor()
    {
        const string information = "/proc/cpuinfo";
        var lines = File.Exists(information) ? File.ReadLines(information) : [];
        var line = lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line?.Split(':', 2)[1].Trim() ?? "processor of unknown model";
    }
}
