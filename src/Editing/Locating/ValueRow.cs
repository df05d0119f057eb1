namespace Harness.Editing.Locating;

/// <summary>One row of a <see cref="ValueForward"/>: a prompt in one context with its target, or the KL prompt, which has none.</summary>
/// <param name="Inputs">Ids that go in; the tokenizer's prefix comes first.</param>
/// <param name="Subject">Index of the subject's last token, where δ is added.</param>
/// <param name="TargetStart">Index at which the first target id would stand; the position before predicts it.</param>
/// <param name="Targets">Ids to be predicted; empty for the KL prompt.</param>
internal sealed record ValueRow(long[] Inputs, int Subject, int TargetStart, int[] Targets)
{
    /// <summary>How many last positions predict something: the targets, or the KL prompt's subject.</summary>
    public int Wanted => Math.Max(1, Targets.Length);

    /// <summary>The rows of one request: each context, then the KL prompt up to the subject, behind which nothing is read.</summary>
    public static ValueRow[] All(EditSession session, ValueOptions options, IReadOnlyList<string> contexts, EditRequest request)
    {
        var rows = contexts.Select(context =>
        {
            var sequence = session.Encode(context + request.Prompt, request.TargetNew, options.AppendEos);
            var subject = SubjectPosition.Find(session.Tokenizer, request, context);
            return new ValueRow([.. sequence.Ids[..^1]], subject, sequence.TargetStart, sequence.Ids[sequence.TargetStart..]);
        });

        var parts = options.KlPrompt.Split("{}");
        var text = parts[0] + request.Subject + parts[1];
        var last = SubjectPosition.Find(session.Tokenizer, text, parts[0].Length, text.Length - parts[1].Length);
        var inputs = session.Tokenizer.Prefix.Concat(session.Tokenizer.EncodeToIds(text)).Take(last + 1);
        return [.. rows, new([.. inputs.Select(id => (long)id)], last, last + 1, [])];
    }
}
