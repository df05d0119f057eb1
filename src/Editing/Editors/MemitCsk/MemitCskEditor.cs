using Harness.Editing.Editors.Memit;
using Harness.Editing.Locating;
using Harness.Models.Text;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.MemitCsk;

/// <summary>MEMIT-CSK: MEMIT that takes other words of the prompt for the subject, in keys, values and the prompt of the KL term.</summary>
internal sealed class MemitCskEditor(MemitCskOptions options) : IEditor
{
    /// <summary>How the harness knows it. 1 to 5 of gpt2-xl's 48 layers.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<MemitCskOptions>(
        "memit-csk", options => new MemitCskEditor(options), options => options.Layers, open: OpenOption.Layers("layers", 1, 3));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var next = 0;
        var told = session with { AfterBatch = session.AfterBatch is null ? null : TellOfTheirOwn };
        var update = new SpreadingUpdate(told, "memit-csk", options,
            (layer, keys_NI) => LeastSquares.Solve(session, "memit-csk", layer, options.CovarianceWeight, keys_NI));
        return Batches.Run(
            told, [.. requests.Select(request => request with { Subject = Words(session, request, options.Token) })], update);

        void TellOfTheirOwn(IReadOnlyList<EditRequest> batch, EditModule? module)
        {
            session.AfterBatch!([.. requests.Skip(next).Take(batch.Count)], module);
            next += batch.Count;
        }
    }

    /// <summary>
    /// The words of a request's prompt that end with the wanted token: as few as occur nowhere before in the prompt, so that they are found
    /// there.
    /// </summary>
    /// <exception cref="InputException">The prompt lacks the subject, or a word behind it.</exception>
    internal static string Words(EditSession session, EditRequest request, EditToken token)
    {
        SubjectPosition.Find(session.Tokenizer, request, "");
        if (token == EditToken.Subject)
            return request.Subject;

        var prompt = request.Prompt;
        var subject = WholeWords.IndexOf(prompt, request.Subject);
        var words = Split(prompt);
        var word = token == EditToken.Prompt ? words.Count - 1 : words.FindIndex(one => one.Start >= subject + request.Subject.Length);
        if (word < 0)
        {
            throw new InputException(
                $"case {request.Id}: found no word behind subject '{request.Subject}' in prompt '{prompt}', expected one, where memit-csk "
                + "edits; set token to subject or prompt, or leave the record out.");
        }

        var end = words[word].End;
        return words.Take(word + 1).Reverse().Select(one => prompt[one.Start..end])
            .First(found => WholeWords.IndexOf(prompt, found) == end - found.Length);
    }

    // What stands between spaces: a "'s" behind a subject is of the subject's own word.
    private static List<(int Start, int End)> Split(string prompt)
    {
        List<(int Start, int End)> words = [];
        for (var start = 0; start < prompt.Length;)
        {
            var end = start;
            while (end < prompt.Length && !char.IsWhiteSpace(prompt[end])) end++;
            if (end > start) words.Add((start, end));
            start = end + 1;
        }

        return words;
    }
}
