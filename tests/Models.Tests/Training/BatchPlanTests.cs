using Harness.Models;
using Harness.Models.Training;

namespace Harness.Tests.Training;

public class BatchPlanTests
{
    private static readonly Sequence[] Examples = [.. Enumerable.Range(0, 50).Select(i => new Sequence(new int[2 + (i % 10)], 1))];

    [Fact]
    public void Every_example_is_in_one_batch_of_every_epoch()
    {
        var plan = new BatchPlan(Examples, batchSize: 8, poolBatches: 2, seed: 1);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var batches = plan.Epoch(epoch);
            Assert.Equal(plan.Count, batches.Count);
            Assert.Equal(50, batches.SelectMany(batch => batch).Distinct(ReferenceEqualityComparer.Instance).Count());
        }
    }

    [Fact]
    public void Lengths_within_a_batch_are_near_each_other()
    {
        var sorted = new BatchPlan(Examples, batchSize: 5, poolBatches: 10, seed: 1).Epoch(0);
        Assert.All(sorted, batch => Assert.Single(batch.Select(example => example.Ids.Length).Distinct()));
    }

    [Fact]
    public void Epochs_differ_and_repeat_for_the_same_seed()
    {
        var plan = new BatchPlan(Examples, batchSize: 8, poolBatches: 2, seed: 1);
        Assert.Equal(plan.Epoch(0).SelectMany(batch => batch), new BatchPlan(Examples, 8, 2, seed: 1).Epoch(0).SelectMany(batch => batch));
        Assert.NotEqual(plan.Epoch(0).SelectMany(batch => batch), plan.Epoch(1).SelectMany(batch => batch));
    }
}
