namespace Harness.Studies.Facts;

/// <summary>Reads a user's facts: one JSON object a line.</summary>
public static class FactFile
{
    private const int MostErrorsShown = 10;
    private const string Example = """one object {"prompt": "…", "target": "…"}""";

    /// <summary>
    /// Reads a file whose lines are <c>{"prompt", "target", "subject"?, "rephrase"?, "locality"?}</c>. <c>rephrase</c> is a text or a list of texts;
    /// <c>locality</c> a text, an object <c>{"prompt", "answer"}</c>, or a list of such. Texts lose their outer white space. In the place of a prompt,
    /// there and in objects of <c>rephrase</c> and <c>locality</c>, may stand <c>"messages": [{"role", "content"}, …]</c>, the last one the user's.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="subjectFor">The editor that cannot do without subjects, or null.</param>
    /// <exception cref="InputException">The file is unsound: every bad line with what was found, what was expected and what to do.</exception>
    public static IReadOnlyList<Fact> Read(string file, string? subjectFor = null)
    {
        var errors = new List<string>();
        var facts = new List<Fact>();
        var lines = TextLines.Read(file, "facts, one JSON object a line");
        if (lines.Count == 0) throw new InputException($"{file}: found an empty file, expected {Example} a line; write at least one");
        foreach (var (number, text) in lines)
        {
            try
            {
                facts.Add(ReadLine($"{file}({number})", number, text, subjectFor));
            }
            catch (InputException error)
            {
                errors.Add(error.Message);
            }
        }

        errors.AddRange(Contradictions(file, facts));
        if (errors.Count == 0) return facts;
        var more = errors.Count > MostErrorsShown ? [$"{file}: {errors.Count - MostErrorsShown} more lines are wrong"] : Array.Empty<string>();
        throw new InputException(string.Join('\n', [.. errors.Take(MostErrorsShown), .. more]));
    }

    private static Fact ReadLine(string where, int number, string text, string? subjectFor)
    {
        var line = JsonLine.Read(where, text, Example);
        line.CheckKeys("prompt", "messages", "target", "subject", "rephrase", "locality");
        var (prompt, messages) = ChatLines.PromptOf(line, "the question or the beginning of a statement");
        var target = line.Text("target", "the answer that the model is to give");
        var subject = line.OptionalText("subject");
        if (subject is null && subjectFor is not null)
        {
            throw line.Error(
                "no \"subject\"", $"the part of the prompt that the fact is about, where {subjectFor} edits", "add \"subject\": \"…\" or take another editor");
        }

        if (subject is not null && WholeWords.IndexOf(prompt, subject) < 0)
        {
            throw line.Error(
                $"\"subject\" '{subject}'", $"whole words of the prompt '{prompt}'{WholeWords.Explain(prompt, subject)}", "spell it as the prompt does");
        }

        var rephrases = line.TextsOrObjects("rephrase", ofText: asked => (Text: asked, Messages: null), ofObject: ChatLines.Read);
        return new Fact
        {
            Line = number,
            Prompt = prompt,
            Messages = messages,
            Target = target,
            Subject = subject,
            Rephrases = [.. rephrases.Select(asked => asked.Text)],
            RephraseMessages = rephrases.Index().Where(asked => asked.Item.Messages is not null).ToDictionary(asked => asked.Index, asked => asked.Item.Messages!),
            Locality = line.TextsOrObjects("locality", ofText: asked => new LocalityPrompt(asked, null), ofObject: asked =>
            {
                asked.CheckKeys("prompt", "messages", "answer");
                var (text, chat) = ChatLines.PromptOf(asked, "a prompt");
                return new LocalityPrompt(text, chat is null ? asked.Text("answer", "the answer to watch") : asked.OptionalText("answer")) { Messages = chat };
            }),
        };
    }

    // An edit has one answer to a prompt, and what it changes cannot stay the same.
    internal static IEnumerable<string> Contradictions(string file, IReadOnlyList<Fact> facts)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var fact in facts.Where(fact => !lines.TryAdd(fact.Prompt, fact.Line)))
            yield return $"{file}({fact.Line}): found the prompt of line {lines[fact.Prompt]} again, expected each prompt once; remove one of the lines";

        foreach (var fact in facts)
        {
            if (fact.Locality.FirstOrDefault(asked => lines.ContainsKey(asked.Prompt)) is { } edited)
            {
                yield return $"{file}({fact.Line}): found locality prompt '{edited.Prompt}', which line {lines[edited.Prompt]} edits, "
                    + "expected one whose answer stays; ask another";
            }
        }
    }
}
