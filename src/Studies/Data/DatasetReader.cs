using Harness.Studies.Cells;

namespace Harness.Studies.Data;

/// <summary>Reads published data sets into cases and the knowledge of the original model.</summary>
public static class DatasetReader
{
    /// <summary>
    /// Checks the whole file, then takes the first records that contradict no other: a prompt with two old or two new answers is left out
    /// wherever it occurs, and of equal records the first is kept. Texts lose their outer white space and nothing else.
    /// </summary>
    /// <remarks>
    /// Knowledge holds each prompt once: edit prompts with old answers first, then the trained rephrasings, then locality questions; a
    /// later prompt that was asked before is left out, because the model cannot give two answers.
    /// </remarks>
    /// <param name="options">Schema, number of cases and of texts, and share of rephrasings to train on.</param>
    /// <param name="dataFile">The file of <see cref="DatasetOptions.File"/>.</param>
    /// <param name="textFile">The file of <see cref="DatasetOptions.Text"/>, a list of {Corpus, Text}, or null.</param>
    /// <param name="seed">Chooses the rephrasings to train on.</param>
    /// <param name="log">Told what was left out; null to be silent.</param>
    /// <exception cref="InputException">A malformed record (file, record from 1, field, found, expected), or too few records.</exception>
    public static FactData Read(DatasetOptions options, string dataFile, string? textFile, long seed, Action<string>? log = null)
    {
        var schema = RecordSchemas.Find(options.Schema);
        Check(options, dataFile, textFile);
        var cases = Consistent(SourceFile.Read(dataFile, schema.Read), options.Edits, dataFile, log);
        var recall = cases.Select(edit => new Question(edit.Prompt, edit.TargetOld)).ToList();
        var rephrases = TrainedRephrases(cases, options.TrainedRephrases, seed);
        List<Question> learned = [.. recall, .. rephrases, .. cases.SelectMany(edit => edit.Locality)];
        var knowledge = learned.DistinctBy(question => question.Prompt).ToList();
        var repeats = learned.Count - learned.Distinct().Count();
        var contradictions = learned.Count - knowledge.Count - repeats;
        if (contradictions > 0) log?.Invoke($"{dataFile}: {contradictions} trained prompts left out that have another answer already");
        return new FactData { Cases = cases, Knowledge = knowledge, Recall = recall, Texts = Texts(options, textFile) };
    }

    private static void Check(DatasetOptions options, string dataFile, string? textFile)
    {
        InputException Error(string found, string expected) => new($"{dataFile}: found {found}, expected {expected}; correct the data set");

        var share = options.TrainedRephrases;
        if (options.Edits < 1) throw Error($"'edits' {options.Edits}", "at least 1");
        if (!(share is >= 0 and <= 1)) throw Error($"'trained-rephrases' {share}", "0 to 1");
        if (options.TextCount < 0 || (options.TextCount > 0 && textFile is null))
        {
            var file = textFile is null ? "without a text file" : "with a text file";
            throw Error($"'text-count' {options.TextCount} {file}", "0, or more with a file");
        }
    }

    private static List<EditCase> Consistent(IReadOnlyList<EditCase> records, int edits, string file, Action<string>? log)
    {
        var contradicted = records.GroupBy(edit => edit.Prompt)
            .Where(group => group.Select(edit => (edit.TargetOld, edit.TargetNew)).Distinct().Count() > 1)
            .Select(group => group.Key).ToHashSet();
        var consistent = records.Where(edit => !contradicted.Contains(edit.Prompt)).ToList();
        var conflicts = records.Count - consistent.Count;
        var distinct = consistent.DistinctBy(edit => edit.Prompt).ToList();
        var repeats = consistent.Count - distinct.Count;
        if (conflicts + repeats > 0)
        {
            log?.Invoke($"{file}: of {records.Count} records, {conflicts} left out because another answers the prompt otherwise, " +
                $"{repeats} as repeats");
        }

        return distinct.Count >= edits ? [.. distinct.Take(edits).Select((edit, id) => edit with { Id = id })] : throw new InputException(
            $"{file}: found {distinct.Count} usable of {records.Count} records ({conflicts} in conflict, {repeats} repeats), " +
            $"expected at least {edits}; ask for fewer edits");
    }

    private static IEnumerable<Question> TrainedRephrases(List<EditCase> cases, double share, long seed)
    {
        var rephrases = cases.SelectMany(edit => edit.Rephrases.Select(rephrase => new Question(rephrase, edit.TargetOld))).ToList();
        var order = Enumerable.Range(0, rephrases.Count).ToList();
        new SeededRandom(seed, "data/trained-rephrases").Shuffle(order);
        var count = (int)Math.Round(share * rephrases.Count, MidpointRounding.AwayFromZero);
        return order.Take(count).Order().Select(i => rephrases[i]);
    }

    private static IReadOnlyList<string> Texts(DatasetOptions options, string? file)
    {
        if (file is null || options.TextCount == 0) return [];
        var texts = SourceFile.Read(file, (record, _) => (Corpus: record.Text("Corpus"), Text: record.Text("Text")));
        return texts.Count >= options.TextCount ? [.. texts.Take(options.TextCount).Select(text => text.Text)] : throw new InputException(
            $"{file}: found {texts.Count} texts, expected at least {options.TextCount}; lower 'text-count'");
    }
}
