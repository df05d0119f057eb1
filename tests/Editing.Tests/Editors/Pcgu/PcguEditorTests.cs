using Harness.Editing;
using Harness.Editing.Editors.Pcgu;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Pcgu;

public sealed class PcguEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static PcguOptions Small => new() { Vectors = 20, LearningRate = 1e-2, Epochs = 2, BatchSize = 2, TurnSize = 2 };

    private static readonly PcguOptions Once = new() { Vectors = 200, LearningRate = 1e-2, Epochs = 1 };

    [Theory]
    [InlineData(ContrastDirection.LearnNew)]
    [InlineData(ContrastDirection.ForgetOld)]
    [InlineData(ContrastDirection.Both)]
    public void Descends_on_the_rows_whose_gradients_are_least_alike(ContrastDirection direction)
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Once with { Direction = direction });
        var (olds, news) = (Gradients(tiny, TrainingSamples.Old), Gradients(tiny, TrainingSamples.New));
        var rows = news.Keys.SelectMany(name => Rows(tiny, name).Select(row => (
            Name: name, Row: row, Cosine: Cosine(row.Select(i => news[name][i]), row.Select(i => olds[name][i]))))).ToList();
        var limit = rows.Select(row => row.Cosine).Order().ElementAt(199);
        var changes = edit.Deltas.ToDictionary(delta => delta.Parameter, delta => Numbers.Of(delta.Whole_OI!));
        Assert.Equal(200, rows.Count(row => row.Row.Any(i => changes[row.Name][i] != 0)));
        Assert.All(rows, row =>
        {
            if (row.Row.All(i => changes[row.Name][i] == 0))
                return;
            Assert.True(row.Cosine <= limit + 1e-4);
            Assert.All(row.Row, i =>
            {
                var (own, other) = (news[row.Name][i], olds[row.Name][i]);
                var gradient = direction == ContrastDirection.LearnNew ? own
                    : direction == ContrastDirection.ForgetOld ? -other : own - other;
                Assert.Equal(-1e-2 * gradient, changes[row.Name][i], 1e-6 + 1e-4 * Math.Abs(gradient));
            });
        });
    }

    [Theory]
    [InlineData(Partition.Rows, new double[] { 0, 1 }, 0)]
    [InlineData(Partition.Columns, new double[] { 1, 0 }, 0)]
    public void Cuts_a_matrix_into_rows_or_columns_and_leaves_a_vector_whole(Partition partition, double[] matrix, double vector)
    {
        using var scope = NewDisposeScope();

        // Rows: (1 1)·(1 1) alike, (3 1)·(−1 0) not. Columns: (1 3)·(1 −1) not, (1 1)·(1 0) alike. The vector's own two are alike.
        Tensor[] news = [tensor(new float[,] { { 1, 1 }, { 3, 1 } }), tensor(new float[] { 1, 2 })];
        Tensor[] olds = [tensor(new float[,] { { 1, 1 }, { -1, 0 } }), tensor(new float[] { 2, 4 })];
        var chosen = PcguEditor.Chosen(news, olds, partition, 1);
        Assert.Equal(matrix, Numbers.Of(chosen[0]));
        Assert.Equal(partition == Partition.Rows ? [2, 1] : [1, 2], chosen[0].shape);
        Assert.Equal([vector], Numbers.Of(chosen[1]));
        Assert.All(PcguEditor.Chosen(news, olds, partition, 100), one => Assert.All(Numbers.Of(one), value => Assert.Equal(1, value)));
    }

    [Fact]
    public void Learns_all_edits()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Once with { LearningRate = 0.05, Epochs = 100, Layers = [1, 2] });
        Assert.All(edit.Deltas, delta => Assert.Matches(@"^model\.layers\.[12]\.", delta.Parameter));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void Goes_on_with_the_same_weights_turn_by_turn()
    {
        using var tiny = new TinySession();
        List<(int Edits, string Hash)> told = [];
        var session = tiny.Session with { AfterBatch = (batch, _) => told.Add((batch.Count, tiny.WeightHash())) };
        using var edit = new PcguEditor((PcguOptions)Once.Sequential(2)).Edit(session, TinySession.All);
        Assert.Equal([2, 1], told.Select(one => one.Edits));
        Assert.Equal(3, told.Select(one => one.Hash).Append(tiny.WeightHash()).Distinct().Count());
    }

    [Fact]
    public void Takes_the_model_s_own_answers_where_there_are_no_old_ones()
    {
        using var tiny = new TinySession();
        var requests = TinySession.All.Select(request => request with { TargetOld = "" }).ToList();
        using var edit = new PcguEditor(Once with { OldKnowledge = OldKnowledge.Model }).Edit(tiny.Session, requests);
        Assert.Contains(edit.Deltas, delta => Numbers.Of(delta.Whole_OI!).Any(change => change != 0));
    }

    private static Edit Edit(TinySession tiny, PcguOptions options) =>
        EditorRegistry.Find("pcgu").Create(options).Edit(tiny.Session, TinySession.All);

    // By the loss of the three answers together, each the mean over its tokens.
    private static Dictionary<string, double[]> Gradients(
        TinySession tiny, Func<EditSession, IReadOnlyList<EditRequest>, bool, IReadOnlyList<Sequence>> samples)
    {
        using var scope = NewDisposeScope();
        using var trained = new TrainedWeights(tiny.Model, tiny.Model.ParameterNames);
        foreach (var sample in samples(tiny.Session, TinySession.All, true))
        {
            using var batch = new TokenBatch([sample]);
            (TokenLoss.Mean(tiny.Model, tiny.Model.Run(tiny.Model.Embed(batch.Tokens_BT), 0, 3), batch) / Held(3)).backward();
        }

        return tiny.Model.ParameterNames.ToDictionary(name => name, name => Numbers.Of(tiny.Model.Parameter(name).grad!));
    }

    // Places of each row's elements; a vector is one row.
    private static IEnumerable<int[]> Rows(TinySession tiny, string name)
    {
        var shape = tiny.Model.ShapeOf(name);
        var width = (int)shape[^1];
        return Enumerable.Range(0, shape.Count == 1 ? 1 : (int)shape[0]).Select(row => Enumerable.Range(row * width, width).ToArray());
    }

    private static double Cosine(IEnumerable<double> own, IEnumerable<double> other)
    {
        var (a, b) = (own.ToArray(), other.ToArray());
        return a.Zip(b, (x, y) => x * y).Sum() / Math.Max(Math.Sqrt(a.Sum(x => x * x)) * Math.Sqrt(b.Sum(y => y * y)), 1e-8);
    }
}
