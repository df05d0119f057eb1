using System.Text.Json;
using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.Json;

/// <summary>Reads what a Split or a Replace looks for.</summary>
internal static class PatternReader
{
    public static IPattern Read(JsonComponents json, string component, JsonElement value)
    {
        var members = json.Members(component, value, ["String", "Regex"]);
        if (members.Count != 1) throw json.Damaged(component, JsonComponents.Shown(value), "String or Regex");
        var (kind, element) = members.Single();
        var text = json.Text($"{component}.{kind}", element);
        if (text.Length == 0) throw json.Unsupported($"{component}.{kind}", "no text", "some text");
        if (kind == "String") return new LiteralPattern(text);
        try
        {
            return ScalarRegex.Create(text, $"{json.File}: {component}");
        }
        catch (NotSupportedException exception)
        {
            var found = $"{exception.Message} in {JsonComponents.Shown(element)}";
            throw json.Unsupported($"{component}.{kind}", found, "what those tokenizers use");
        }
    }
}
