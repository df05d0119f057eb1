// N = target tokens, V = vocabulary.
using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Tests.Neurons;

public sealed class LastMlpTests
{
    [Fact]
    public void Gives_the_model_s_logits_at_the_target_tokens_of_samples_of_any_lengths()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: true);
        using var mlp = new LastMlp(tiny.Session, samples);
        for (var i = 0; i < samples.Count; i++)
        {
            var (start, count) = mlp.Rows(i);
            var ids = samples[i].Ids;
            Assert.Equal(ids[samples[i].TargetStart..], mlp.Labels[start..(start + count)]);
            var whole_NV = tiny.Model.Logits(tensor(Array.ConvertAll(ids, id => (long)id), [1, ids.Length]))[0].narrow(
                0, samples[i].TargetStart - 1, count);
            Assert.InRange(Numbers.Distance(tiny.Model.Head(mlp.Outputs_ND.narrow(0, start, count)), whole_NV), 0, 1e-5);
        }
    }
}
