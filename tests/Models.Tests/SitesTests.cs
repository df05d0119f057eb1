using Harness.Models;

namespace Harness.Tests;

public sealed class SitesTests
{
    [Fact]
    public void The_layout_has_a_shape_for_every_place_of_a_layer()
    {
        var shapes = ParameterLayout.Of(TinyModels.Grouped).ToDictionary(one => one.Name, one => one.Shape);
        Assert.Equal([16L, 16], shapes[Sites.Query(1)]);
        Assert.Equal([8L, 16], shapes[Sites.Key(1)]); // two heads of width 4 for four queries
        Assert.Equal([16L, 24], shapes[Sites.DownProjection(0)]);
        Assert.Equal([16L], shapes[Sites.FinalNorm]);
        Assert.Equal([40L, 16], shapes[Sites.Head]);
        Assert.DoesNotContain(shapes.Keys, name => name.EndsWith(".bias", StringComparison.Ordinal));
        Assert.DoesNotContain(Sites.Head, ParameterLayout.Of(TinyModels.Grouped with { TiedHead = true }).Select(one => one.Name));
    }

    [Fact]
    public void Biases_experts_and_norms_stand_beside_what_they_belong_to()
    {
        var config = TinyModels.Grouped with
        {
            QueryBias = true,
            QueryKeyNorm = true,
            Experts = new ExpertMixture(Count: 3, Active: 2, Width: 8, SharedWidth: 12, Normalise: true) { DenseLayers = [0] },
        };
        var names = ParameterLayout.Of(config).Select(one => one.Name).ToList();
        Assert.Equal(names.IndexOf(Sites.Value(0)) + 1, names.IndexOf(Sites.Bias(Sites.Value(0))));
        Assert.Contains(Sites.QueryNorm(0), names);
        Assert.Contains(Sites.DownProjection(0), names);
        Assert.DoesNotContain(Sites.DownProjection(1), names);
        Assert.Contains(Sites.Expert(1, 2, "down"), names);
        Assert.Contains(Sites.SharedExpertGate(1), names);
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Throws<ArgumentException>(() => Sites.Bias("model.norm.bias"));
    }
}
