using System.Text.Json.Nodes;

namespace Harness.Measuring.Data;

/// <summary>
/// QAEdit (Yang et al. 2025): questions of three question-answering benchmarks, edited to their own answers (<c>target</c>), with one
/// rephrasing and several unrelated questions. Records do not say what a model answered before.
/// </summary>
internal sealed class QaEditSchema : IRecordSchema
{
    public string Name => "qaedit";

    public EditCase Read(SourceRecord record, int id)
    {
        var prompt = record.Text("prompt");
        return new EditCase
        {
            Id = id,
            Subject = RecordSchemas.SubjectIn(prompt, record),
            Prompt = prompt,
            TargetNew = record.Text("target"),
            TargetOld = "",
            Rephrases = [record.Text("rephrase")],
            Locality = [.. record.Children("locality").Select(child => new Question(child.Text("loc"), child.Text("loc_ans")))],
        };
    }

    public JsonObject Write(EditCase edit) => new()
    {
        ["id"] = edit.Id,
        ["prompt"] = edit.Prompt,
        ["target"] = edit.TargetNew,
        ["subject"] = edit.Subject,
        ["rephrase"] = edit.Rephrases[0],
        ["locality"] = new JsonArray(
            [.. edit.Locality.Select(question => new JsonObject { ["loc"] = question.Prompt, ["loc_ans"] = question.Answer })]),
    };
}
