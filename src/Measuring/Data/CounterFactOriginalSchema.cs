using System.Text.Json.Nodes;
using Harness.Models.Text;

namespace Harness.Measuring.Data;

/// <summary>
/// CounterFact as ROME publishes it, nested: <c>requested_rewrite</c> with a template, its subject and both objects, several paraphrases,
/// neighbours that share the true object, and prompts to generate texts from.
/// </summary>
internal sealed class CounterFactOriginalSchema : IRecordSchema
{
    public const string Rewrite = "requested_rewrite";

    public string Name => "counterfact-original";

    public EditCase Read(SourceRecord record, int id) => ReadNested(record, id);

    public JsonObject Write(EditCase edit) => new()
    {
        ["case_id"] = edit.Id,
        [Rewrite] = new JsonObject
        {
            ["prompt"] = Template(edit),
            ["subject"] = edit.Subject,
            ["target_new"] = new JsonObject { ["str"] = edit.TargetNew },
            ["target_true"] = new JsonObject { ["str"] = edit.TargetOld },
        },
        ["paraphrase_prompts"] = Texts(edit.Rephrases),
        ["neighborhood_prompts"] = Texts(edit.Locality.Select(question => question.Prompt)),
        ["generation_prompts"] = Texts(edit.GenerationPrompts),
    };

    public static EditCase ReadNested(SourceRecord record, int id)
    {
        var rewrite = record.Child(Rewrite);
        var template = rewrite.Text("prompt");
        var parts = template.Split("{}");
        if (parts.Length != 2) throw rewrite.Error("prompt", $"'{template}'", "one {} for the subject");
        var subject = rewrite.Text("subject");
        var prompt = parts[0] + subject + parts[1];
        if (WholeWords.IndexOf(prompt, subject) != parts[0].Length)
            throw rewrite.Error(
                "subject", $"'{subject}' in '{prompt}'", "whole words whose first place is that of {}, as the first is edited");
        var truth = rewrite.Child("target_true").Text("str");
        return new EditCase
        {
            Id = id,
            Subject = subject,
            Prompt = prompt,
            TargetNew = rewrite.Child("target_new").Text("str"),
            TargetOld = truth,
            Rephrases = record.Texts("paraphrase_prompts"),
            Locality = [.. record.Texts("neighborhood_prompts").Select(neighbour => new Question(neighbour, truth))],
            GenerationPrompts = record.IsEmpty("generation_prompts") ? [] : record.Texts("generation_prompts"),
        };
    }

    // The subject's first occurrence is the one that the template stands for.
    private static string Template(EditCase edit)
    {
        var at = WholeWords.IndexOf(edit.Prompt, edit.Subject);
        return edit.Prompt[..at] + "{}" + edit.Prompt[(at + edit.Subject.Length)..];
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
