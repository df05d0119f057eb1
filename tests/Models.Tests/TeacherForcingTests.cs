using Harness.Models;

namespace Harness.Tests;

public class TeacherForcingTests
{
    private static readonly Sequence[] Mixed =
        [new([0, 5, 6, 7, 8], 3), new([0, 9, 4], 2), new([0, 30, 31, 32, 33], 1), new([0, 9, 5], 1), new([0, 1, 2, 3, 4, 5, 6], 5)];

    [Fact]
    public void Gives_argmax_and_mean_surprise_of_the_targets_in_the_given_order()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var answers = TeacherForcing.Run(model, Mixed);
        var reference = new ReferenceLlama(model);
        foreach (var (sequence, answer) in Mixed.Zip(answers))
        {
            var logits = reference.Logits([.. sequence.Ids.Select(id => (long)id)])[(sequence.TargetStart - 1)..^1];
            Assert.Equal(logits.Select(row => Array.IndexOf(row, row.Max())), answer.Argmax);
            var surprises = logits.Select((row, i) => Math.Log(row.Sum(Math.Exp)) - row[sequence.Ids[sequence.TargetStart + i]]);
            Assert.Equal(surprises.Average(), answer.MeanNll, 1e-4);
        }
    }

    [Fact]
    public void Shows_the_logits_of_each_sequences_targets()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var reference = new ReferenceLlama(model);
        var seen = new List<int>();
        TeacherForcing.Visit(model, Mixed, (row, logits_NV) =>
        {
            seen.Add(row);
            var expected = reference.Logits([.. Mixed[row].Ids.Select(id => (long)id)])[(Mixed[row].TargetStart - 1)..^1];
            Assert.Equal([Mixed[row].TargetLength, 40], logits_NV.shape);
            Assert.Equal(expected.SelectMany(values => values), logits_NV.data<float>().ToArray().Select(value => (double)value),
                (a, b) => Math.Abs(a - b) < 1e-3);
        });
        Assert.Equal([1, 3, 0, 2, 4], seen);
    }

    [Fact]
    public void Small_batches_say_the_same_as_large_ones()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var (large, small) = (TeacherForcing.Run(model, Mixed), TeacherForcing.Run(model, Mixed, batchTokens: 5));
        Assert.Equal(large.Select(answer => answer.Argmax), small.Select(answer => answer.Argmax));
        Assert.Equal(large.Select(answer => answer.MeanNll), small.Select(answer => answer.MeanNll), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Leaves_no_tensors_behind()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        TeacherForcing.Run(model, Mixed);
        var before = TinyModels.Live();
        TeacherForcing.Run(model, Mixed);
        TeacherForcing.Visit(model, Mixed, (_, logits_NV) => logits_NV.argmax());
        Assert.Equal(before, TinyModels.Live());
    }

    [Fact]
    public void Nothing_to_run_is_no_mistake() => Assert.Empty(TeacherForcing.Run(null!, []));
}
