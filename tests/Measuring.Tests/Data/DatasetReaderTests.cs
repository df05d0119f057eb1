using Harness.Measuring.Cells;
using Harness.Measuring.Data;

namespace Harness.Tests.Data;

public sealed class DatasetReaderTests : IDisposable
{
    private const string Zsre =
        """
        {"subject":"Ann","src":"Where is Ann?","pred":" Rome ","rephrase":"Ann is where?","alt":"Oslo","answers":["Rome"],
         "loc":"nq question: who","loc_ans":"me","cond":""}
        """;

    private const string Flat =
        """
        {"case_id":5,"prompt":"Ann is in","target_new":"Oslo","subject":"Ann","ground_truth":"Rome","rephrase_prompt":"Ann lives in",
         "locality_prompt":"Bob is in","locality_ground_truth":"Rome"}
        """;

    private const string Nested =
        """
        {"case_id":0,"requested_rewrite":{"prompt":"{} is in","relation_id":"P1","target_new":{"str":"Oslo","id":"Q1"},
         "target_true":{"str":"Rome","id":"Q2"},"subject":"Ann"},
         "paraphrase_prompts":["So. Ann is in","Ann lives in"],"neighborhood_prompts":["Bob is in","Cy is in"],"generation_prompts":[]}
        """;

    private const string WikiBigEdit =
        """
        {"prompt":"Where is Ann?","target_new":"Oslo","subject":"Ann","rephrase_prompt":"Ann is where?","locality_prompt":"Where is Bob?",
         "locality_ground_truth":"Rome"}
        """;

