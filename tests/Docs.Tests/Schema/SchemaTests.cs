using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Measuring.Yaml;
using Harness.Running.Cluster;
using Json.Schema;

namespace Harness.Tests.Docs.Schema;

public sealed class SchemaTests
{
    private static readonly EvaluationOptions Nested = new() { OutputFormat = OutputFormat.Hierarchical };

    private static readonly Dictionary<string, JsonSchema> Schemas =
        SchemaWriter.All.ToDictionary(one => one.Key, one => JsonSchema.FromText(SchemaWriter.Text(one.Value)));

    public static TheoryData<string> Names { get; } = [.. SchemaWriter.All.Keys];

    public static TheoryData<string> Declarations { get; } = [.. Clone.Below("experiments", "*.yaml", recursive: true)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_what_the_records_give(string name) =>
        Clone.AssertCommitted($"experiments/schema/{name}.schema.json", SchemaWriter.Text(SchemaWriter.All[name]));

    [Theory]
    [MemberData(nameof(Declarations))]
    public void Declarations_name_their_schema_and_keep_to_it(string file)
    {
        var name = SchemaOf(file);
        var up = string.Concat(Enumerable.Repeat("../", file.Split('/').Length - 2));
        Assert.Equal($"# yaml-language-server: $schema={up}schema/{name}.schema.json", Clone.Read(file).Split('\n')[0]);
        Assert.Empty(Mistakes(name, Clone.Read(file)));
    }

    [Fact]
    public void The_example_of_a_cluster_s_file_is_one()
    {
        const string Example = "docs/cluster.example.yaml";
        Assert.Empty(Mistakes("cluster", Clone.Read(Example)));
        Assert.Equal(20, ClusterFile.Of(Clone.At(Example)).Workers);
    }

    [Fact]
    public void The_guides_have_every_key()
    {
        string[] guides = ["docs/add-an-experiment.md", "docs/run-on-a-cluster.md"];
        foreach (var guide in guides) Clone.AssertCommitted(guide, KeyTables.Renew(Clone.Read(guide)));
        var text = string.Concat(guides.Select(Clone.Read));
        var definitions = SchemaWriter.All.SelectMany(schema => (schema.Value["definitions"] as JsonObject ?? [])
            .Select(one => $"{schema.Key}#/definitions/{one.Key}")).Where(place => !IsOfEditors(place));
        Assert.Subset(KeyTables.Places(text).ToHashSet(), definitions.ToHashSet());
    }

    [Theory]
    [InlineData("rome: { layr: 1 }", "/scales/embedded/editors/rome/layr")]
    [InlineData("rome: { layer: one }", "/scales/embedded/editors/rome/layer")]
    [InlineData("rome: { value: { clamp: 1, steps: 2.5 } }", "/scales/embedded/editors/rome/value/steps")]
    [InlineData("mine: { layer: 1 }", "/scales/embedded/editors/mine")]
    [InlineData("mine: { editor: rome, layr: 1 }", "/scales/embedded/editors/mine/layr")]
    [InlineData("mine: { editor: rom }", "/scales/embedded/editors/mine/editor")]
    [InlineData("mine: { editor: rome, layer: 1 }", null)]
    public void Knows_the_editors_and_their_options(string row, string? wrong)
    {
        var text = Clone.Read("tests/Docs.Tests/Guides/experiments/example/figure.yaml");
        var mistakes = Mistakes("experiment", text.Replace("locft-bf: {}", row, StringComparison.Ordinal));
        if (wrong is null)
            Assert.Empty(mistakes);
        else
            Assert.Contains(wrong, mistakes.Select(mistake => mistake.Split(':')[0]));
    }

    // Options of editors are in the schema and in each editor's options record: the guide does not repeat them.
    private static bool IsOfEditors(string place) => place.Contains("/row-", StringComparison.Ordinal)
        || (place.StartsWith("experiment#", StringComparison.Ordinal) && place.EndsWith("-options", StringComparison.Ordinal));

    [Fact]
    public void Knows_the_options_of_an_override()
    {
        var text = Clone.Read("tests/Docs.Tests/Guides/experiments/example/table1.yaml");
        var mistake = Assert.Single(Mistakes("experiment", text.Replace("{ steps: 40 }", "{ stps: 40 }", StringComparison.Ordinal)));
        Assert.StartsWith("/scales/embedded/overrides/0/options/value/stps:", mistake);
    }

    internal static IReadOnlyList<string> Mistakes(string schema, string yaml)
    {
        var errors = new DeclarationErrors();
        var map = YamlReader.ReadText(yaml, "file", errors);
        errors.ThrowIfAny();
        return [.. Mistakes(Schemas[schema].Evaluate(Json(map!).Deserialize<JsonElement>(), Nested))];
    }

    // Without the branches that need not hold.
    private static IEnumerable<string> Mistakes(EvaluationResults part) => part.IsValid ? [] :
    [
        .. (part.Errors ?? new Dictionary<string, string>()).Select(error => $"{part.InstanceLocation}: {error.Value}"),
        .. (part.Details ?? []).Where(inner => !inner.EvaluationPath.ToString().EndsWith("/if", StringComparison.Ordinal))
            .SelectMany(Mistakes),
    ];

    internal static string SchemaOf(string file) => file.Split('/') switch
    {
        [.., "published", _] => "published",
        [.., "tuning", "spaces.yaml"] => "spaces",
        [.., "tuning", var name] when name.StartsWith("chosen.", StringComparison.Ordinal) => "chosen",
        [.., "experiments", var top] => Path.GetFileNameWithoutExtension(top),
        _ => "experiment",
    };

    private static JsonNode? Json(YamlItem item) => item switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Json(entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Json)]),
        YamlScalar { IsNull: true } => null,
        YamlScalar { Plain: true, Text: "true" or "false" } scalar => scalar.Text == "true",
        YamlScalar { Plain: true, Text: var text }
            when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        YamlScalar { Plain: true } scalar when double.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var real) => real,
        YamlScalar scalar => scalar.Text,
        _ => throw new ArgumentOutOfRangeException(nameof(item), item, "an item of YAML"),
    };
}
