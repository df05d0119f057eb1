using System.Text.Json;
using Harness.Models.Tokenizers.Normalizers;

namespace Harness.Models.Tokenizers.Json;

/// <summary>Reads the normalizer, and what is made like one.</summary>
internal static class NormalizerReader
{
    private const string Known = "NFC, NFD, NFKC, NFKD, Prepend, Replace, Lowercase, Strip or Sequence";

    /// <param name="json">The file.</param>
    /// <param name="component">Its name in errors.</param>
    /// <param name="value">An object, null or nothing.</param>
    /// <param name="prepended">Gets the texts that are put in front of every text.</param>
    public static TextNormalizer Read(JsonComponents json, string component, JsonElement value, List<string> prepended)
    {
        if (!JsonComponents.IsPresent(value)) return new NormalizerSequence([]);
        switch (json.TypeOf(component, value))
        {
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                var form = json.Text(component, json.Members(component, value, ["type"])["type"]);
                return new UnicodeForm(form.EndsWith('C'), form.Contains('K'));
            case "Lowercase":
                json.Members(component, value, ["type"]);
                return new Lowercase();
            case "Replace":
                return ReadReplace(json, component, value);
            case "Prepend":
                var prepend = json.Members(component, value, ["type", "prepend"]);
                prepended.Add(json.Text($"{component}.prepend", json.Member(component, prepend, "prepend")));
                return new Prepend(prepended[^1]);
            case "Strip":
                var strip = json.Members(component, value, ["type", "strip_left", "strip_right"]);
                return new Strip(json.Flag(component, strip, "strip_left"), json.Flag(component, strip, "strip_right"));
            case "Sequence":
                var list = json.Member(component, json.Members(component, value, ["type", "normalizers"]), "normalizers");
                var items = json.Items($"{component}.normalizers", list);
                return new NormalizerSequence([.. items.Select((item, i) => ReadStep($"{component}.normalizers[{i}]", item))]);
            case var other:
                throw json.Unsupported(component, $"type '{other}'", $"type {Known}");
        }

        TextNormalizer ReadStep(string place, JsonElement item) => Read(json, place, json.Step(place, item), prepended);
    }

    public static Replace ReadReplace(JsonComponents json, string component, JsonElement value)
    {
        var members = json.Members(component, value, ["type", "pattern", "content"]);
        var pattern = PatternReader.Read(json, $"{component}.pattern", json.Member(component, members, "pattern"));
        return new Replace(pattern, json.Text($"{component}.content", json.Member(component, members, "content")));
    }
}
