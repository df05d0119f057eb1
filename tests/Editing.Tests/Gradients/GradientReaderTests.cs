// O, I = shape of a matrix.
using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Gradients;

public sealed class GradientReaderTests
{
    private static readonly MlpProjection[] Projections = [MlpProjection.Down, MlpProjection.Up, MlpProjection.Gate];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Products_of_gradients_and_keys_are_the_weights_gradient(bool gated)
    {
        using var tiny = new TinySession();
        using var plain = Transformer.Create(tiny.Model.Config with { Family = "gpt2", KeyValueHeads = 4 }, seed: 5);
        var session = gated ? tiny.Session : tiny.Session with { Model = plain };
        using var scope = NewDisposeScope();
        var matrices = EditedMatrix.All(session, "test", [0, 2], gated ? Projections : [MlpProjection.Down, MlpProjection.Up]);
        var samples = TrainingSamples.New(session, TinySession.All, appendEos: true);
        var reading = new GradientReader(session, matrices, ReadTokens.All).Read(samples);

        using var trained = new TrainedWeights(session.Model, [.. matrices.Select(matrix => matrix.Parameter)]);
        var batch = new TokenBatch(samples);
        var hidden_BTD = session.Model.Run(session.Model.Embed(batch.Tokens_BT), 0, 3);
        var losses = TokenLoss.PerLabel(session.Model, TokenBatch.Select(hidden_BTD, batch.TargetRows_N), batch.TargetLabels_N);
        var loss = (losses * tensor(samples.SelectMany(one => Enumerable.Repeat(1f / one.TargetLength, one.TargetLength)).ToArray())).sum();
        loss.backward();
        Assert.Equal(loss.AsDouble() / 3, reading.Loss, 1e-5);
        foreach (var (matrix, read) in matrices.Zip(reading.Matrices))
        {
            var found_OI = read.Gradients_NO.t().matmul(read.Keys_NI);
            Assert.InRange(Numbers.Distance(found_OI, session.Model.Parameter(matrix.Parameter).grad!), 0, 1e-5);
        }
    }

    [Fact]
    public void Reads_a_sequence_alike_in_any_company()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var matrices = EditedMatrix.All(tiny.Session, "test", [1], Projections);
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: false);
        var reader = new GradientReader(tiny.Session, matrices, ReadTokens.Answer);
        var together = reader.Read(samples);
        Assert.Equal(samples.Sum(sample => sample.TargetLength), together.Starts[^1]);
        for (var i = 0; i < samples.Count; i++)
        {
            var alone = reader.Read([samples[i]]);
            foreach (var (one, other) in together.Of([i]).Zip(alone.Matrices))
                Assert.InRange(Numbers.Distance(one.Pairs_NW, other.Pairs_NW), 0, 1e-5);
        }
    }

    [Fact]
    public void Names_the_gate_that_a_model_lacks()
    {
        using var tiny = new TinySession();
        using var plain = Transformer.Create(tiny.Model.Config with { Family = "gpt2", KeyValueHeads = 4 }, seed: 5);
        var error = Assert.Throws<InputException>(
            () => EditedMatrix.All(tiny.Session with { Model = plain }, "mend", [0], [MlpProjection.Gate]));
        Assert.Equal("Editor 'mend': found projection gate, which a gpt2 model lacks; expected down or up; leave the gate out.",
            error.Message);
    }
}
