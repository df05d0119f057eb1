using System.Text.Json;
using Harness.Models.Checkpoints;
using Harness.Models.Text;

namespace Harness.Models.Json;

/// <summary>How errors about one kind of JSON are put.</summary>
/// <param name="Remedy">What to do about a value that is wrong.</param>
/// <param name="Before">What stands between the file and the path of the value.</param>
/// <param name="Behind">What stands behind the path.</param>
public sealed record JsonVoice(string Remedy, string Before = ": ", string Behind = "");

/// <summary>
/// A value in JSON, or the place where one is wanted, read strictly: every error says where, what was found, what was expected and what to
/// do. The one reader of JSON that others have written; what the harness wrote is read by <see cref="CanonicalJson"/>.
/// </summary>
public sealed class JsonPlace
{
    private const int LongestShown = 80, LongestText = 1000, MostUnknown = 5;
    private readonly (string File, JsonVoice Voice) source;
    private readonly JsonPlace? parent;
    private readonly string? name;
    private readonly int index;
    private Dictionary<string, JsonElement>? fields;
    private HashSet<string>? asked;

    private JsonPlace(
        (string File, JsonVoice Voice) source, JsonElement value, JsonPlace? parent = null, string? name = null, int index = 0) =>
        (this.source, Value, this.parent, this.name, this.index) = (source, value, parent, name, index);

    /// <summary>What stands there; undefined where nothing does.</summary>
    public JsonElement Value { get; }

    /// <summary>The file, or a line or record of it.</summary>
    public string File => source.File;

    /// <summary>File and path, as errors begin.</summary>
    public string Where => parent is null ? File : File + source.Voice.Before + Shown(Path, LongestText) + source.Voice.Behind;

    /// <summary>Whether something stands there, be it null.</summary>
    public bool IsGiven => Value.ValueKind != JsonValueKind.Undefined;

    /// <summary>This, or null where nothing or null stands there.</summary>
    public JsonPlace? Optional => Value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : this;

    /// <summary>The values in a list.</summary>
    public IEnumerable<JsonPlace> Items => Value.ValueKind == JsonValueKind.Array
        ? Value.EnumerateArray().Select((item, i) => new JsonPlace(source, item, this, index: i))
        : throw Wrong("a list");

    /// <summary>The fields of an object, in the file's order; each name stands once.</summary>
    public IEnumerable<(string Name, JsonPlace Place)> Fields =>
        Read().Select(pair => (pair.Key, new JsonPlace(source, pair.Value, this, pair.Key)));

    /// <summary>A field of an object, be it there or not.</summary>
    public JsonPlace this[string key]
    {
        get
        {
            var found = Read().GetValueOrDefault(key);
            (asked ??= new(StringComparer.Ordinal)).Add(key);
            return new(source, found, this, key);
        }
    }

    private string Path => parent?.Path is not { } above ? ""
        : name is null ? $"{above}[{index}]"
        : name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-') ? $"{above}.{name}".TrimStart('.')
        : $"{above} '{name}'".TrimStart();

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="voice">How errors about it are put.</param>
    /// <param name="expected">What it should be; null for what it is called.</param>
    /// <exception cref="InputException">It cannot be read, or is no JSON.</exception>
    public static JsonPlace Read(string file, JsonVoice voice, string? expected = null) =>
        Parse(file, FileCause.ReadAllBytes(file), voice, expected ?? $"a {System.IO.Path.GetFileName(file)}");

    /// <summary>Reads JSON.</summary>
    /// <param name="file">Where it stands.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="voice">How errors about it are put.</param>
    /// <param name="expected">What it should be.</param>
    /// <exception cref="InputException">It is no JSON.</exception>
    public static JsonPlace Parse(string file, ReadOnlySpan<byte> json, JsonVoice voice, string expected)
    {
        try
        {
            return Of(file, JsonElement.Parse(json), voice);
        }
        catch (JsonException cause)
        {
            if (GivenInstead.OfFile(json) is { } other) throw new InputException($"{file}: {other}", cause);
            var line = cause.LineNumber > 0 ? $"line {cause.LineNumber + 1}, " : "";
            var reason = Shown(cause.Message.Split(" LineNumber:")[0].TrimEnd('.'), LongestText);
            throw new InputException(
                $"{file}: found no valid JSON at {line}byte {cause.BytePositionInLine + 1} ({reason}), expected {expected}; {voice.Remedy}",
                cause);
        }
    }

    /// <summary>JSON that is parsed already.</summary>
    public static JsonPlace Of(string file, JsonElement value, JsonVoice voice) => new((file, voice), value);

    /// <summary>A text of a file for a message: one line of at most so many characters, whatever is in it.</summary>
    public static string Shown(string text, int most) => string.Concat(
        SeenText.Cut(text, most)
            .Select(letter => letter is '\n' or '\r' ? " " : char.IsControl(letter) ? $"\\u{(int)letter:x4}" : $"{letter}"));

