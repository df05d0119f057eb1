using System.Text.Json.Serialization;
using Harness.Models.Chat;
using Harness.Models.Text;
using Harness.Models.Tokenizers;

namespace Harness.CheckpointEdits;

/// <summary>The chat template that made prompts of conversations.</summary>
/// <param name="Template">Name of its file.</param>
/// <param name="Date">The day that it was told where it asks for today's; null where it does not.</param>
public sealed record ChatUse(string Template, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Date = null);

/// <summary>Facts as a model reads them: conversations have become texts, by its folder's chat template.</summary>
/// <param name="Tokenizer">The tokenizer whose ids of the texts are those that transformers gives.</param>
/// <param name="Facts">The facts.</param>
/// <param name="Examples">Facts that are not edited.</param>
/// <param name="Use">What made the texts; null where there are no conversations.</param>
internal sealed record ChatPrompts(BpeTokenizer Tokenizer, IReadOnlyList<Fact> Facts, IReadOnlyList<Fact> Examples, ChatUse? Use)
{
    /// <summary>Renders the conversations of all facts.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="request">Names the files, for errors.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="examples">Facts that are not edited.</param>
    /// <param name="progress">Told what is noteworthy.</param>
    /// <exception cref="InputException">The folder has no template, or it cannot be followed, or it makes of facts what they must not
    /// be.</exception>
    public static ChatPrompts Render(
        string folder, FactEditRequest request, IReadOnlyList<Fact> facts, IReadOnlyList<Fact> examples, IProgress<string> progress)
    {
        var tokenizer = BpeTokenizer.LoadFolder(folder);
        (string Where, Fact Fact)[] all =
        [
            .. facts.Select(fact => ($"{request.Facts}({fact.Line})", fact)),
                .. examples.Select(fact => ($"{request.Examples}({fact.Line})", fact)),
        ];
        if (Array.Find(all, one => Conversations(one.Fact).Any()) is not { Fact: not null } first)
            return new(tokenizer, facts, examples, null);
        var template = ChatTemplate.Load(folder) ?? throw new InputException(
            $"{first.Where}: found \"messages\", expected \"prompt\", as {folder} has no chat template; " +
                "write the prompt as the model reads it");
        if (template.Note is { } note) progress.Report(note);
        var texts = new Dictionary<IReadOnlyList<ChatMessage>, string>(ReferenceEqualityComparer.Instance);
        foreach (var (where, fact) in all)
        {
            foreach (var messages in Conversations(fact))
            {
                WarnOfSpecials(tokenizer, where, messages, progress);
                texts[messages] = At(where, () => template.Render(messages));
                WarnOfLeftOut(texts[messages], template.File, where, messages, progress);
            }
        }

        tokenizer = Fitting(tokenizer, all, texts, template.File);
        Fact[] rendered = [.. all.Select(one => Checked(one.Where, Rendered(one.Fact, texts)))];
        string[] errors =
        [
            .. FactConflicts.Within(request.Facts, rendered[..facts.Count]),
                .. FactConflicts.Within(request.Examples!, rendered[facts.Count..]),
            .. FactConflicts.Between(request.Examples!, rendered[facts.Count..], request.Facts, rendered[..facts.Count]),
        ];
        if (errors.Length > 0) throw new InputException(FactFile.Joined(request.Facts, errors));
        if (template.AskedForDate)
            progress.Report($"{template.File} asks for today's date, and is told {Date()}, so that every run is the same");
        return new(tokenizer, rendered[..facts.Count], rendered[facts.Count..],
            new ChatUse(template.File, template.AskedForDate ? Date() : null));
    }

    private static string Date() => ChatTemplate.Today.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<IReadOnlyList<ChatMessage>> Conversations(Fact fact) =>
        new[] { fact.Messages }.Concat(fact.RephraseMessages.Values)
            .Concat(fact.Locality.Select(asked => asked.Messages)).OfType<IReadOnlyList<ChatMessage>>();

    private static bool HasPlainPrompts(Fact fact) =>
        fact.Messages is null || fact.Rephrases.Count > fact.RephraseMessages.Count || fact.Locality.Any(asked => asked.Messages is null);

