using Harness.Models.Chat;

namespace Harness.CheckpointEdits;

/// <summary>Reads conversations of facts files: <c>"messages": [{"role": "user", "content": "…"}]</c>.</summary>
internal static class ChatLines
{
    private const string Prompt = "prompt", Messages = "messages", Role = "role", Content = "content", User = "user";
    private static readonly string[] Roles = ["system", User, "assistant"];

    /// <summary>A prompt, or the conversation in its place and its stand-in; exactly one of the two is there.</summary>
    public static (string Text, IReadOnlyList<ChatMessage>? Messages) PromptOf(JsonLine line, string what)
    {
        if (!line.Has(Messages)) return (line.Text(Prompt, what), null);
        return line.Has(Prompt) ? throw line.Error("both \"prompt\" and \"messages\"", "one of them", "remove the other")
            : ReadMessages(line);
    }

    /// <summary>An object that holds a conversation and nothing else.</summary>
    public static (string Text, IReadOnlyList<ChatMessage>? Messages) Read(JsonLine line)
    {
        line.CheckKeys(Messages);
        return line.Has(Messages)
            ? ReadMessages(line)
            : throw line.Error("no \"messages\"", "a conversation", "add \"messages\": [{\"role\": \"user\", \"content\": \"…\"}]");
    }

    private static (string Text, IReadOnlyList<ChatMessage>? Messages) ReadMessages(JsonLine line)
    {
        var messages = line.TextsOrObjects(
            Messages,
            ofText: _ => throw line.Error(
                "a text in \"messages\"", "objects {\"role\": \"user\", \"content\": \"…\"}",
                    "write it as the content of one, or as \"prompt\""),
            ofObject: ReadMessage);
        return messages[^1].Role == User
            ? (string.Join('\n', messages.Select(message => $"{message.Role}: {message.Content}")), messages)
            : throw line.Error($"\"messages\" that end with the {messages[^1].Role}'s", "the user's last, as the model answers it",
                "end with what the user asks");
    }

    private static ChatMessage ReadMessage(JsonLine line)
    {
        line.CheckKeys(Role, Content);
        var role = line.Text(Role, $"one of {string.Join(", ", Roles)}");
        return Roles.Contains(role)
            ? new ChatMessage(role, line.Text(Content, "what is said"))
            : throw line.Error($"\"role\" '{role}'", $"one of {string.Join(", ", Roles)}", "correct it");
    }
}
