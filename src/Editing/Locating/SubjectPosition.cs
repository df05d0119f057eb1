using Harness.Models.Tokenizers;

namespace Harness.Editing.Locating;

/// <summary>Finds the last token of a subject: where locate-and-edit methods read keys and write values.</summary>
internal static class SubjectPosition
{
    /// <summary>
    /// Index of the subject's last token among the tokenizer's prefix + ids of the prompt; the subject's first occurrence counts.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="request">Names the case and holds the subject.</param>
    /// <param name="context">Text before the request's prompt, or "".</param>
    /// <exception cref="InputException">The prompt does not contain the subject.</exception>
    public static int Find(BpeTokenizer tokenizer, EditRequest request, string context)
    {
        var start = request.Prompt.IndexOf(request.Subject, StringComparison.Ordinal);
        if (start < 0 || request.Subject.Length == 0)
        {
            throw new InputException($"case {request.Id}: subject '{request.Subject}' does not occur in prompt '{request.Prompt}'; "
                + "expected its exact spelling; correct the record or leave it out.");
        }

        return Find(tokenizer, context + request.Prompt, context.Length + start + request.Subject.Length);
    }

    /// <summary>
    /// Index, in the tokenizer's prefix + ids of <paramref name="text"/>, of the token that holds the character before
    /// <paramref name="end"/>.
    /// </summary>
    public static int Find(BpeTokenizer tokenizer, string text, int end)
    {
        var whole = tokenizer.EncodeToIds(text);
        var head = tokenizer.EncodeToIds(text[..end]);
        var count = head.Count;
        if (count > whole.Count || !head.SequenceEqual(whole.Take(count)))
        {
            // A token spans the subject's end ("Ann" in "Anna's"): the first token whose text reaches it. What the tokenizer itself
            // changes in a text (a space put in front, characters composed) is changed in both.
            var reached = tokenizer.Decode(head);
            count = 1;
            while (count < whole.Count && !tokenizer.Decode(whole.Take(count)).StartsWith(reached, StringComparison.Ordinal))
                count++;
        }

        return tokenizer.Prefix.Count + count - 1;
    }
}
