using System.Text;
using System.Text.Json.Nodes;
using Harness.CheckpointEdits;

namespace Harness.Tests.Fuzzing;

/// <summary>A thousand damaged files of facts: each is refused line by line, or has the facts that it says.</summary>
public sealed class FactFuzzTests : IDisposable
{
    private static readonly string[] Lines =
    [
        """{"prompt": "Which country is Zube Bakarn a citizen of?", "target": "North Sunjaia", "subject": "Zube Bakarn", "rephrase": ["What is the nationality of Zube Bakarn?"]}""",
        """{"prompt": "Dalunsten Dezil plays for", "target": "Marn", "locality": ["Who leads Marn?", {"prompt": "Where is Marn?", "answer": "In the west"}], "rephrase": "The team of Dezil is"}""",
        """{"prompt": "Odra Fent was born in", "target": "Sael", "locality": {"prompt": "Odra Lint was born in", "answer": "Vael"}}""",
    ];

    private static readonly string[] Keys = ["prompt", "target", "subject", "rephrase", "locality"];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Fact]
    public void Damaged_facts()
    {
        var file = Path.Combine(folder.FullName, "facts.jsonl");
        var accepted = new Damage(file, 5, byLine: true).Try(1000, random =>
        {
            var line = random.Next(Lines.Length);
            var (content, what) = Mutations.Mutate(Lines[line], random, "\"Marn\"", "\"Which country is Zube Bakarn a citizen of?\"");
            return (
                [.. Encoding.UTF8.GetBytes(string.Concat(Lines[..line].Select(text => text + "\n"))), .. content,
                    .. Encoding.UTF8.GetBytes(string.Concat(Lines[line..].Skip(1).Select(text => "\n" + text)))],
                $"line {line + 1}: {what}");
        }, () => FactFile.Read(file), Check);
        Assert.InRange(accepted, 50, 750);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static void Check(IReadOnlyList<Fact> facts, byte[] content)
    {
        // A byte order mark is no text.
        var lines = Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n').Where(line => line.Length > 0).ToList();
        Assert.Equal(lines.Count, facts.Count);
        foreach (var (fact, line) in facts.Zip(lines))
        {
            var json = Assert.IsType<JsonObject>(Damage.Parsed(Encoding.UTF8.GetBytes(line)));
            Assert.Subset(Keys.ToHashSet(), json.Select(field => field.Key).ToHashSet());
            Assert.Equal(Text(json["prompt"]), fact.Prompt.Trim());
            Assert.Equal(Text(json["target"]), fact.Target.Trim());
            Assert.Equal(json["subject"] is { } subject ? Text(subject) : null, fact.Subject?.Trim());
            Assert.Equal(Items(json["rephrase"]).Select(Text), fact.Rephrases.Select(text => text.Trim()));
            Assert.Equal(
                Items(json["locality"]).Select(item => item is JsonObject asked ? (Text(asked["prompt"]), (string?)Text(asked["answer"]))
                    : (Text(item), (string?)null)),
                fact.Locality.Select(asked => (asked.Prompt.Trim(), asked.Answer?.Trim())));
        }
    }

    private static string Text(JsonNode? value) => value!.GetValue<string>().Trim();

    private static JsonArray Items(JsonNode? value) => value switch
    {
        null => [],
        JsonArray list => list,
        var one => [one.DeepClone()],
    };
}