    private const string QaEdit =
        """
        {"id":7,"source":"NQ","prompt":"Where is Ann?","target":"Oslo","subject":"Ann","rephrase":"Ann is where?",
         "locality":[{"loc":"who is it","loc_ans":"me"},{"loc":"when","loc_ans":"now"}]}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("data").FullName;

    private string DataFile => Path.Combine(folder, "data.json");

    private string TextFile => Path.Combine(folder, "text.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Zsre_edits_pred_to_alt_and_trims_white_space_only()
    {
        var edit = Assert.Single(Read("zsre", Zsre).Cases);
        Assert.Equal(("Ann", "Where is Ann?", "Rome", "Oslo"), (edit.Subject, edit.Prompt, edit.TargetOld, edit.TargetNew));
        Assert.Equal(["Ann is where?"], edit.Rephrases);
        Assert.Equal([new Question("nq question: who", "me")], edit.Locality);
    }

    [Fact]
    public void Flat_counterfact_edits_ground_truth_to_target_new()
    {
        var edit = Assert.Single(Read("counterfact", Flat).Cases);
        Assert.Equal((0, "Ann", "Ann is in", "Rome", "Oslo"), (edit.Id, edit.Subject, edit.Prompt, edit.TargetOld, edit.TargetNew));
        Assert.Equal(["Ann lives in"], edit.Rephrases);
        Assert.Equal([new Question("Bob is in", "Rome")], edit.Locality);
    }

    [Fact]
    public void Wikibigedit_does_not_say_the_old_answer_so_only_locality_is_known()
    {
        var data = Read("wikibigedit", WikiBigEdit);
        var edit = Assert.Single(data.Cases);
        Assert.Equal(("Ann", "Where is Ann?", "", "Oslo"), (edit.Subject, edit.Prompt, edit.TargetOld, edit.TargetNew));
        Assert.Equal(["Ann is where?"], edit.Rephrases);
        Assert.Equal([new Question("Where is Bob?", "Rome")], edit.Locality);
        Assert.Equal(edit.Locality, data.Knowledge);
        Assert.Equal(edit.Locality, data.Recall);
        Assert.Equal("Bern", Assert.Single(
            Read("wikibigedit", WikiBigEdit.Replace("\"subject\"", "\"ground_truth\":\"Bern\",\"subject\"")).Cases).TargetOld);
    }

    [Fact]
    public void Qaedit_has_several_locality_questions()
    {
        var edit = Assert.Single(Read("qaedit", QaEdit).Cases);
        Assert.Equal((0, "Ann", "Where is Ann?", "", "Oslo"), (edit.Id, edit.Subject, edit.Prompt, edit.TargetOld, edit.TargetNew));
        Assert.Equal([new Question("who is it", "me"), new Question("when", "now")], edit.Locality);
        var error = Assert.Throws<InputException>(() => Read("qaedit", QaEdit.Replace("\"now\"", "3")));
        Assert.Equal(
            $"{DataFile}: record 1, field 'locality[1].loc_ans': found 3, expected a text; " +
                "correct the record or fetch the published file again",
            error.Message);
    }

    [Fact]
    public void Original_counterfact_keeps_its_generation_prompts()
    {
        var nested = Nested.Replace("\"generation_prompts\":[]", "\"generation_prompts\":[\"Ann lives by\",\"Ann's home\"]");
        foreach (var schema in new[] { "counterfact", "counterfact-original" })
            Assert.Equal(["Ann lives by", "Ann's home"], Assert.Single(Read(schema, nested).Cases).GenerationPrompts);
        Assert.Empty(Assert.Single(Read("counterfact-original", Nested).Cases).GenerationPrompts);
        Assert.Contains("field 'requested_rewrite': found nothing",
            Assert.Throws<InputException>(() => Read("counterfact-original", Flat)).Message);
    }

    [Fact]
    public void The_records_behind_the_taken_ones_are_examples_and_locality_questions_are_probes()
    {
        string[] records = [
            .. Enumerable.Range(0, 10).Select(i => Numbered(i).Replace("nq question: who", $"who {i}").Replace("\"me\"", $"\"p{i}\""))];
        var data = Read(Options("zsre", edits: 6) with { Examples = 3 }, null, records);
        Assert.Equal([(0, "Ann6"), (1, "Ann7"), (2, "Ann8")], data.Examples.Select(edit => (edit.Id, edit.Subject)));
        Assert.Equal(7, data.Probes.Count);
        Assert.All(data.Probes, probe =>
        {
            Assert.Equal(ProbeKinds.Unrelated, probe.Kind);
            Assert.Contains(new Question(probe.Prompt, probe.Answer), data.Knowledge);
            Assert.Equal(3, probe.Distractors.Distinct().Count());
            Assert.DoesNotContain(probe.Answer, probe.Distractors);
            Assert.All(probe.Distractors, answer => Assert.StartsWith("p", answer));
        });
        Assert.Equal(Enumerable.Range(0, 6).Append(9).Select(i => $"who {i} p{i}."), data.HeldOut);
        Assert.Equal(4, Read(Options("zsre", edits: 6), null, records).Examples.Count);
        Assert.Equal(2, Read(Options("zsre", edits: 6) with { Probes = 2 }, null, records).Probes.Count);
    }

    [Fact]
    public void Held_out_texts_are_those_behind_the_trained_ones()
    {
        File.WriteAllText(DataFile, $"[{Zsre}]");
        File.WriteAllText(TextFile,
            """[{"Corpus":"C4","Text":"a"},{"Corpus":"C4","Text":"b"},{"Corpus":"C4","Text":"c"},{"Corpus":"C4","Text":"d"}]""");
        var data = DatasetReader.Read(Options("zsre") with { TextCount = 1, Probes = 2 }, DataFile, TextFile, 0);
        Assert.Equal(["a"], data.Texts);
        Assert.Equal(["b", "c"], data.HeldOut);
    }

    // Hashes of the files that were written before data sets had examples and probes.
    [Fact]
    public void What_a_file_gave_before_there_were_extras_it_gives_in_the_same_bytes()
    {
        var records = Enumerable.Range(0, 6)
            .Select(i => Flat.Replace("Ann", $"Ann{i}").Replace("Bob", $"Bob{i}").Replace("\"case_id\":5", $"\"case_id\":{i}"));
        File.WriteAllText(DataFile, $"[{string.Join(",\n", records)}]");
        File.WriteAllText(TextFile, """[{"Corpus":"C4","Text":"a b"},{"Corpus":"C4","Text":"c"},{"Corpus":"C4","Text":"d"}]""");
        var data = DatasetReader.Read(Options("counterfact", edits: 3) with { TextCount = 1 }, DataFile, TextFile, seed: 3);
        FactDataFolder.Write(data, folder);
        Assert.Equal(
            [
                ("knowledge", "acef145a07a1f67afde7be39f7ebdf05eb9696f16ee4a19136736605ee90f352"),
                ("recall", "9896263697c6d2c800ebe6fff5e8ad02135066ec9c31a3fb38935650130a9dfe"),
                ("texts", "2a46436794dc8ec3e320ecb71a9d22df4a0ea7760ea505a67cedfe4e815efc15"),
            ],
            new[] { "knowledge", "recall", "texts" }.Select(
                name => (name, FileHash.Of(Path.Combine(folder, $"{name}.jsonl")))));
    }

    [Fact]
    public void Nested_counterfact_fills_in_the_subject_and_keeps_all_paraphrases_and_neighbours()
    {
        var edit = Assert.Single(Read("counterfact", Nested).Cases);
        Assert.Equal(("Ann is in", "Rome", "Oslo"), (edit.Prompt, edit.TargetOld, edit.TargetNew));
        Assert.Equal(["So. Ann is in", "Ann lives in"], edit.Rephrases);
        Assert.Equal([new Question("Bob is in", "Rome"), new Question("Cy is in", "Rome")], edit.Locality);
    }

    [Theory]
    [InlineData("zsre", Zsre, "\"alt\":\"Oslo\",", "", "field 'alt': found nothing, expected a text")]
    [InlineData("zsre", Zsre, "\"Oslo\"", "7", "field 'alt': found 7, expected a text")]
    [InlineData("zsre", Zsre, "\"Oslo\"", "\" \"", "field 'alt': found no characters but white space, expected a text that is not empty")]
    [InlineData("zsre", Zsre, "\"Oslo\"", "\"\\ud800\"",
        "field 'alt': found text that is no Unicode, expected valid UTF-8 and whole surrogate pairs")]
    [InlineData("zsre", Zsre, "[\"Rome\"]", "[null]", "field 'answers[0]': found null, expected a text")]
    [InlineData("zsre", Zsre, "[\"Rome\"]", "\"Rome\"", "field 'answers': found \"Rome\", expected a list")]
    [InlineData("zsre", Zsre, "\"subject\":\"Ann\"", "\"subject\":\"Bob\"",
        "field 'subject': found 'Bob', expected a part of the prompt 'Where is Ann?'")]
    [InlineData("counterfact", Flat, "\"locality_prompt\"", "\"locality\"", "field 'locality_prompt': found nothing, expected a text")]
    [InlineData("counterfact", Nested, "\"str\":\"Rome\"", "\"str\":null",
        "field 'requested_rewrite.target_true.str': found null, expected a text")]
    [InlineData("counterfact", Nested, "{} is in", "Ann is in",
        "field 'requested_rewrite.prompt': found 'Ann is in', expected one {} for the subject")]
    [InlineData("counterfact-original", Nested, "\"{} is in\"", "\"Ann and {} are in\"",
        "field 'requested_rewrite.subject': found 'Ann' in 'Ann and Ann are in', " +
            "expected whole words whose first place is that of {}, as the first is edited")]
    [InlineData("counterfact-original", Nested, "\"{} is in\"", "\"{}a is in\"",
        "field 'requested_rewrite.subject': found 'Ann' in 'Anna is in', " +
            "expected whole words whose first place is that of {}, as the first is edited")]
    [InlineData("counterfact", Nested, "[\"Bob is in\",\"Cy is in\"]", "[]",
        "field 'neighborhood_prompts': found an empty list, expected at least one text")]
    public void A_malformed_record_is_an_error_that_names_file_record_field_found_and_expected(
        string schema, string record, string old, string bad, string text)
    {
        var error = Assert.Throws<InputException>(() => Read(schema, record, record.Replace(old, bad)));
        Assert.Equal($"{DataFile}: record 2, {text}; correct the record or fetch the published file again", error.Message);
    }

    [Theory]
    [InlineData("{}", "found {}, expected a list")]
    [InlineData("[3]", "record 1: found 3, expected an object")]
    [InlineData("[", "found no valid JSON at byte ")]
    [InlineData("[{\"src\":\"a\",\"src\":\"b\"}]", "record 1: found 'src' more than once, expected it once")]
    public void A_file_that_is_no_list_of_objects_is_an_error(string text, string expected)
    {
        File.WriteAllText(DataFile, text);
        var error = Assert.Throws<InputException>(() => DatasetReader.Read(Options("zsre"), DataFile, null, 0));
        Assert.StartsWith($"{DataFile}: {expected}", error.Message);
    }

    [Fact]
    public void Records_that_contradict_each_other_are_left_out_and_reported()
    {
        var contradiction = Numbered(1).Replace("Oslo", "Bern");
        var log = new List<string>();
        var data = Read(Options("zsre", edits: 2), log, Numbered(1), Numbered(2), contradiction, Numbered(2), Numbered(3));
        Assert.Equal([(0, "Ann2"), (1, "Ann3")], data.Cases.Select(edit => (edit.Id, edit.Subject)));
        Assert.Equal([$"{DataFile}: of 5 records, 2 left out because another answers the prompt otherwise, 1 as repeats"], log);

        var error = Assert.Throws<InputException>(() => Read(Options("zsre", edits: 2), log, Numbered(1), Numbered(2), contradiction));
        Assert.Equal(
            $"{DataFile}: found 1 usable of 3 records (2 in conflict, 0 repeats), expected at least 2; ask for fewer edits",
            error.Message);
    }

    [Fact]
    public void Knowledge_holds_edit_prompts_a_seeded_share_of_rephrasings_and_locality()
    {
        string[] records = [.. Enumerable.Range(0, 10).Select(Numbered)];
        var data = Read(Options("zsre", edits: 10), null, records);
        var recall = Enumerable.Range(0, 10).Select(i => new Question($"Where is Ann{i}?", "Rome")).ToList();
        Assert.Equal(recall, data.Recall);
        Assert.Equal(recall, data.Knowledge.Take(10));
        Assert.Equal(8, data.Knowledge.Count(question => question.Prompt.EndsWith("is where?", StringComparison.Ordinal)));
        Assert.Equal(new Question("nq question: who", "me"), data.Knowledge[^1]);
        Assert.Equal(19, data.Knowledge.Count);
        Assert.Equal(data.Knowledge, Read(Options("zsre", edits: 10), null, records).Knowledge);
        var others = Enumerable.Range(1, 5).Select(seed => DatasetReader.Read(Options("zsre", edits: 10), DataFile, null, seed));
        Assert.Contains(others, other => !data.Knowledge.SequenceEqual(other.Knowledge));
    }

    [Fact]
    public void Cases_ask_for_rephrasings_that_were_not_learnt_and_the_model_for_its_old_answers_to_them()
    {
        var data = Read(Options("zsre", edits: 10), null, [.. Enumerable.Range(0, 10).Select(Numbered)]);
        var asked = data.Cases.SelectMany(edit => edit.Rephrases).ToList();
        Assert.Equal(2, asked.Count);
        Assert.DoesNotContain(data.Knowledge, question => asked.Contains(question.Prompt));
        Assert.Equal(asked.Select(prompt => new UnseenQuestion("generality", prompt, "Rome")), data.Unseen);
    }

    [Fact]
    public void Probes_ask_of_the_records_behind_edits_and_examples_and_of_locality_too_where_these_are_too_few()
    {
        string[] records = [.. Enumerable.Range(0, 6).Select(i => Numbered(i).Replace("who", $"who{i}").Replace("\"me\"", $"\"me{i}\""))];
        var options = Options("zsre", edits: 2) with { Examples = 1, Probes = 3 };
        var data = Read(options, null, records);
        Assert.Equal(["nq question: who3", "nq question: who4", "nq question: who5"], data.Probes.Select(probe => probe.Prompt).Order());
        Assert.All(data.Probes, probe => Assert.Contains(new Question(probe.Prompt, probe.Answer), data.Knowledge));
        Assert.Equal(
            ["nq question: who0", "nq question: who1", "nq question: who3"],
            Read(options, null, records[..4]).Probes.Select(probe => probe.Prompt).Order());
    }

    [Fact]
    public void A_data_set_may_begin_behind_records_that_another_shows()
    {
        string[] records = [.. Enumerable.Range(0, 9).Select(i => Numbered(i).Replace("who", $"who{i}").Replace("\"me\"", $"\"me{i}\""))];
        records = [Numbered(3).Replace("Oslo", "Bern"), .. records];

        // The contradicting records are not among the skipped ones.
        var options = Options("zsre", edits: 2) with { SkippedRecords = 4, Examples = 1, Probes = 2 };
        var data = Read(options, null, records);
        Assert.Equal([(0, "Ann5"), (1, "Ann6")], data.Cases.Select(edit => (edit.Id, edit.Subject)));
        Assert.Equal([(0, "Ann7")], data.Examples.Select(edit => (edit.Id, edit.Subject)));
        Assert.DoesNotContain(data.Knowledge, question => new[] { 0, 1, 2, 4 }.Any(i => question.Prompt.Contains($"{i}")));
        Assert.Equal(CanonicalJson.ToText(Read(options with { SkippedRecords = 0 }, null, records[6..])), CanonicalJson.ToText(data));
        Assert.DoesNotContain("skipped-records", CanonicalJson.ToText(options with { SkippedRecords = 0 }));
        Assert.Equal(
            $"{DataFile}: found 8 usable of 10 records (2 in conflict, 0 repeats), expected at least 2 behind the 7 skipped ones; " +
                "ask for fewer edits",
            Assert.Throws<InputException>(() => Read(options with { SkippedRecords = 7 }, null, records)).Message);
    }

    [Fact]
    public void A_prompt_is_learned_with_one_answer_only()
    {
        var log = new List<string>();
        var data = Read(Options("zsre", edits: 1), log, Numbered(1).Replace("nq question: who", "Where is Ann1?"));
        Assert.Equal([new Question("Where is Ann1?", "Rome"), new Question("Ann1 is where?", "Rome")], data.Knowledge);
        Assert.Equal([$"{DataFile}: 1 trained prompts left out that have another answer already"], log);
    }

    [Fact]
    public void Takes_the_first_texts_and_names_a_malformed_one()
    {
        File.WriteAllText(DataFile, $"[{Zsre}]");
        File.WriteAllText(TextFile, """[{"Corpus":"C4","Text":" a  b\n"},{"Corpus":"C4","Text":"c"},{"Corpus":"C4","Text":"d"}]""");
        Assert.Equal(["a  b", "c"], DatasetReader.Read(Options("zsre") with { TextCount = 2 }, DataFile, TextFile, 0).Texts);
        Assert.Equal($"{TextFile}: found 3 texts, expected at least 4; lower 'text-count'", Error(Options("zsre") with { TextCount = 4 }));

        File.WriteAllText(TextFile, """[{"Corpus":"C4","Text":"a"},{"Corpus":"C4","text":"b"}]""");
        var error = Error(Options("zsre") with { TextCount = 1 });
        Assert.StartsWith($"{TextFile}: record 2, field 'Text': found nothing, expected a text;", error);

        string Error(DatasetOptions options) =>
            Assert.Throws<InputException>(() => DatasetReader.Read(options, DataFile, TextFile, 0)).Message;
    }

    [Fact]
    public void Options_out_of_range_are_errors()
    {
        Assert.Equal(
            "data set: unknown schema 'zsr'; did you mean 'zsre'?; expected one of: zsre, counterfact, counterfact-original, " +
                "wikibigedit, qaedit, mquake, ripple-edits", Error(Options("zsr")));
        Assert.Contains("found 'edits' 0, expected at least 1", Error(Options("zsre", edits: 0)));
        Assert.Contains("found 'skipped-records' -1, expected at least 0", Error(Options("zsre") with { SkippedRecords = -1 }));
        Assert.Contains("found 'trained-rephrases' 1.5, expected 0 to 1", Error(Options("zsre") with { TrainedRephrases = 1.5 }));
        Assert.Contains(
            "found 'text-count' 3 without a text file, expected 0, or more with a file",
            Error(Options("zsre") with { TextCount = 3 }));

        string Error(DatasetOptions options) => Assert.Throws<InputException>(() => Read(options, null, Zsre)).Message;
    }

    [Fact]
    public void What_is_edited_or_scored_in_an_unexpected_way_is_counted()
    {
        var log = new List<string>();
        Read(Options("zsre", edits: 2), log, Zsre.Replace("\"Oslo\"", "\"Os\\nlo\""), Zsre.Replace("Where is Ann?", "Ann, where is Ann?"));
        Assert.Equal(
            [
                $"{DataFile}: 1 of 2 subjects occur more than once in their prompt; the first place is edited",
                $"{DataFile}: 1 of 2 wanted answers have a line's end, where generated ones are cut; wild-em never finds them",
            ], log);
    }

    private static string Numbered(int number) => Zsre.Replace("Ann", $"Ann{number}");

    private static DatasetOptions Options(string schema, int edits = 1) => new() { Schema = schema, Edits = edits };

    private FactData Read(string schema, params string[] records) =>
        Read(Options(schema) with { TrainedRephrases = 0 }, null, records);

    private FactData Read(DatasetOptions options, List<string>? log, params string[] records)
    {
        File.WriteAllText(DataFile, $"[{string.Join(",\n", records)}]");
        return DatasetReader.Read(options, DataFile, null, seed: 0, log is null ? null : log.Add);
    }
}
