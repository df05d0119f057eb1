using Harness.Measuring.Cells;
using Harness.Models.Text;

namespace Harness.Measuring.Data;

/// <summary>Reads published data sets into cases and the knowledge of the original model.</summary>
public static class DatasetReader
{
    /// <summary>
    /// Checks the whole file, then takes the first records behind the skipped ones that contradict no other: a prompt with two old or two
    /// new answers is left out wherever it occurs, and of equal records the first is kept. Texts lose their outer white space and nothing
    /// else. Where a record has several edits, each counts as one here; what contradicts one of them leaves out all, and the same edit of
    /// two such records is kept in both, so that each has all of its own.
    /// </summary>
    /// <remarks>
    /// Knowledge holds each prompt once: edit prompts with old answers first, then the trained rephrasings, then locality questions, then
    /// what tests rest on, then probes; a later prompt that was asked before is left out, because the model cannot give two answers. A case
    /// asks only for rephrasings that were not trained. Where a record does not say its old answer the model learns nothing of it, and
    /// where no record does, recall is of the other questions. Examples are the records behind the taken ones; probes are locality
    /// questions of the records behind those, or, where these are too few, of the taken ones too; held-out texts are those behind the
    /// trained ones, or questions with answers.
    /// </remarks>
    /// <param name="options">Schema, number of skipped records, of cases and of texts, and share of rephrasings to train on.</param>
    /// <param name="dataFile">The file of <see cref="DatasetOptions.File"/>.</param>
    /// <param name="textFile">The file of <see cref="DatasetOptions.Text"/>, a list of {Corpus, Text}, or null.</param>
    /// <param name="seed">Chooses the rephrasings to train on, and the probes.</param>
    /// <param name="log">Told what was left out; null to be silent.</param>
    /// <exception cref="InputException">A malformed record (file, record from 1, field, found, expected), or too few records.</exception>
    public static FactData Read(DatasetOptions options, string dataFile, string? textFile, long seed, Action<string>? log = null)
    {
        var read = RecordSchemas.Find(options.Schema);
        Check(options, dataFile, textFile);
        var whole = SourceFile.Read(dataFile, read);
        if (whole.Count(edits => edits.Count == 0) is > 0 and var without)
            log?.Invoke($"{dataFile}: {without} of {whole.Count} records left out, whose subject or answer their sentence does not tell");
        var records = Consistent([.. whole.SelectMany(edits => edits)], options, dataFile, log);
        List<EditCase> cases = Numbered(records.Take(options.Edits));
        Remark(cases, dataFile, log);
        var locality = cases.SelectMany(edit => edit.Locality).ToList();
        var old = cases.Where(edit => edit.TargetOld.Length > 0).Select(edit => new Question(edit.Prompt, edit.TargetOld)).ToList();
        var rephrases = TrainedRephrases(cases, options.TrainedRephrases, seed);
        cases = cases.ConvertAll(edit => edit with { Rephrases = [.. edit.Rephrases.Except(rephrases.Select(trained => trained.Prompt))] });
        var behind = records.Skip(options.Edits + options.Examples).SelectMany(edit => edit.Locality).Take(options.Probes).ToList();
        var conditions = cases.SelectMany(edit => edit.Tests).SelectMany(test => test.Conditions ?? []).Select(asked => asked.Plain);
        List<Question> learned = [.. old, .. rephrases, .. locality, .. conditions, .. behind];
        var knowledge = learned.DistinctBy(question => question.Prompt).ToList();
        var repeats = learned.Count - learned.Distinct().Count();
        var contradictions = learned.Count - knowledge.Count - repeats;
        if (contradictions > 0) log?.Invoke($"{dataFile}: {contradictions} trained prompts left out that have another answer already");
        var (texts, others) = Texts(options, textFile);
        var edited = cases.SelectMany(edit => edit.Rephrases.Prepend(edit.Prompt)).Concat(rephrases.Select(trained => trained.Prompt))
            .ToHashSet();
        var asked = knowledge.Where(question => !edited.Contains(question.Prompt)).ToList();
        var local = locality.Select(question => question.Prompt).ToHashSet();
        var apart = asked.Where(question => !local.Contains(question.Prompt)).ToList();
        var enough = apart.Count >= options.Probes;
        return new FactData
        {
            Cases = cases,
            Knowledge = knowledge,
            Recall = old.Count > 0 ? old : asked,
            Texts = texts,
            Examples = Numbered(records.Skip(options.Edits).Take(options.Examples)),
            Probes = Probes(enough ? apart : asked, options.Probes, seed),
            HeldOut = [.. (others.Count > 0 ? others : asked.Select(question => $"{question.Prompt} {question.Answer}."))
                .Take(options.Probes)],
            Unseen = [.. cases.Where(edit => edit.TargetOld.Length > 0).SelectMany(edit => edit.Rephrases.Select(rephrase =>
                new UnseenQuestion("generality", rephrase, edit.TargetOld)))],
        };
    }

    private static List<EditCase> Numbered(IEnumerable<EditCase> records) => [.. records.Select((edit, id) => edit with { Id = id })];

