using Harness.Models;
using Harness.Models.Templates;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>Token ids of a context and its continuation, as lm-evaluation-harness cuts them for causal models.</summary>
internal static class HarnessEncoding
{
    /// <summary>
    /// Both are encoded as one text, and the continuation is what lies behind as many ids as the context has alone; white space at the
    /// context's end goes to the continuation. An empty context is the id that begins texts, else the one that ends them. What is too long
    /// loses ids from the left.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="context">What is given.</param>
    /// <param name="continuation">What is scored.</param>
    /// <param name="positions">The model's positions.</param>
    /// <exception cref="TemplateException">The continuation has no tokens, or more than the model has positions.</exception>
    public static Sequence Encode(BpeTokenizer tokenizer, string context, string continuation, int positions)
    {
        var (ids, start) = context.Length == 0 ? WithoutContext(tokenizer, continuation) : Pair(tokenizer, context, continuation);
        if (start == 0)
        {
            throw new TemplateException(
                "found a context of nothing but white space, expected text or nothing at all, as this tokenizer puts nothing "
                + "before it; correct the data");
        }

        var length = ids.Length - start;
        if (length < 1 || length > positions)
        {
            throw new TemplateException($"found {Math.Max(0, length)} tokens in the choice '{continuation}', expected 1 to {positions}, "
                + "the model's positions; correct the data or take another model");
        }

        var skipped = Math.Max(0, ids.Length - positions - 1);
        return new Sequence(ids[skipped..], start - skipped);
    }

    private static (int[] Ids, int Start) Pair(BpeTokenizer tokenizer, string context, string continuation)
    {
        var bare = PythonText.StripRight(context);
        return (RollingWindows.WithPrefix(tokenizer, context + continuation), RollingWindows.WithPrefix(tokenizer, bare).Length);
    }

    private static (int[] Ids, int Start) WithoutContext(BpeTokenizer tokenizer, string continuation)
    {
        var (first, ids) = (RollingWindows.FirstId(tokenizer), tokenizer.EncodeToIds(continuation));
        return ids.Count > 0 && ids[0] == first ? ([.. ids], 1) : ([first, .. ids], 1);
    }
}