    // transformers adds nothing to what a template makes. Where all texts bring what the tokenizer puts before texts, that is taken off
    // them; else the tokenizer puts nothing there any more, which fits texts of conversations only.
    private static BpeTokenizer Fitting(
        BpeTokenizer tokenizer, (string Where, Fact Fact)[] all, Dictionary<IReadOnlyList<ChatMessage>, string> texts, string template)
    {
        if (tokenizer.Prefix.Count == 0) return tokenizer;
        var bare = texts.ToDictionary(
            pair => pair.Key, pair => WithoutPrefix(tokenizer, pair.Value), (IEqualityComparer<IReadOnlyList<ChatMessage>>)texts.Comparer);
        if (bare.Values.All(text => text is not null))
        {
            foreach (var (messages, text) in bare) texts[messages] = text!;
            return tokenizer;
        }

        if (Array.Find(all, one => HasPlainPrompts(one.Fact)) is not { Fact: not null } plain) return tokenizer.WithoutPrefix();
        throw new InputException(
            $"{plain.Where}: found a prompt beside facts with \"messages\", " +
                $"expected messages alone, as {template} does not begin conversations with what the "
            + "tokenizer puts before prompts; write all prompts as messages, or none");
    }

    // Null where a text does not begin with the prefix's tokens, or has other ones without them.
    private static string? WithoutPrefix(BpeTokenizer tokenizer, string text)
    {
        var tokens = tokenizer.EncodeToTokens(text, out _);
        var (ids, count) = (tokens.Select(token => token.Id).ToList(), tokenizer.Prefix.Count);
        if (!ids.Take(count).SequenceEqual(tokenizer.Prefix)) return null;
        var rest = text[tokens[count - 1].Offset.End..];
        return ids.Skip(count).SequenceEqual(tokenizer.EncodeToIds(rest)) ? rest : null;
    }

    // A model cannot tell a special token that a user writes from the template's own.
    private static void WarnOfSpecials(
        BpeTokenizer tokenizer, string where, IReadOnlyList<ChatMessage> messages, IProgress<string> progress)
    {
        foreach (var message in messages)
        {
            foreach (var special in tokenizer.EncodeToTokens(message.Content, out _).Where(token => tokenizer.IsSpecial(token.Id))
                .DistinctBy(token => token.Id))
            {
                progress.Report($"warning: {where}: the {message.Role}'s message holds '{special.Value}', a special token, " +
                    "and the model reads it as one (as in transformers)");
            }
        }
    }

    // Templates leave out roles that they do not know, or write texts otherwise.
    private static void WarnOfLeftOut(
        string text, string template, string where, IReadOnlyList<ChatMessage> messages, IProgress<string> progress)
    {
        var seen = SeenText.Key(text);
        foreach (var message in messages.Where(message => !seen.Contains(SeenText.Key(message.Content), StringComparison.Ordinal)))
            progress.Report($"warning: {where}: {template} leaves out the {message.Role}'s message, " +
                "or writes it otherwise (as in transformers)");
    }

    private static Fact Rendered(Fact fact, Dictionary<IReadOnlyList<ChatMessage>, string> texts) => fact with
    {
        Prompt = fact.Messages is { } messages ? texts[messages] : fact.Prompt,
        Rephrases = [.. fact.Rephrases.Select((text, i) => fact.RephraseMessages.TryGetValue(i, out var chat) ? texts[chat] : text)],
        Locality = [.. fact.Locality.Select(asked => asked.Messages is { } chat ? asked with { Prompt = texts[chat] } : asked)],
    };

    private static Fact Checked(string where, Fact fact) =>
        fact.Messages is null || fact.Subject is null || WholeWords.IndexOf(fact.Prompt, fact.Subject) >= 0
        ? fact
        : throw new InputException(
            $"{where}: found \"subject\" '{fact.Subject}', expected whole words of what the chat template makes of the messages"
            + $"{WholeWords.Explain(fact.Prompt, fact.Subject)}; take words that it leaves as they are");

    private static T At<T>(string where, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (InputException error)
        {
            throw new InputException($"{where}: {error.Message}", error);
        }
    }
}
