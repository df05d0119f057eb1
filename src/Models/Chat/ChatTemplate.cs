using System.Globalization;
using Harness.Models.Templates;

namespace Harness.Models.Chat;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who says it: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage(string Role, string Content);

/// <summary>
/// A model folder's chat template: makes the text that a model reads of a conversation, as transformers' <c>apply_chat_template</c> does.
/// What the template uses and is not known here is refused by name.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>
    /// The day that a template is told where it asks for today's, so that every run is the same; the one that LLaMA 3's templates fall back
    /// on.
    /// </summary>
    public static readonly DateOnly Today = new(2024, 7, 26);

    // Python's codes of dates.
    private static readonly Dictionary<char, string> DateParts =
        "dmyYbBaAHMS".Zip(["dd", "MM", "yy", "yyyy", "MMM", "MMMM", "ddd", "dddd", "HH", "mm", "ss"]).ToDictionary();

    private readonly ChatTemplateSource source;
    private readonly IReadOnlyDictionary<string, object?> tokens;
    private readonly JinjaTemplate template;

    private ChatTemplate(ChatTemplateSource source, IReadOnlyDictionary<string, object?> tokens)
    {
        (this.source, this.tokens) = (source, tokens);
        template = At(() => JinjaTemplate.Parse(source.Text, TemplateRules.Chat));
    }

    /// <summary>Name of the file that it is from.</summary>
    public string File => source.File;

    /// <summary>What to tell about the choice between several files; null where there was none.</summary>
    public string? Note => source.Note;

    /// <summary>Whether it has asked for today's date, and was told <see cref="Today"/>.</summary>
    public bool AskedForDate { get; private set; }

    /// <summary>
    /// Reads a folder's template: chat_template.jinja, which transformers takes before any other; else <c>chat_template</c> of
    /// tokenizer_config.json, a text or the one named <c>default</c> of several; else that of chat_template.json. Files in
    /// additional_chat_templates are for other uses.
    /// </summary>
    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="InputException">A file is damaged, two contradict each other, or the template uses what is not known
    /// here.</exception>
    public static ChatTemplate? Load(string folder) =>
        ChatTemplateSource.Find(folder) is { } source ? new ChatTemplate(source, SpecialTokens.Read(folder)) : null;

    /// <summary>The text of a conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="addGenerationPrompt">Whether what begins the model's answer comes last.</param>
    /// <exception cref="InputException">The template refuses the messages, or uses what is not known here.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true)
    {
        // None is what transformers gives for tools and documents that there are none of.
        var document = new Dictionary<string, object?>(tokens, StringComparer.Ordinal)
        {
            ["messages"] = messages.Select(message => (object?)new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["role"] = message.Role,
                ["content"] = message.Content,
            }).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
            ["raise_exception"] = (TemplateFunction)Raise,
            ["strftime_now"] = (TemplateFunction)Date,
        };
        return At(() => template.Render(document));
    }

    private static object? Raise(TemplateRun run, TemplateArguments arguments)
    {
        var message = TemplateValue.Text(arguments.Bind("raise_exception()", ("message", TemplateArguments.Required))[0]);
        throw new TemplateException($"found messages that the template refuses ('{message}'), expected such as it takes; change them");
    }

    private string Date(TemplateRun run, TemplateArguments arguments)
    {
        AskedForDate = true;
        var format = TemplateTexts.Text(arguments.Bind("strftime_now()", ("format", TemplateArguments.Required))[0], "strftime_now()");
        var parts = format.Split('%');
        return run.Spend(parts[0]
            + string.Concat(parts.Skip(1).Select(part => part.Length > 0 && DateParts.TryGetValue(part[0], out var code)
            ? Today.ToDateTime(TimeOnly.MinValue).ToString(code, CultureInfo.InvariantCulture) + part[1..]
            : throw new TemplateException(
                $"found '%{part}' in strftime_now(), expected only {string.Join(", ", DateParts.Keys.Select(key => $"%{key}"))}; " +
                    "take another template"))));
    }

    private T At<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (TemplateException error)
        {
            throw new InputException($"{source.Where}({error.Line}): {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
