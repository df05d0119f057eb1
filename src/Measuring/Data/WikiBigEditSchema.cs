using System.Text.Json.Nodes;

namespace Harness.Measuring.Data;

/// <summary>
/// WikiBigEdit as LocFT publishes it: flat records of new knowledge. They do not say what a model answered before; a record that does, in
/// <c>ground_truth</c> as the flat CounterFact names it, is read with it.
/// </summary>
internal sealed class WikiBigEditSchema : IRecordSchema
{
    private const string OldAnswer = "ground_truth";

    public string Name => "wikibigedit";

    public EditCase Read(SourceRecord record, int id)
    {
        var prompt = record.Text("prompt");
        return new EditCase
        {
            Id = id,
            Subject = RecordSchemas.SubjectIn(prompt, record),
            Prompt = prompt,
            TargetNew = record.Text("target_new"),
            TargetOld = record.Has(OldAnswer) ? record.Text(OldAnswer) : "",
            Rephrases = [record.Text("rephrase_prompt")],
            Locality = [new Question(record.Text("locality_prompt"), record.Text("locality_ground_truth"))],
        };
    }

    public JsonObject Write(EditCase edit)
    {
        var record = new JsonObject
        {
            ["prompt"] = edit.Prompt,
            ["target_new"] = edit.TargetNew,
            ["subject"] = edit.Subject,
            ["rephrase_prompt"] = edit.Rephrases[0],
            ["locality_prompt"] = edit.Locality[0].Prompt,
            ["locality_ground_truth"] = edit.Locality[0].Answer,
        };
        if (edit.TargetOld.Length > 0) record[OldAnswer] = edit.TargetOld;
        return record;
    }
}
