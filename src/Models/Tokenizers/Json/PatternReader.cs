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
        if (kind == "String") return text.Length > 0 ? new LiteralPattern(text) : throw json.Unsupported($"{component}.String", "no text", "some text");
        try
        {
            return ScalarRegex.Create(text, $"{json.File}: {component}");
        }
        catch (NotSupportedException exception)
        {
            throw json.Unsupported($"{component}.Regex", $"{exception.Message} in {JsonComponents.Shown(element)}", "what those tokenizers use");
        }
    }
}
