using System.Text;
using Harness.Models.Text;
using Harness.Models.Tokenizers;

namespace Harness.Editing.Locating;

/// <summary>Finds the last token of a subject: where locate-and-edit methods read keys and write values.</summary>
public static class SubjectPosition
{
    /// <summary>
    /// Index of the subject's last token among the tokenizer's prefix + ids of the prompt; the subject's first occurrence as whole words
    /// counts.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="request">Names the case and holds the subject.</param>
    /// <param name="context">Text before the request's prompt, or "".</param>
    /// <exception cref="InputException">The prompt does not contain the subject, or no token stands for it.</exception>
    public static int Find(BpeTokenizer tokenizer, EditRequest request, string context)
    {
        var start = WholeWords.IndexOf(request.Prompt, request.Subject);
        if (start < 0)
        {
            var why = WholeWords.Explain(request.Prompt, request.Subject);
            throw new InputException(
                $"case {request.Id}: subject '{request.Subject}' does not occur as whole words in prompt '{request.Prompt}'{why}; "
                + "expected its exact spelling; correct the record or leave it out.");
        }

        start += context.Length;
        return Find(tokenizer, context + request.Prompt, start, start + request.Subject.Length);
    }

    /// <summary>
    /// Index, in the tokenizer's prefix + ids of <paramref name="text"/>, of the last token that has a part of its UTF-16 units from
    /// <paramref name="start"/> up to <paramref name="end"/>.
    /// </summary>
    /// <exception cref="InputException">No token has: the vocabulary lacks these characters.</exception>
    public static int Find(BpeTokenizer tokenizer, string text, int start, int end)
    {
        var last = Last(tokenizer, text, start, end);
        return last is { } token ? tokenizer.Prefix.Count + token.Index : throw new InputException(
            $"subject '{text[start..end]}' in '{text}': found no token for it, expected characters that the model's tokenizer knows; " +
                "leave the record out.");
    }

    /// <summary>
    /// What the token that <see cref="Find(BpeTokenizer, EditRequest, string)"/> gives stands for, where letters or digits beside the
    /// subject are in it; otherwise null. Tokenizers have such tokens where a script writes no spaces.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="subject">The subject, which the prompt holds as whole words.</param>
    public static string? Shared(BpeTokenizer tokenizer, string prompt, string subject)
    {
        var start = WholeWords.IndexOf(prompt, subject);
        var end = start + subject.Length;
        if (Last(tokenizer, prompt, start, end) is not { } token) return null;
        var others = prompt[Math.Min(token.Start, start)..start] + prompt[end..Math.Max(token.End, end)];
        return others.EnumerateRunes().Any(Rune.IsLetterOrDigit) ? prompt[token.Start..token.End] : null;
    }

    private static (int Index, int Start, int End)? Last(BpeTokenizer tokenizer, string text, int start, int end)
    {
        var tokens = tokenizer.EncodeToTokens(text, out _);
        for (var i = tokens.Count - 1; i >= 0; i--)
        {
            var (first, behind) = (tokens[i].Offset.Start.Value, tokens[i].Offset.End.Value);
            if (first < end && behind > start) return (i, first, behind);
        }

        return null;
    }
}