    /// <summary>Reads every name and every text in it, which would otherwise only be looked at where they are asked for.</summary>
    /// <returns>This.</returns>
    /// <exception cref="InputException">One is no Unicode, or a name stands twice in an object.</exception>
    public JsonPlace Whole()
    {
        if (Value.ValueKind == JsonValueKind.String) Text();
        if (Value.ValueKind == JsonValueKind.Array) foreach (var item in Items) item.Whole();
        if (Value.ValueKind == JsonValueKind.Object) foreach (var (_, place) in Fields) place.Whole();
        return this;
    }

    /// <summary>A text.</summary>
    /// <param name="remedy">What to do where there is none; null for the voice's.</param>
    public string Text(string? remedy = null)
    {
        if (Value.ValueKind != JsonValueKind.String) throw Wrong("a text", remedy);
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException cause)
        {
            throw NoUnicode(cause);
        }
    }

    /// <summary>True or false.</summary>
    /// <param name="absent">What it is where nothing or null stands there; null where that is an error.</param>
    public bool Flag(bool? absent = null) => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Undefined or JsonValueKind.Null when absent is { } value => value,
        _ => throw Wrong("true or false"),
    };

    /// <summary>A whole number of 32 bits.</summary>
    /// <param name="absent">What it is where nothing or null stands there; null where that is an error.</param>
    public int Integer(int? absent = null) =>
        absent is { } value && Optional is null ? value : (int)Integer(int.MinValue, int.MaxValue, "a whole number");

    /// <summary>A whole number in a range, ends included.</summary>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most.</param>
    /// <param name="expected">What it is; null for the range.</param>
    public long Integer(long least, long most, string? expected = null) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(expected ?? $"a whole number from {least} to {most}");

    /// <summary>A number, finite in float64.</summary>
    /// <param name="absent">What it is where nothing or null stands there; null where that is an error.</param>
    public double Number(double? absent = null)
    {
        if (absent is { } value && Optional is null) return value;
        return Value.ValueKind == JsonValueKind.Number && Value.GetDouble() is var number && double.IsFinite(number)
            ? number
            : throw Wrong("a number");
    }

    /// <summary>Refuses fields of an object but those that were asked for before and these.</summary>
    /// <param name="expected">What is expected in the place of others; null for these names.</param>
    /// <param name="remedy">What to do about others, told their names.</param>
    /// <param name="known">Names of fields.</param>
    /// <returns>This.</returns>
    public JsonPlace Only(string? expected, Func<IReadOnlyList<string>, string> remedy, params IEnumerable<string> known)
    {
        string[] all = [.. known.Concat(asked ?? []).Distinct()];
        string[] unknown = [.. Read().Keys.Where(key => !all.Contains(key))];
        if (unknown.Length == 0) return this;
        var names = unknown.Take(MostUnknown).Select(
            key => $"'{Shown(key, LongestShown)}'{(key.Length > LongestShown ? "" : Nearest.Suggestion(key, all))}");
        throw Error(
            $"the unknown key{(unknown.Length == 1 ? "" : "s")} {string.Join(", ", names)}{(unknown.Length > MostUnknown ? " …" : "")}",
            expected ?? $"only {string.Join(", ", all)}", remedy(unknown));
    }

    /// <summary>The value for a message: its JSON, cut where it is long, or "nothing".</summary>
    public string Shown()
    {
        try
        {
            return IsGiven ? Shown(Value.GetRawText(), LongestShown) : "nothing";
        }
        catch (InvalidOperationException)
        {
            return "bytes that are no UTF-8";
        }
    }

    /// <summary>An error about the value.</summary>
    public InputException Wrong(string expected, string? remedy = null) => Error(Shown(), expected, remedy);

    /// <summary>An error about this place; the remedy is the voice's where none is given.</summary>
    public InputException Error(string found, string expected, string? remedy = null, Exception? cause = null) => new(
        $"{Where}: found {Shown(found, LongestText)}, expected {Shown(expected, LongestText)}; {remedy ?? source.Voice.Remedy}", cause!);

    private Dictionary<string, JsonElement> Read()
    {
        if (fields is not null) return fields;
        if (Value.ValueKind != JsonValueKind.Object) throw Wrong("an object");
        fields = new(StringComparer.Ordinal);
        try
        {
            foreach (var field in Value.EnumerateObject())
                if (!fields.TryAdd(field.Name, field.Value)) throw Error($"'{field.Name}' more than once", "it once");
        }
        catch (InvalidOperationException cause)
        {
            throw NoUnicode(cause);
        }

        return fields;
    }

    private InputException NoUnicode(InvalidOperationException cause) => Error(
        "text that is no Unicode", "valid UTF-8 and whole surrogate pairs", null, cause);
}
