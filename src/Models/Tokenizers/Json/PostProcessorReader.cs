using System.Text.Json;

namespace Harness.Models.Tokenizers.Json;

/// <summary>Reads what the post_processor puts before and behind a text that stands alone.</summary>
internal static class PostProcessorReader
{
    private static readonly (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) None = ([], []);

    public static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) Read(JsonComponents json, string component, JsonElement value)
    {
        if (!JsonComponents.IsPresent(value)) return None;
        switch (json.TypeOf(component, value))
        {
            case "ByteLevel":
                // It trims offsets, which are not read.
                json.ByteLevel(component, value);
                return None;
            case "TemplateProcessing":
                return ReadTemplate(json, component, value);
            case "Sequence":
                var list = json.Member(component, json.Members(component, value, ["type", "processors"]), "processors");
                var place = $"{component}.processors";
                var read = json.Items(place, list).Select((item, i) => Read(json, $"{place}[{i}]", json.Step($"{place}[{i}]", item)))
                    .ToList();

                // The library takes what one has made for two texts in the next.
                var templates = read.Where(one => one.Prefix.Count + one.Suffix.Count > 0).ToList();
                return templates.Count <= 1 ? templates.FirstOrDefault(None)
                    : throw json.Unsupported(place, $"{templates.Count} templates", "one");
            case var other:
                throw json.Unsupported(component, $"type '{other}'", "type ByteLevel, TemplateProcessing or Sequence");
        }
    }

    private static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) ReadTemplate(
        JsonComponents json, string component, JsonElement value)
    {
        var members = json.Members(component, value, ["type", "single", "pair", "special_tokens"]);
        var specials = json.Members($"{component}.special_tokens", json.Member(component, members, "special_tokens"));
        var (prefix, suffix, texts) = (new List<int>(), new List<int>(), 0);
        var single = $"{component}.single";
        foreach (var (i, item) in json.Items(single, json.Member(component, members, "single")).Index())
        {
            var place = $"{single}[{i}]";
            var piece = json.Members(place, item, ["SpecialToken", "Sequence"]);
            if (piece.Count != 1) throw json.Damaged(place, JsonComponents.Shown(item), "SpecialToken or Sequence");
            var (kind, content) = piece.Single();
            var id = json.Text($"{place}.{kind}.id", json.Member(place, json.Members(place, content, ["id", "type_id"]), "id"));
            if (kind == "SpecialToken") (texts == 0 ? prefix : suffix).AddRange(ReadIds(json, $"{component}.special_tokens", specials, id));
            else if (id != "A" || ++texts > 1) throw json.Unsupported(place, JsonComponents.Shown(item), "the text A, once");
        }

        var pair = $"{component}.pair";
        foreach (var (i, item) in members.TryGetValue("pair", out var other) ? json.Items(pair, other).Index() : [])
        {
            // It is for two texts; its form is looked at, as the library does.
            foreach (var (kind, content) in json.Members($"{pair}[{i}]", item, ["SpecialToken", "Sequence"]))
                json.Text($"{pair}[{i}].{kind}.id",
                    json.Member($"{pair}[{i}]", json.Members($"{pair}[{i}]", content, ["id", "type_id"]), "id"));
        }

        return texts == 1 ? (prefix, suffix) : throw json.Unsupported(single, "no text", "the text A, once");
    }

    private static IEnumerable<int> ReadIds(JsonComponents json, string component, Dictionary<string, JsonElement> specials, string id)
    {
        var place = $"{component}.{id}";
        var members = json.Members(place, json.Member(component, specials, id), ["id", "ids", "tokens"]);
        return json.Items($"{place}.ids", json.Member(place, members, "ids")).Select(item => json.Id($"{place}.ids", item));
    }
}
