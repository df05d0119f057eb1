using Harness.Models.Text;
namespace Harness.Measuring.Data;

/// <summary>
/// How the published data sets write edits: a name, and what reads a record and its number. Fields that a schema does not use are
/// ignored; a used one that is missing, of another type or empty is an error, and so is a subject that its prompt does not hold.
/// </summary>
internal static class RecordSchemas
{
    private const string Rewrite = "requested_rewrite", OldAnswer = "ground_truth";

    private static readonly OrderedDictionary<string, Func<SourceRecord, int, IReadOnlyList<EditCase>>> All = new()
    {
        ["zsre"] = One(Zsre),
        ["counterfact"] = One(CounterFact),
        ["counterfact-original"] = One(NestedCounterFact),
        ["wikibigedit"] = One(WikiBigEdit),
        ["qaedit"] = One(QaEdit),
        ["mquake"] = MquakeRecord.Read,
        ["ripple-edits"] = RippleEditsRecord.Read,
    };

    /// <summary>
    /// What reads a record of a schema of <see cref="Cells.DatasetOptions.Schema"/>: its edits, of which it has one, several, or none that
    /// can be made.
    /// </summary>
    /// <exception cref="InputException">There is none; the nearest is named.</exception>
    public static Func<SourceRecord, int, IReadOnlyList<EditCase>> Find(string name) => All.GetValueOrDefault(name)
        ?? throw new InputException($"data set: unknown schema '{name}'{Nearest.Suggestion(name, All.Keys)}; "
            + $"expected one of: {string.Join(", ", All.Keys)}");

    private static Func<SourceRecord, int, IReadOnlyList<EditCase>> One(Func<SourceRecord, int, EditCase> read) =>
        (record, id) => [read(record, id)];

    /// <summary>
    /// zsRE as MEND and EasyEdit publish it: <c>src</c> is asked, <c>pred</c> is the old and <c>alt</c> the new answer. <c>answers</c> must
    /// be there, but is not used: editing to <c>answers[0]</c> as MEMIT does is not comparable.
    /// </summary>
    private static EditCase Zsre(SourceRecord record, int id)
    {
        record.Texts("answers");
        return Flat(record, id, record.Text("src"), record.Text("pred"), "alt", "rephrase", [Ask(record, "loc", "loc_ans")]);
    }

    /// <summary>
    /// CounterFact: flat records (one rephrasing, one locality question) or the original nested ones; each record shows which it is.
    /// </summary>
    private static EditCase CounterFact(SourceRecord record, int id) => record.Has(Rewrite)
        ? NestedCounterFact(record, id)
        : Flat(record, id, record.Text("prompt"), record.Text(OldAnswer), "target_new", "rephrase_prompt", [LocalityPrompt(record)]);

    /// <summary>
    /// CounterFact as ROME publishes it, nested: <c>requested_rewrite</c> with a template, its subject and both objects, several
    /// paraphrases, neighbours that share the true object, and prompts to generate texts from.
    /// </summary>
    private static EditCase NestedCounterFact(SourceRecord record, int id)
    {
        var edit = Rewritten(record.Child(Rewrite), id);
        return edit with
        {
            Rephrases = record.Texts("paraphrase_prompts"),
            Locality = [.. record.Texts("neighborhood_prompts").Select(neighbour => new Question(neighbour, edit.TargetOld))],
            GenerationPrompts = record.SomeTexts("generation_prompts"),
        };
    }

    /// <summary>A <c>requested_rewrite</c> of ROME's CounterFact: a template with its subject, and both objects.</summary>
    internal static EditCase Rewritten(SourceRecord rewrite, int id)
    {
        var template = rewrite.Text("prompt");
        var parts = template.Split("{}");
        if (parts.Length != 2) throw rewrite.Error("prompt", $"'{template}'", "one {} for the subject");
        var subject = rewrite.Text("subject");
        var prompt = parts[0] + subject + parts[1];
        if (WholeWords.IndexOf(prompt, subject) != parts[0].Length)
        {
            throw rewrite.Error(
                "subject", $"'{subject}' in '{prompt}'", "whole words whose first place is that of {}, as the first is edited");
        }

        return new EditCase
        {
            Id = id,
            Subject = subject,
            Prompt = prompt,
            TargetNew = rewrite.Child("target_new").Text("str"),
            TargetOld = rewrite.Child("target_true").Text("str"),
            Rephrases = [],
            Locality = [],
        };
    }

    /// <summary>
    /// WikiBigEdit as LocFT publishes it: flat records of new knowledge. They do not say what a model answered before; a record that does,
    /// in <c>ground_truth</c> as the flat CounterFact names it, is read with it.
    /// </summary>
    private static EditCase WikiBigEdit(SourceRecord record, int id) => Flat(
        record, id, record.Text("prompt"), record.Has(OldAnswer) ? record.Text(OldAnswer) : "", "target_new", "rephrase_prompt",
        [LocalityPrompt(record)]);

    /// <summary>
    /// QAEdit (Yang et al. 2025): questions of three question-answering benchmarks, edited to their own answers (<c>target</c>), with one
    /// rephrasing and several unrelated questions. Records do not say what a model answered before.
    /// </summary>
    private static EditCase QaEdit(SourceRecord record, int id) => Flat(
        record, id, record.Text("prompt"), "", "target", "rephrase",
        [.. record.Children("locality").Select(child => Ask(child, "loc", "loc_ans"))]);

    private static EditCase Flat(
        SourceRecord record, int id, string prompt, string old, string target, string rephrase, IReadOnlyList<Question> locality)
    {
        var subject = record.Text("subject");
        return prompt.Contains(subject, StringComparison.Ordinal)
            ? new EditCase
            {
                Id = id,
                Subject = subject,
                Prompt = prompt,
                TargetNew = record.Text(target),
                TargetOld = old,
                Rephrases = [record.Text(rephrase)],
                Locality = locality,
            }
            : throw record.Error("subject", $"'{subject}'", $"a part of the prompt '{prompt}'");
    }

    private static Question LocalityPrompt(SourceRecord record) => Ask(record, "locality_prompt", "locality_ground_truth");

    private static Question Ask(SourceRecord record, string prompt, string answer) => new(record.Text(prompt), record.Text(answer));
}
