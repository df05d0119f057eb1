using System.Text;
using System.Text.Json;
using Harness.Models.Json;
using Harness.Models.Text;

namespace Harness.CheckpointEdits;

/// <summary>One JSON object of a file of lines, or one inside it, read strictly: every error names the line and the key.</summary>
internal sealed class JsonLine
{
    private const string AnyForm = "a text, an object or a list of them";
    private static readonly JsonVoice Voice = new("correct it or leave the key out", ": \"", "\"");

    // What the files of other tools call it.
    private static readonly (string Ours, string[] Theirs)[] Names =
    [
        ("prompt", ["src", "question", "instruction"]),
        ("messages", ["conversations", "conversation", "chat"]),
        ("role", ["from"]),
        ("content", ["value"]),
        ("target", ["target_new", "new_target", "alt", "answer", "output"]),
        ("rephrase", ["rephrase_prompt", "rephrased_prompt", "paraphrase_prompts", "paraphrases"]),
        ("locality", ["locality_prompt", "neighborhood_prompts", "loc"]),
        ("answer", ["locality_ground_truth", "loc_ans", "ground_truth", "target_true", "pred"]),
    ];

    private readonly JsonPlace place;

    private JsonLine(JsonPlace place) => this.place = place;

    /// <summary>Refuses a file that has no object on any line, or spreads one over several: one error for all its lines.</summary>
    /// <param name="file">The file.</param>
    /// <param name="lines">Its lines.</param>
    /// <param name="example">What a line looks like, for errors.</param>
    public static void CheckForm(string file, IReadOnlyList<(int Number, string Text)> lines, string example)
    {
        string[] texts = [.. lines.Select(line => line.Text.Trim()).Where(text => text.Length > 0)];
        if (texts is not [var first, ..]) return;
        if (first[0] == '[')
        {
            throw new InputException(
                $"{file}: found a JSON array, expected {example} a line; " +
                    "put each element on a line of its own, without the brackets around all and the commas between");
        }

        if (texts.Length > 1 && first[0] == '{' && (first == "{" || IsObject(string.Join('\n', texts))))
            throw new InputException(
                $"{file}: found a JSON object over several lines, expected {example} a line; write each object on one line");
        if (!texts.Any(text => text[0] == '{'))
        {
            throw new InputException(
                $"{file}: found '{SeenText.OneLine(SeenText.Cut(first, 60))}', expected {example} a line; " +
                    "write JSON, not CSV, YAML or plain text");
        }
    }

    /// <summary>Reads the object on a line.</summary>
    /// <param name="where"><c>file(line)</c>.</param>
    /// <param name="text">The line.</param>
    /// <param name="example">What a line looks like, for errors.</param>
    /// <exception cref="InputException">The line holds no JSON object.</exception>
    public static JsonLine Read(string where, string text, string example)
    {
        if (text.Trim().Length == 0) throw new InputException($"{where}: found an empty line, expected {example}; delete it");
        var value = JsonPlace.Parse(where, Encoding.UTF8.GetBytes(text), new("correct the line"), example).Value;
        var place = JsonPlace.Of(where, value, Voice);
        return value.ValueKind == JsonValueKind.Object ? new(place) : throw place.Wrong(example, "write one object a line");
    }

    /// <summary>Refuses keys that are not known, and keys that stand twice.</summary>
    public void CheckKeys(params string[] known) => place.Only(null, unknown => Remedy(unknown[0], known), known);

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => place[key].IsGiven;

    /// <summary>A text that must be there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="what">What it is, for errors.</param>
    public string Text(string key, string what) => OptionalText(key)
        ?? throw place.Error($"no \"{key}\"", what, $"add \"{key}\": \"…\"");

    /// <summary>A text, or null where the key is not there.</summary>
    public string? OptionalText(string key) => Has(key) ? Text(place[key]) : null;

    /// <summary>
    /// An answer, which is one line: what comes behind a line's end is no part of any answer that is generated, asked for or shown.
    /// </summary>
    /// <param name="key">Its key.</param>
    /// <param name="what">What it is, for errors.</param>
    public string Answer(string key, string what)
    {
        var text = Text(key, what);
        if (text.AsSpan().IndexOfAny(AnswerEnds.Lines) is >= 0 and var at)
        {
            throw place.Error(
                $"a line's end, U+{(int)text[at]:X4}, in \"{key}\" '{SeenText.OneLine(text)}'",
                    "one line, as an answer ends with its line", "give the part before it");
        }

        return !char.IsWhiteSpace(text[^1]) ? text : throw place.Error(
            $"white space at the end of \"{key}\" '{text}'",
                "an answer that ends with its last character, as white space behind one is not seen", "take it off");
    }

    /// <summary>What a key holds, one value or a list of them, each read as text or as an object.</summary>
    public IReadOnlyList<T> TextsOrObjects<T>(string key, Func<string, T> ofText, Func<JsonLine, T> ofObject)
    {
        return place[key] switch
        {
            { IsGiven: false } => [],
            { Value.ValueKind: JsonValueKind.String or JsonValueKind.Object } one => [Each(one)],
            { Value.ValueKind: JsonValueKind.Array } list => list.Items.Any() ? [.. list.Items.Select(Each)]
                : throw list.Error("an empty list", AnyForm, "fill it or leave the key out"),
            var other => throw other.Wrong(AnyForm),
        };

        T Each(JsonPlace one) => one.Value.ValueKind == JsonValueKind.Object ? ofObject(new JsonLine(one)) : ofText(Text(one));
    }

    /// <summary>An error about this line.</summary>
    public InputException Error(string found, string expected, string remedy) => place.Error(found, expected, remedy);

    private static string Remedy(string key, string[] known)
    {
        var ours = Array.Find(Names, name => name.Theirs.Contains(key, StringComparer.OrdinalIgnoreCase)).Ours;
        if (ours is not null && known.Contains(ours)) return $"here it is called \"{ours}\"";
        if (ours != "answer") return "remove it";
        return key.StartsWith("loc", StringComparison.OrdinalIgnoreCase)
            ? "here it is \"locality\": {\"prompt\": \"…\", \"answer\": \"…\"}"
            : "remove it: the model itself is asked what it says before the edit";
    }

    private static bool IsObject(string text)
    {
        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Text(JsonPlace place)
    {
        var text = place.Text(place.Optional is null ? "write one or leave the key out" : "put it between quotes");
        return SeenText.Key(text).Length > 0 ? text : throw place.Error("an empty text", "a text", "fill it or remove the line");
    }
}
