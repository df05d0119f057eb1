// N = prompts, T = positions, D = model width, I = MLP width.
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Locating;

public sealed class SubjectPromptTests
{
    [Theory]
    [InlineData("")]
    [InlineData("In the end. ")]
    public void Ends_with_the_subject_s_last_token_behind_prefix_and_context(string context)
    {
        using var tiny = new TinySession();
        var tokenizer = tiny.Session.Tokenizer;
        foreach (var request in TinySession.All)
        {
            var ids = SubjectPrompt.Of(tiny.Session, request, context).Ids;
            int[] whole = [.. tokenizer.Prefix, .. tokenizer.EncodeToIds(context + request.Prompt)];
            Assert.Equal(whole[..ids.Length], ids);
            var end = request.Prompt.IndexOf(request.Subject, StringComparison.Ordinal) + request.Subject.Length;
            Assert.Equal(context + request.Prompt[..end], tokenizer.Decode(ids.Skip(tokenizer.Prefix.Count)));
        }
    }

    // The subjects' last tokens lie at different places, and whole prompts go on behind them.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Reads_what_the_whole_prompts_have_there(int layer)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        SubjectPrompt[] prompts = [.. TinySession.All.Select(request => SubjectPrompt.Of(tiny.Session, request, ""))];
        Assert.True(prompts.DistinctBy(prompt => prompt.Ids.Length).Count() > 1);
        var keys_NI = SubjectPrompt.Keys(tiny.Model, prompts, layer);
        var values_ND = SubjectPrompt.Parts(tiny.Model, prompts, layer, ofAttention: false);
        var mixed_ND = SubjectPrompt.Parts(tiny.Model, prompts, layer, ofAttention: true);
        var outputs_ND = SubjectPrompt.Outputs(tiny.Model, prompts, layer);
        for (var i = 0; i < prompts.Length; i++)
        {
            var tokenizer = tiny.Session.Tokenizer;
            long[] whole = [.. tokenizer.Prefix.Concat(tokenizer.EncodeToIds(TinySession.All[i].Prompt)).Select(id => (long)id)];
            Assert.True(whole.Length > prompts[i].Ids.Length);
            var seen = new Reader(layer, prompts[i].Ids.Length - 1);
            tiny.Model.Logits(tensor(whole, [1, whole.Length]), seen);
            Assert.InRange(Numbers.Distance(keys_NI[i], seen.Key_I!), 0, 1e-5);
            Assert.InRange(Numbers.Distance(values_ND[i], seen.Value_D!), 0, 1e-5);
            Assert.InRange(Numbers.Distance(mixed_ND[i], seen.Mixed_D!), 0, 1e-5);
            Assert.InRange(Numbers.Distance(outputs_ND[i], seen.Output_D!), 0, 1e-5);
        }
    }

    private sealed class Reader(int wanted, int position) : IActivationHook
    {
        public Tensor? Key_I { get; private set; }

        public Tensor? Value_D { get; private set; }

        public Tensor? Mixed_D { get; private set; }

        public Tensor? Output_D { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_BTI)
        {
            if (layer == wanted) Key_I = key_BTI[0][position].clone();
            return key_BTI;
        }

        public Tensor MlpOutput(int layer, Tensor value_BTD)
        {
            if (layer == wanted) Value_D = value_BTD[0][position].clone();
            return value_BTD;
        }

        public Tensor AttentionOutput(int layer, Tensor mixed_BTD)
        {
            if (layer == wanted) Mixed_D = mixed_BTD[0][position].clone();
            return mixed_BTD;
        }

        public Tensor LayerOutput(int layer, Tensor hidden_BTD)
        {
            if (layer == wanted) Output_D = hidden_BTD[0][position].clone();
            return hidden_BTD;
        }
    }
}
