using Harness.Declarations;
using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Tests.Docs.Schema;

namespace Harness.Tests.Docs.Guides;

/// <summary>The experiments of docs/add-an-experiment.md load and are planned.</summary>
public sealed class ExampleExperimentTests
{
    private static readonly ExperimentCatalog Catalog =
        ExperimentCatalog.Load(Clone.At("tests/Docs.Tests/Guides/experiments"), "embedded", ExperimentOverrides.None);

    [Fact]
    public void The_table_is_planned_with_its_rows_overrides_and_claims()
    {
        var experiment = Catalog.Find("Example-Table1");
        var plan = Plan.Build(experiment, _ => { });
        Assert.Equal(["original", "rome", "ft-m-all"], experiment.Editors.Select(editor => editor.Name));
        Assert.Equal(6, plan.Rows.Count);
        Assert.Equal(2, plan.Cells.Count(cell => cell.Kind == CellKind.Model));
        Assert.Equal(3, experiment.Claims.Count);
        Assert.Equal(93.14, experiment.Published["zsre"]["llama2-7b"]["rome"]["locality"]);
        Assert.Equal([25, 40], plan.Cells.Where(cell => cell is { Kind: CellKind.Edit, Editor: "rome" })
            .Select(cell => cell.Options["options"]!["value"]!["steps"]!.GetValue<int>()));
    }

    [Fact]
    public void The_figure_has_a_row_for_each_combination()
    {
        var experiment = Catalog.Find("Example-Figure");
        Assert.Equal(["layer", "batch size"], experiment.Axes.Select(axis => axis.Name));
        Assert.Equal("locft-bf@0,1", experiment.Editors[0].Name);
        Assert.Equal(12, Plan.Build(experiment, _ => { }).Rows.Count);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_files_keep_to_their_schemas(string file) =>
        Assert.Empty(SchemaTests.Mistakes(SchemaTests.SchemaOf(file), Clone.Read(file)));

    public static TheoryData<string> Files { get; } = [.. Clone.Below("tests/Docs.Tests/Guides/experiments", "*.yaml", recursive: true)];
}