    // What is accepted, and scored or edited in a way that a reader of the records may not think of.
    private static void Remark(List<EditCase> cases, string file, Action<string>? log)
    {
        if (cases.Count(edit => WholeWords.Indices(edit.Prompt, edit.Subject).Count() > 1) is > 0 and var repeated)
            log?.Invoke($"{file}: {repeated} of {cases.Count} subjects occur more than once in their prompt; the first place is edited");
        if (cases.Count(edit => edit.TargetNew.AsSpan().ContainsAny('\n', '\r')) is > 0 and var broken)
            log?.Invoke($"{file}: {broken} of {cases.Count} wanted answers have a line's end, where generated ones are cut; " +
                "wild-em never finds them");
    }

    private static IReadOnlyList<ProbeQuestion> Probes(List<Question> asked, int count, long seed)
    {
        var random = new SeededRandom(seed, "data/probes");
        List<string> answers = [.. asked.Select(question => question.Answer).Distinct()];
        return [.. random.Some(asked, count).Select(question => new ProbeQuestion(
            ProbeKinds.Unrelated, question.Prompt, question.Answer,
            random.Some(answers.Where(answer => answer != question.Answer), ProbeKinds.Distractors)))];
    }

    private static void Check(DatasetOptions options, string dataFile, string? textFile)
    {
        InputException Error(string found, string expected) => new($"{dataFile}: found {found}, expected {expected}; correct the data set");

        var share = options.TrainedRephrases;
        if (options.Edits < 1) throw Error($"'edits' {options.Edits}", "at least 1");
        if (options.SkippedRecords < 0) throw Error($"'skipped-records' {options.SkippedRecords}", "at least 0");
        if (!(share is >= 0 and <= 1)) throw Error($"'trained-rephrases' {share}", "0 to 1");
        if (options.Examples < 0) throw Error($"'examples' {options.Examples}", "at least 0");
        if (options.Probes < 0) throw Error($"'probes' {options.Probes}", "at least 0");
        if (options.TextCount < 0 || (options.TextCount > 0 && textFile is null))
        {
            var file = textFile is null ? "without a text file" : "with a text file";
            throw Error($"'text-count' {options.TextCount} {file}", "0, or more with a file");
        }
    }

    private static List<EditCase> Consistent(
        IReadOnlyList<EditCase> records, DatasetOptions options, string file, Action<string>? log)
    {
        var contradicted = records.GroupBy(edit => edit.Prompt)
            .Where(group => group.Select(edit => (edit.TargetOld, edit.TargetNew)).Distinct().Count() > 1)
            .Select(group => group.Key).ToHashSet();
        var groups = records.Where(edit => edit.Group is not null && contradicted.Contains(edit.Prompt)).Select(edit => edit.Group)
            .ToHashSet();
        var consistent = records.Where(edit => !contradicted.Contains(edit.Prompt) && !groups.Contains(edit.Group)).ToList();
        var conflicts = records.Count - consistent.Count;
        var distinct = consistent.DistinctBy(edit => (edit.Prompt, edit.Group)).ToList();
        var repeats = consistent.Count - distinct.Count;
        if (conflicts + repeats > 0)
        {
            log?.Invoke($"{file}: of {records.Count} records, {conflicts} left out because another answers the prompt otherwise, " +
                $"{repeats} as repeats");
        }

        var (skipped, edits) = (options.SkippedRecords, options.Edits);
        return distinct.Count >= skipped + (long)edits ? distinct[skipped..] : throw new InputException(
            $"{file}: found {distinct.Count} usable of {records.Count} records ({conflicts} in conflict, {repeats} repeats), " +
            $"expected at least {edits}{(skipped > 0 ? $" behind the {skipped} skipped ones" : "")}; ask for fewer edits");
    }

    private static List<Question> TrainedRephrases(List<EditCase> cases, double share, long seed)
    {
        var rephrases = cases.Where(edit => edit.TargetOld.Length > 0)
            .SelectMany(edit => edit.Rephrases.Select(rephrase => new Question(rephrase, edit.TargetOld))).ToList();
        var order = Enumerable.Range(0, rephrases.Count).ToList();
        new SeededRandom(seed, "data/trained-rephrases").Shuffle(order);
        var count = (int)Math.Round(share * rephrases.Count, MidpointRounding.AwayFromZero);
        return [.. order.Take(count).Order().Select(i => rephrases[i])];
    }

    // The texts to train on, and those behind them.
    private static (IReadOnlyList<string> Trained, IReadOnlyList<string> Others) Texts(DatasetOptions options, string? file)
    {
        if (file is null || options.TextCount == 0) return ([], []);
        var texts = SourceFile.Read(file, (record, _) => (Corpus: record.Text("Corpus"), Text: record.Text("Text")));
        return texts.Count >= options.TextCount
            ? ([.. texts.Take(options.TextCount).Select(text => text.Text)], [.. texts.Skip(options.TextCount).Select(text => text.Text)])
            : throw new InputException($"{file}: found {texts.Count} texts, expected at least {options.TextCount}; lower 'text-count'");
    }
}
