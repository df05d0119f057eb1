using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class MetricTests
{
    [Fact]
    public void A_metric_of_another_protocol_is_refused_and_one_of_none_is_not()
    {
        Assert.Equal(
            "metric 'es' is measured under nll-pair, the table's protocol is tf-token: a table may not mix protocols",
            Metric.Check(Protocol.TfToken, "es"));
        Assert.Equal(
            "metric 'es' is measured under nll-pair, the table's protocol is wild-em: a table may not mix protocols",
            Metric.Check(Protocol.WildEm, "es"));
        foreach (var metric in new[] { "reliability", "locality-each", "portability", "ge", "capability", "kl", "change", "seconds",
            "nonsense" })
            Assert.Null(Metric.Check(Protocol.TfAll, metric));
    }

    [Fact]
    public void Every_criterion_of_compositional_data_sets_is_a_metric_of_protocols_that_take_answers()
    {
        Assert.All(Criteria.All, criterion =>
        {
            Assert.Null(Metric.Check(Protocol.WildEm, criterion));
            Assert.StartsWith($"metric '{criterion}' is measured under tf-token, tf-all, wild-em or wild-em-qa",
                Metric.Check(Protocol.NllPair, criterion));
            Assert.Equal((MetricUnit.Percent, MetricSource.Answers, true),
                (Metric.Find(criterion).Unit, Metric.Find(criterion).Source, Metric.Find(criterion).NotOfOriginal is null));
        });
    }

    [Fact]
    public void Every_metric_has_components_and_a_name_of_its_own()
    {
        Assert.All(Metric.Catalogue, metric => Assert.NotEmpty(metric.Components));
        Assert.Equal(Metric.Known.Count, Metric.Known.Distinct().Count());
        var message = Assert.Throws<InputException>(() => Metric.Find("reliabilty")).Message;
        Assert.StartsWith("unknown metric 'reliabilty'; did you mean 'reliability'? (known metrics: reliability, reliability-each, ",
            message);
    }

    [Theory]
    [InlineData("reliability", true)]
    [InlineData("reliability-each", false)]
    [InlineData("locality", false)]
    [InlineData("s", true)]
    [InlineData("capability", true)]
    [InlineData("perplexity-ratio", false)]
    [InlineData("seconds", false)]
    public void The_unedited_model_has_what_is_not_about_an_edit(string metric, bool expected) =>
        Assert.Equal(expected, Metric.Find(metric).NotOfOriginal is null);

    [Theory]
    [InlineData("reliability", 64.321, "64.3", "+64.3")]
    [InlineData("ge", 618.64, "618.6", "+618.6")]
    [InlineData("ratio", 1.254, "1.25×", "+1.25×")]
    [InlineData("ratio", 23.44, "23.4×", "+23.4×")]
    [InlineData("perplexity-ratio", 1234567, "1.2e6×", "+1.2e6×")]
    [InlineData("kl", 0.01234, "0.012", "+0.012")]
    [InlineData("seconds", 123.4, "123", "+123")]
    public void Numbers_are_shown_in_their_unit(string metric, double shown, string expected, string signed)
    {
        Assert.Equal(expected, Digits.Short(shown, Metric.Find(metric).Unit));
        Assert.Equal(signed, Digits.Signed(shown, Metric.Find(metric).Unit));
    }

    [Fact]
    public void Columns_name_units_but_percent()
    {
        Assert.Equal(["es", "kl (nats)", "ratio (×)", "seconds (s)"],
            new[] { "es", "kl", "ratio", "seconds" }.Select(name => Metric.Find(name).Title));
    }
}
