// N = prompts, T = positions, D = model width, I = MLP width.
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>
/// Ids of a prompt up to its subject's last token; the tokenizer's prefix comes first. Attention is causal: what follows does not change
/// what is read there.
/// </summary>
internal sealed record SubjectPrompt(int[] Ids)
{
    /// <summary>The beginning of a request's prompt behind a context.</summary>
    public static SubjectPrompt Of(EditSession session, EditRequest request, string context)
    {
        var last = SubjectPosition.Find(session.Tokenizer, request, context);
        return new([.. session.Tokenizer.Prefix.Concat(session.Tokenizer.EncodeToIds(context + request.Prompt)).Take(last + 1)]);
    }

    /// <summary>Inputs of a layer's down-projection at the subjects' last tokens.</summary>
    /// <returns>[N, I] float32 on the CPU, in the order of <paramref name="prompts"/>; the caller's dispose scope owns it.</returns>
    public static Tensor Keys(Transformer model, IReadOnlyList<SubjectPrompt> prompts, int layer)
    {
        return Read(model, prompts, model.Config.MlpWidth, tokens_NT =>
        {
            var reader = new LastKey(layer);
            model.Run(model.Run(model.Embed(tokens_NT), 0, layer), layer, layer + 1, reader);
            return reader.Key_NI!;
        });
    }

    /// <summary>Outputs of a layer's MLP, or of its attention, at the subjects' last tokens.</summary>
    /// <returns>[N, D] float32 on the CPU, in the order of <paramref name="prompts"/>; the caller's dispose scope owns it.</returns>
    public static Tensor Parts(Transformer model, IReadOnlyList<SubjectPrompt> prompts, int layer, bool ofAttention)
    {
        return Read(model, prompts, model.Config.Width, tokens_NT =>
        {
            var reader = new LastOutput(layer, ofAttention);
            model.Run(model.Run(model.Embed(tokens_NT), 0, layer), layer, layer + 1, reader);
            return reader.Value_ND!;
        });
    }

    /// <summary>The residual stream behind a layer at the subjects' last tokens.</summary>
    /// <returns>[N, D] float32 on the CPU, in the order of <paramref name="prompts"/>; the caller's dispose scope owns it.</returns>
    public static Tensor Outputs(Transformer model, IReadOnlyList<SubjectPrompt> prompts, int layer) =>
        Read(model, prompts, model.Config.Width,
            tokens_NT => model.Run(model.Embed(tokens_NT), 0, layer + 1).select(1, tokens_NT.shape[1] - 1));

    private static Tensor Read(Transformer model, IReadOnlyList<SubjectPrompt> prompts, int width, Func<Tensor, Tensor> read) =>
        PromptStates.Read(model, [.. prompts.Select(prompt => prompt.Ids)], width, read);

    private sealed class LastKey(int wanted) : IActivationHook
    {
        public Tensor? Key_NI { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_BTI)
        {
            if (layer == wanted)
                Key_NI = key_BTI.select(1, key_BTI.shape[1] - 1).clone();
            return key_BTI;
        }
    }

    private sealed class LastOutput(int wanted, bool ofAttention) : IActivationHook
    {
        public Tensor? Value_ND { get; private set; }

        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) => Keep(layer, mixed_BTD, ofAttention);

        public Tensor MlpOutput(int layer, Tensor value_BTD) => Keep(layer, value_BTD, !ofAttention);

        private Tensor Keep(int layer, Tensor output_BTD, bool isWanted)
        {
            if (layer == wanted && isWanted)
                Value_ND = output_BTD.select(1, output_BTD.shape[1] - 1).clone();
            return output_BTD;
        }
    }
}
