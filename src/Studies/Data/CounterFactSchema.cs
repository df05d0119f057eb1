using System.Text.Json.Nodes;

namespace Harness.Studies.Data;

/// <summary>
/// CounterFact: flat records (one rephrasing, one locality question), or the original nested ones (<c>requested_rewrite</c>, several
/// paraphrases, and neighbours that share the true object). Each record shows which it is; cases are written flat.
/// </summary>
internal sealed class CounterFactSchema : IRecordSchema
{
    private const string Rewrite = "requested_rewrite";

    public string Name => "counterfact";

    public EditCase Read(SourceRecord record, int id) => record.Has(Rewrite) ? ReadNested(record, id) : ReadFlat(record, id);

    public JsonObject Write(EditCase edit) => new()
    {
        ["case_id"] = edit.Id,
        ["prompt"] = edit.Prompt,
        ["target_new"] = edit.TargetNew,
        ["subject"] = edit.Subject,
        ["ground_truth"] = edit.TargetOld,
        ["rephrase_prompt"] = edit.Rephrases[0],
        ["locality_prompt"] = edit.Locality[0].Prompt,
        ["locality_ground_truth"] = edit.Locality[0].Answer,
    };

    private static EditCase ReadFlat(SourceRecord record, int id)
    {
        var prompt = record.Text("prompt");
        return new EditCase
        {
            Id = id,
            Subject = RecordSchemas.SubjectIn(prompt, record),
            Prompt = prompt,
            TargetNew = record.Text("target_new"),
            TargetOld = record.Text("ground_truth"),
            Rephrases = [record.Text("rephrase_prompt")],
            Locality = [new Question(record.Text("locality_prompt"), record.Text("locality_ground_truth"))],
        };
    }

    private static EditCase ReadNested(SourceRecord record, int id)
    {
        var rewrite = record.Child(Rewrite);
        var template = rewrite.Text("prompt");
        var parts = template.Split("{}");
        if (parts.Length != 2) throw rewrite.Error("prompt", $"'{template}'", "one {} for the subject");
        var subject = rewrite.Text("subject");
        var truth = rewrite.Child("target_true").Text("str");
        return new EditCase
        {
            Id = id,
            Subject = subject,
            Prompt = parts[0] + subject + parts[1],
            TargetNew = rewrite.Child("target_new").Text("str"),
            TargetOld = truth,
            Rephrases = record.Texts("paraphrase_prompts"),
            Locality = [.. record.Texts("neighborhood_prompts").Select(neighbour => new Question(neighbour, truth))],
        };
    }
}
