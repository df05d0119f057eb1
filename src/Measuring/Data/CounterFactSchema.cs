using System.Text.Json.Nodes;

namespace Harness.Measuring.Data;

/// <summary>
/// CounterFact: flat records (one rephrasing, one locality question), or the original nested ones
/// (<see cref="CounterFactOriginalSchema"/>). Each record shows which it is; cases are written flat.
/// </summary>
internal sealed class CounterFactSchema : IRecordSchema
{
    public string Name => "counterfact";

    public EditCase Read(SourceRecord record, int id) =>
        record.Has(CounterFactOriginalSchema.Rewrite) ? CounterFactOriginalSchema.ReadNested(record, id) : ReadFlat(record, id);

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
}
