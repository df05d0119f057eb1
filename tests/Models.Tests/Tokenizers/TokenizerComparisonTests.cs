using System.Text.Json;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>
/// What other implementations make of many texts, written by tests/tokenizers/generate.mjs: the sample that is committed, or whatever folder
/// HARNESS_TOKENIZERS names.
/// </summary>
public sealed class TokenizerComparisonTests
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "TokenizerSample");
    private static readonly string Root = Environment.GetEnvironmentVariable("HARNESS_TOKENIZERS") is { Length: > 0 } folder ? folder : Sample;

    public static TheoryData<string, string> Answers()
    {
        var answers = new TheoryData<string, string>();
        var folders = Directory.GetDirectories(Root);
        foreach (var file in folders.SelectMany(folder => Directory.GetFiles(folder, "*.jsonl")).Order(StringComparer.Ordinal))
            answers.Add(Path.GetFileName(Path.GetDirectoryName(file)!), Path.GetFileName(file));
        return answers;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Encodes_and_decodes_as_the_other_does(string name, string answers)
    {
        var folder = Path.Combine(Root, name);
        var tokenizer = BpeTokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        using var template = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "template.json")));
        Assert.Equal(Ids(template.RootElement.GetProperty("prefix")), tokenizer.Prefix);
        Assert.Equal(Ids(template.RootElement.GetProperty("suffix")), tokenizer.Suffix);

        var texts = File.ReadLines(Path.Combine(Root, "texts.jsonl")).Select(line => JsonSerializer.Deserialize<string>(line)!).ToArray();
        var lines = File.ReadAllLines(Path.Combine(folder, answers));
        Assert.Equal(texts.Length, lines.Length);
        Assert.True(lines.Count(line => line != "null") >= texts.Length * 5 / 6, "too many texts were left out");
        foreach (var (text, line) in texts.Zip(lines))
        {
            using var answer = JsonDocument.Parse(line);
            if (answer.RootElement.ValueKind == JsonValueKind.Null) continue;
            var ids = Ids(answer.RootElement.GetProperty("ids"));
            var ours = tokenizer.EncodeToIds(text);
            Assert.True(ids.SequenceEqual(ours), $"{JsonSerializer.Serialize(text)}: [{string.Join(", ", ours)}], not [{string.Join(", ", ids)}]");
            var decoded = answer.RootElement.TryGetProperty("text", out var other) ? other.GetString() : text;
            if (decoded is not null && answers == "huggingface.jsonl") Assert.Equal(decoded, tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void What_is_trained_on_the_sample_is_the_file_that_the_others_read()
    {
        var texts = File.ReadLines(Path.Combine(Sample, "texts.jsonl")).Select(line => JsonSerializer.Deserialize<string>(line)!);
        using var folder = new ScratchFolder();
        BpeTokenizer.Train(texts, 500).Save(folder.File("tokenizer.json"));
        Assert.Equal(File.ReadAllText(Path.Combine(Sample, "harness", "tokenizer.json")), File.ReadAllText(folder.File("tokenizer.json")));
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];
}
