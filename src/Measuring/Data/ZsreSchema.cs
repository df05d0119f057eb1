using System.Text.Json.Nodes;

namespace Harness.Measuring.Data;

/// <summary>
/// zsRE as MEND and EasyEdit publish it: <c>src</c> is asked, <c>pred</c> is the old and <c>alt</c> the new answer. <c>answers</c> must be
/// there, but is not used: editing to <c>answers[0]</c> as MEMIT does is not comparable.
/// </summary>
internal sealed class ZsreSchema : IRecordSchema
{
    public string Name => "zsre";

    public EditCase Read(SourceRecord record, int id)
    {
        var prompt = record.Text("src");
        record.Texts("answers");
        return new EditCase
        {
            Id = id,
            Subject = RecordSchemas.SubjectIn(prompt, record),
            Prompt = prompt,
            TargetNew = record.Text("alt"),
            TargetOld = record.Text("pred"),
            Rephrases = [record.Text("rephrase")],
            Locality = [new Question(record.Text("loc"), record.Text("loc_ans"))],
        };
    }

    public JsonObject Write(EditCase edit) => new()
    {
        ["subject"] = edit.Subject,
        ["src"] = edit.Prompt,
        ["pred"] = edit.TargetOld,
        ["rephrase"] = edit.Rephrases[0],
        ["alt"] = edit.TargetNew,
        ["answers"] = new JsonArray(edit.TargetOld),
        ["loc"] = edit.Locality[0].Prompt,
        ["loc_ans"] = edit.Locality[0].Answer,
    };
}
