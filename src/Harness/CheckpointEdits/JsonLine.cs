using System.Text.Json;
using Harness.Models.Json;
using Harness.Models.Text;

namespace Harness.CheckpointEdits;

/// <summary>One JSON object of a file of lines, or one inside it, read strictly: every error names the line and the key.</summary>
internal sealed class JsonLine
{
    private const int LongestShown = 200, LongestText = 1000;

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

    private readonly string where;
    private readonly JsonElement json;

    private JsonLine(string where, JsonElement json) => (this.where, this.json) = (where, json);

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
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonTexts.Check(document.RootElement, namesOnly: true);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonLine(where, document.RootElement.Clone())
                : throw new InputException(
                    $"{where}: found {JsonTexts.Name(document.RootElement)}, expected {example}; write one object a line");
        }
        catch (JsonException cause)
        {
            var reason = JsonTexts.Shown(cause.Message.Split(" LineNumber:")[0].TrimEnd('.'), LongestShown);
            throw new InputException(
                $"{where}: found no valid JSON at byte {cause.BytePositionInLine + 1} ({reason}), expected {example}; correct the line",
                    cause);
        }
        catch (InvalidOperationException cause)
        {
            throw new InputException(
                $"{where}: found a key with half a surrogate pair, expected {example}; write the whole character", cause);
        }
    }

    /// <summary>Refuses keys that are not known, and keys that stand twice.</summary>
    public void CheckKeys(params string[] known)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in json.EnumerateObject().Select(property => property.Name))
        {
            if (!known.Contains(key))
                throw new InputException($"{where}: found key \"{JsonTexts.Shown(key, LongestShown)}\", " +
                    $"expected only {string.Join(", ", known)}; {Remedy(key, known)}");

            if (!seen.Add(key)) throw new InputException($"{where}: found key \"{key}\" twice, expected it once; remove one of them");
        }
    }

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => json.TryGetProperty(key, out _);

    /// <summary>A text that must be there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="what">What it is, for errors.</param>
    public string Text(string key, string what) => OptionalText(key)
        ?? throw new InputException($"{where}: found no \"{key}\", expected {what}; add \"{key}\": \"…\"");

    /// <summary>A text, or null where the key is not there.</summary>
    public string? OptionalText(string key) => json.TryGetProperty(key, out var value) ? Text(key, value) : null;

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
            throw Error(
                $"a line's end, U+{(int)text[at]:X4}, in \"{key}\" '{SeenText.OneLine(text)}'",
                    "one line, as an answer ends with its line", "give the part before it");
        }

        return !char.IsWhiteSpace(text[^1]) ? text : throw Error(
            $"white space at the end of \"{key}\" '{text}'",
                "an answer that ends with its last character, as white space behind one is not seen", "take it off");
    }

    /// <summary>What a key holds, one value or a list of them, each read as text or as an object.</summary>
    public IReadOnlyList<T> TextsOrObjects<T>(string key, Func<string, T> ofText, Func<JsonLine, T> ofObject) => Each(
        key, "a text, an object or a list of them",
        (path, value) => value.ValueKind == JsonValueKind.Object ? ofObject(new JsonLine($"{where}: \"{path}\"", value))
            : ofText(Text(path, value)));

    /// <summary>An error about this line.</summary>
    public InputException Error(string found, string expected, string remedy) =>
        new($"{where}: found {JsonTexts.Shown(found, LongestText)}, expected {JsonTexts.Shown(expected, LongestText)}; {remedy}");

    private static string Remedy(string key, string[] known)
    {
        var ours = Array.Find(Names, name => name.Theirs.Contains(key, StringComparer.OrdinalIgnoreCase)).Ours;
        if (ours is not null && known.Contains(ours)) return $"here it is called \"{ours}\"";
        if (ours == "answer")
        {
            return key.StartsWith("loc", StringComparison.OrdinalIgnoreCase)
                ? "here it is \"locality\": {\"prompt\": \"…\", \"answer\": \"…\"}"
                    : "remove it: the model itself is asked what it says before the edit";
        }

        return Nearest.To(key, known) is { } near ? $"did you mean \"{near}\"?" : "remove it";
    }

    private static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private IReadOnlyList<T> Each<T>(string key, string expected, Func<string, JsonElement, T> read)
    {
        if (!json.TryGetProperty(key, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Object
                ? [read(key, value)]
                : throw new InputException(
                    $"{where}: \"{key}\": found {JsonTexts.Name(value)}, expected {expected}; correct it or leave the key out");
        }

        return value.GetArrayLength() > 0
            ? [.. value.EnumerateArray().Select((item, i) => read($"{key}[{i}]", item))]
            : throw new InputException($"{where}: \"{key}\": found an empty list, expected {expected}; fill it or leave the key out");
    }

    private string Text(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw new InputException($"{where}: \"{path}\": found {JsonTexts.Name(value)}, expected a text; "
                + (value.ValueKind == JsonValueKind.Null ? "write one or leave the key out" : "put it between quotes"));
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException cause)
        {
            throw new InputException(
                $"{where}: \"{path}\": found half a surrogate pair, expected a text; write the whole character", cause);
        }

        return SeenText.Key(text).Length > 0
            ? text
            : throw new InputException($"{where}: \"{path}\": found an empty text, expected a text; fill it or remove the line");
    }
}
