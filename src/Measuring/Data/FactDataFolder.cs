namespace Harness.Measuring.Data;

/// <summary>
/// A data set as a folder of JSON lines: <c>cases.jsonl</c>, <c>knowledge.jsonl</c>, <c>recall.jsonl</c>, <c>texts.jsonl</c>,
/// <c>examples.jsonl</c>, <c>probes.jsonl</c>, <c>held-out.jsonl</c>, <c>unseen.jsonl</c>.
/// </summary>
public static class FactDataFolder
{
    private const string Cases = "cases.jsonl", Knowledge = "knowledge.jsonl", Recall = "recall.jsonl", Texts = "texts.jsonl",
        Examples = "examples.jsonl", Probes = "probes.jsonl", HeldOut = "held-out.jsonl",
        Unseen = "unseen.jsonl";

    /// <summary>Writes the files into an existing folder, canonical JSON, one value a line: equal data gives equal bytes.</summary>
    public static void Write(FactData data, string folder)
    {
        StoredLines.Write(Path.Combine(folder, Cases), data.Cases);
        StoredLines.Write(Path.Combine(folder, Knowledge), data.Knowledge);
        StoredLines.Write(Path.Combine(folder, Recall), data.Recall);
        StoredLines.Write(Path.Combine(folder, Texts), data.Texts);
        StoredLines.Write(Path.Combine(folder, Examples), data.Examples);
        StoredLines.Write(Path.Combine(folder, Probes), data.Probes);
        StoredLines.Write(Path.Combine(folder, HeldOut), data.HeldOut);
        StoredLines.Write(Path.Combine(folder, Unseen), data.Unseen);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">A file is missing, or a line is malformed: <c>file(line)</c>, found, expected.</exception>
    public static FactData Read(string folder) => new()
    {
        Cases = StoredLines.Read<EditCase>(Path.Combine(folder, Cases), "an edit case"),
        Knowledge = StoredLines.Read<Question>(Path.Combine(folder, Knowledge), "a question"),
        Recall = StoredLines.Read<Question>(Path.Combine(folder, Recall), "a question"),
        Texts = StoredLines.Read<string>(Path.Combine(folder, Texts), "a text"),
        Examples = StoredLines.Read<EditCase>(Path.Combine(folder, Examples), "an edit case"),
        Probes = StoredLines.Read<ProbeQuestion>(Path.Combine(folder, Probes), "a probe"),
        HeldOut = StoredLines.Read<string>(Path.Combine(folder, HeldOut), "a text"),
        Unseen = StoredLines.Read<UnseenQuestion>(Path.Combine(folder, Unseen), "an unseen question"),
    };
}
