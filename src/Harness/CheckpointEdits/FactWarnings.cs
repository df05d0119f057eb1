using Harness.Editing.Locating;
using Harness.Models.Text;
using Harness.Models.Tokenizers;

namespace Harness.CheckpointEdits;

/// <summary>Names what is accepted in a user's facts and yet may not be what they mean.</summary>
internal static class FactWarnings
{
    private const int MostShown = 10;

    /// <summary>Tells each, one a line.</summary>
    public static void Report(
        FactEditRequest request, IReadOnlyList<Fact> facts, IReadOnlyList<Fact> examples, BpeTokenizer tokenizer,
            IProgress<string> progress)
    {
        string[] all =
        [
            .. request.Editor.NeedsSubject
                ? facts.SelectMany(fact => OfSubject(fact, tokenizer).Select(said => $"{request.Facts}({fact.Line}): {said}")) : [],
            .. facts.SelectMany(fact => Hidden(fact).Select(said => $"{request.Facts}({fact.Line}): {said}")),
            .. examples.SelectMany(fact => Hidden(fact).Select(said => $"{request.Examples}({fact.Line}): {said}")),
        ];
        foreach (var said in all.Take(MostShown)) progress.Report($"warning: {said}");
        if (all.Length > MostShown) progress.Report($"warning: {all.Length - MostShown} more of this kind");
    }

    // A method that edits where a subject stands edits one token, once.
    private static IEnumerable<string> OfSubject(Fact fact, BpeTokenizer tokenizer)
    {
        var count = WholeWords.Indices(fact.Prompt, fact.Subject!).Count();
        if (count > 1)
            yield return $"subject '{fact.Subject}' occurs {(count == 2 ? "twice" : $"{count} times")} in the prompt; the first is edited";
        if (SubjectPosition.Shared(tokenizer, fact.Prompt, fact.Subject!) is { } token)
            yield return $"the last token of subject '{fact.Subject}' holds more than it, " +
                $"'{token}': other prompts with this token may change";
    }

    private static IEnumerable<string> Hidden(Fact fact)
    {
        IEnumerable<(string Key, string Text)> texts =
        [
            ("prompt", fact.Prompt), ("target", fact.Target), .. fact.Rephrases.Select(text => ("rephrase", text)),
            .. fact.Locality.SelectMany(
                asked => (IEnumerable<(string, string)>)[("locality", asked.Prompt), ("answer", asked.Answer ?? "")]),
        ];
        return from text in texts
               let hidden = SeenText.Hidden(text.Text)
               where hidden.Length > 0
               select $"\"{text.Key}\" holds {hidden}, which one does not see: '{SeenText.OneLine(text.Text)}'; " +
                   "take it out unless it is meant";
    }
}
