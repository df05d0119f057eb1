using Harness.Measuring.Data;
using Harness.Models.Text;

namespace Harness.CheckpointEdits;

/// <summary>Reads a user's facts: one JSON object a line.</summary>
public static class FactFile
{
    private const int MostErrorsShown = 10;
    private const string Example = """one object {"prompt": "…", "target": "…"}""";

    /// <summary>
    /// Reads a file whose lines are <c>{"prompt", "target", "subject"?, "rephrase"?, "locality"?}</c>. <c>rephrase</c> is a text or a list
    /// of texts;
    /// <c>locality</c> a text, an object <c>{"prompt", "answer"}</c>, or a list of such. In the place of a prompt, there and in objects of
    /// <c>rephrase</c> and
    /// <c>locality</c>, may stand <c>"messages": [{"role", "content"}, …]</c>, the last one the user's. Texts stay as they are written.
    /// Answers are one line; no text is asked twice (see <see cref="FactConflicts"/>).
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="subjectFor">The editor that cannot do without subjects, or null.</param>
    /// <exception cref="InputException">The file is unsound: every bad line with what was found, what was expected and what to
    /// do.</exception>
    public static IReadOnlyList<Fact> Read(string file, string? subjectFor = null)
    {
        var errors = new List<string>();
        var facts = new List<Fact>();
        SilentPipe.Refuse(file);
        var lines = TextLines.Read(file, "facts, one JSON object a line");
        if (lines.Count == 0) throw new InputException($"{file}: found an empty file, expected {Example} a line; write at least one");
        JsonLine.CheckForm(file, lines, Example);
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

        errors.AddRange(FactConflicts.Within(file, facts));
        return errors.Count == 0 ? facts : throw new InputException(Joined(file, errors));
    }

    /// <summary>Errors of a file's lines, the first of them in full.</summary>
    internal static string Joined(string file, IReadOnlyList<string> errors)
    {
        var more = errors.Count > MostErrorsShown ? [$"{file}: {errors.Count - MostErrorsShown} more lines are wrong"]
            : Array.Empty<string>();
        return string.Join('\n', [.. errors.Take(MostErrorsShown), .. more]);
    }

    private static Fact ReadLine(string where, int number, string text, string? subjectFor)
    {
        var line = JsonLine.Read(where, text, Example);
        line.CheckKeys("prompt", "messages", "target", "subject", "rephrase", "locality");
        var (prompt, messages) = ChatLines.PromptOf(line, "the question or the beginning of a statement");
        var target = line.Answer("target", "the answer that the model is to give");
        var subject = line.OptionalText("subject");
        if (subject is null && subjectFor is not null)
        {
            throw line.Error(
                "no \"subject\"", $"the part of the prompt that the fact is about, where {subjectFor} edits",
                    "add \"subject\": \"…\" or take another editor");
        }

        if (subject is not null && subject != subject.Trim())
            throw line.Error($"white space around \"subject\" '{SeenText.OneLine(subject)}'",
                "the words alone, as the last token is edited", "take it off");

        // Roles are no part of what is asked.
        var said = messages is null ? prompt : string.Join('\n', messages.Select(message => message.Content));
        if (subject is not null && WholeWords.IndexOf(said, subject) < 0)
        {
            throw line.Error(
                $"\"subject\" '{SeenText.OneLine(subject)}'",
                    $"whole words of the prompt '{SeenText.OneLine(said)}'{WholeWords.Explain(said, subject)}",
                "spell it as the prompt does");
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
            RephraseMessages = rephrases.Index().Where(asked => asked.Item.Messages is not null)
                .ToDictionary(asked => asked.Index, asked => asked.Item.Messages!),
            Locality = line.TextsOrObjects("locality", ofText: asked => new LocalityPrompt(asked, null), ofObject: asked =>
            {
                asked.CheckKeys("prompt", "messages", "answer");
                var (text, chat) = ChatLines.PromptOf(asked, "a prompt");
                var isOpen = chat is not null && !asked.Has("answer");
                return new LocalityPrompt(text, isOpen ? null : asked.Answer("answer", "the answer to watch")) { Messages = chat };
            }),
        };
    }
}
