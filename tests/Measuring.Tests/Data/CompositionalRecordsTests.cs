using Harness.Measuring.Cells;
using Harness.Measuring.Data;

namespace Harness.Tests.Data;

/// <summary>MQuAKE and RippleEdits, with records that are made up in their structure.</summary>
public sealed class CompositionalRecordsTests : IDisposable
{
    // Ann's country is edited, and the capital of the new one: two edits of one record.
    private const string Mquake =
        """
        {"case_id":7,"requested_rewrite":[
           {"prompt":"{} is a citizen of","relation_id":"P1","target_new":{"str":"Norway","id":"Q1"},"target_true":{"str":"Italy","id":"Q2"},
            "subject":"Ann","question":"Which country is Ann a citizen of?"},
           {"prompt":"The capital of {} is","relation_id":"P2","target_new":{"str":"Bergen","id":"Q3"},
            "target_true":{"str":"Oslo","id":"Q4"},"subject":"Norway","question":"What is the capital of Norway?"}],
         "questions":["Which capital has Ann's country?","What is Ann's capital?","Ann's country has which capital?"],
         "answer":"Rome","answer_alias":["Roma"],"new_answer":"Bergen","new_answer_alias":["Bjorgvin"],
         "single_hops":[
           {"question":"q","cloze":"Ann is a citizen of","answer":"Italy","answer_alias":[]},
           {"question":"q","cloze":"The capital of Italy is","answer":"Rome","answer_alias":["Roma"]}],
         "new_single_hops":[
           {"question":"q","cloze":"Ann is a citizen of","answer":"Norway","answer_alias":[]},
           {"question":"q","cloze":"The capital of Norway is","answer":"Bergen","answer_alias":["Bjorgvin"]},
           {"question":"q","cloze":"Bergen lies on the","answer":"coast","answer_alias":[]}],
         "orig":{"triples":[["Q9","P1","Q2"]]}}
        """;

    private const string Ripple =
        """
        {"example_type":"popular",
         "edit":{"prompt":"The name of the spouse of Ann Bell is Cy Dee.","subject_id":"Q1","relation":"SPOUSE","target_id":"Q3",
           "original_fact":{"prompt":"The name of the spouse of Ann Bell is Bob Jr..","subject_id":"Q1","relation":"SPOUSE","target_id":"Q2"}},
         "Relation_Specificity":[
           {"test_queries":[{"prompt":"The gender of Ann Bell is","answers":[{"value":"female","aliases":["woman"]}],"query_type":"regular",
              "subject_id":"Q1","relation":"SEX_OR_GENDER","target_ids":["Q5"],"phrase":null}],
            "test_condition":"OR",
            "condition_queries":[{"prompt":"The gender of Ann Bell is","answers":[{"value":"female","aliases":["woman"]}],
              "query_type":"regular","subject_id":"Q1","relation":"SEX_OR_GENDER","target_ids":["Q5"],"phrase":null}]}],
         "Logical_Generalization":[
           {"test_queries":[{"prompt":"The name of the spouse of Cy Dee is","answers":[{"value":"Ann Bell","aliases":[]}],
              "query_type":"regular","subject_id":["Q3"],"relation":"SPOUSE","target_ids":["Q1"],"phrase":null}],
            "test_condition":"OR","condition_queries":[]}],
         "Subject_Aliasing":[
           {"test_queries":[{"prompt":"The name of the spouse of A. Bell is","answers":[{"value":"Cy Dee","aliases":["C. Dee"]}],
              "query_type":"regular","subject_id":"Q1","relation":"SPOUSE","target_ids":["Q3"],"phrase":"The name of the spouse of A. Bell is"}],
            "test_condition":"OR",
            "condition_queries":[{"prompt":"The name of the spouse of A. Bell is","answers":[{"value":"Cy Dee","aliases":["C. Dee"]}],
              "query_type":"regular","subject_id":"Q1","relation":"SPOUSE","target_ids":["Q3"],"phrase":"x"}]}],
         "Compositionality_I":[
           {"test_queries":[
              {"prompt":"The occupation of the spouse of Ann Bell is","answers":[{"value":"poet","aliases":[]},{"value":"baker","aliases":["cook"]}],
               "query_type":"two_hop","subject_id":"Q1","relation":"SPOUSE","target_ids":["Q3"],"phrase":"x","second_relation":"OCCUPATION",
               "second_hop_target_ids":["Q6","Q7"]},
              {"prompt":"The spouse of Ann Bell works as a","answers":[{"value":"","aliases":[]},{"value":"poet","aliases":[]}],
               "query_type":"two_hop","subject_id":"Q1","relation":"SPOUSE","target_ids":["Q3"],"phrase":"x","second_relation":"OCCUPATION",
               "second_hop_target_ids":["Q6"]}],
            "test_condition":"AND",
            "condition_queries":[{"prompt":"The occupation of Cy Dee is","answers":[{"value":"poet","aliases":[]}],"query_type":"regular",
              "subject_id":"Q3","relation":"OCCUPATION","target_ids":["Q6"],"phrase":null}]}],
         "Compositionality_II":[
           {"test_queries":[{"prompt":"No answer is","answers":[],"query_type":"regular","subject_id":"Q1","relation":"CHILD",
              "target_ids":[],"phrase":null}],"test_condition":"OR","condition_queries":[]}],
         "Forgetfulness":[
           {"test_queries":[{"prompt":"The name of the spouse of Ann Bell, which is not Cy Dee, is","answers":[{"value":"Bob Jr.","aliases":[]}],
              "query_type":"regular","subject_id":"Q1","relation":"SPOUSE","target_ids":["Q2"],"phrase":"x"}],
            "test_condition":"OR",
            "condition_queries":[{"prompt":"The name of the spouse of Ann Bell, which is not Cy Dee, is",
              "answers":[{"value":"Bob Jr.","aliases":[]}],"query_type":"regular","subject_id":"Q1","relation":"SPOUSE","target_ids":["Q2"],
              "phrase":"x"}]}]}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("data").FullName;
    private readonly List<string> log = [];

    private string DataFile => Path.Combine(folder, "data.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Mquake_gives_a_case_for_each_edit_and_asks_of_the_chain_behind_the_last()
    {
        var data = Read("mquake", 2, Mquake);
        Assert.Equal(
            [(0, "Ann", "Ann is a citizen of", "Italy", "Norway", "1"), (1, "Norway", "The capital of Norway is", "Oslo", "Bergen", "1")],
            data.Cases.Select(edit => (edit.Id, edit.Subject, edit.Prompt, edit.TargetOld, edit.TargetNew, edit.Group!)));
        Assert.Equal(["Which country is Ann a citizen of?"], data.Cases[0].Rephrases);
        Assert.Empty(data.Cases[0].Tests);
        Assert.Empty(data.Cases[0].Locality);

        // What no edit changes, before and after, is asked to stay and taught.
        Assert.Equal([new("The capital of Italy is", "Rome"), new("Bergen lies on the", "coast")], data.Cases[1].Locality);
        Assert.Subset(data.Knowledge.ToHashSet(), data.Cases[1].Locality.ToHashSet());
        Assert.Equal(
            [
                "multi-hop, any, Which capital has Ann's country? Bergen/Bjorgvin, What is Ann's capital? Bergen/Bjorgvin, "
                    + "Ann's country has which capital? Bergen/Bjorgvin",
                "instance-wise, all, Ann is a citizen of Norway, The capital of Norway is Bergen/Bjorgvin, Bergen lies on the coast",
            ],
            data.Cases[1].Tests.Select(Text));
    }

    [Fact]
    public void An_edit_of_two_records_is_kept_in_both_and_a_contradiction_leaves_out_whole_records()
    {
        // Eve's record edits Norway's capital as Ann's does; Fay's record edits it otherwise, and hers alone would do.
        var eve = Mquake.Replace("Ann", "Eve");
        Assert.Equal(["1", "1", "2", "2"], Read("mquake", 4, Mquake, eve).Cases.Select(edit => edit.Group!));
        var fay = Mquake.Replace("Ann", "Fay").Replace("Bergen", "Hamar");
        var gus = Mquake.Replace("Ann", "Gus").Replace("Norway", "Peru");
        Assert.Equal(["Gus", "Peru"], Read("mquake", 2, Mquake, fay, gus).Cases.Select(edit => edit.Subject));
        Assert.Equal($"{DataFile}: of 6 records, 4 left out because another answers the prompt otherwise, 0 as repeats", log[^1]);
    }

    [Fact]
    public void A_record_is_cut_where_the_number_of_edits_is_and_then_asks_nothing_of_its_chain() =>
        Assert.Empty(Assert.Single(Read("mquake", 1, Mquake).Cases).Tests);

    [Fact]
    public void Ripple_edits_reads_subject_and_objects_off_the_sentence_and_tests_of_every_criterion()
    {
        var edit = Assert.Single(Read("ripple-edits", 1, Ripple).Cases);
        Assert.Equal(
            ("Ann Bell", "The name of the spouse of Ann Bell is", "Bob Jr.", "Cy Dee"),
            (edit.Subject, edit.Prompt, edit.TargetOld, edit.TargetNew));
        Assert.Equal([new("The gender of Ann Bell is", "female")], edit.Locality);
        Assert.Equal(
            [
                "logical-generalisation, any, The name of the spouse of Cy Dee is Ann Bell",
                "compositionality-i, all, The occupation of the spouse of Ann Bell is poet/baker/cook, "
                    + "The spouse of Ann Bell works as a poet; where The occupation of Cy Dee is poet",
                "subject-aliasing, any, The name of the spouse of A. Bell is Cy Dee/C. Dee",
                "preservation, any, The name of the spouse of Ann Bell, which is not Cy Dee, is Bob Jr.; "
                    + "where The name of the spouse of Ann Bell, which is not Cy Dee, is Bob Jr.",
                "relation-specificity, any, The gender of Ann Bell is female/woman; where The gender of Ann Bell is female/woman",
            ],
            edit.Tests.Select(Text));
    }

    [Fact]
    public void A_model_that_is_trained_here_is_taught_what_tests_rest_on() => Assert.Equal(
        [
            new("The name of the spouse of Ann Bell is", "Bob Jr."), new("The gender of Ann Bell is", "female"),
            new("The occupation of Cy Dee is", "poet"), new("The name of the spouse of Ann Bell, which is not Cy Dee, is", "Bob Jr."),
        ],
        Read("ripple-edits", 1, Ripple).Knowledge);

    [Theory]
    [InlineData("The number of children Ann Bell has is 3.", "Ann Bell", "The number of children Ann Bell has is", "3")]
    [InlineData("The name of the league which Ann Bell plays in is Serie A.", "Ann Bell",
        "The name of the league which Ann Bell plays in is", "Serie A")]
    [InlineData("The name of the country which Foo-on-Sea is the capital of is Barland.", "Foo-on-Sea",
        "The name of the country which Foo-on-Sea is the capital of is", "Barland")]
    [InlineData("The names of the siblings of 21 Savage are Bo.", "21 Savage", "The names of the siblings of 21 Savage are", "Bo")]
    [InlineData("The name of the director of Gone to the Sea is Bo.", "Gone to the Sea", "The name of the director of Gone to the Sea is",
        "Bo")]
    [InlineData("The name of the award iBob won is Best of All.", "iBob", "The name of the award iBob won is", "Best of All")]
    [InlineData("The Long Way follows The Short Way.", "The Long Way", "The Long Way follows", "The Short Way")]
    [InlineData("Show II is followed by Show III.", "Show II", "Show II is followed by", "Show III")]
    [InlineData("The gender of water is none.", "water", "The gender of water is", "none")]
    public void A_recent_fact_has_no_old_answer_and_its_sentence_is_parted_at_its_last_verb(
        string sentence, string subject, string prompt, string target)
    {
        var edit = Assert.Single(Read("ripple-edits", 1, Recent(sentence)).Cases);
        Assert.Equal((subject, prompt, target, ""), (edit.Subject, edit.Prompt, edit.TargetNew, edit.TargetOld));
    }

    [Fact]
    public void Where_the_old_fact_is_known_both_sentences_part_at_the_same_verb()
    {
        var record = Ripple.Replace("is Cy Dee.", "is What is Art.").Replace("is Bob Jr..", "is .");
        var edit = Assert.Single(Read("ripple-edits", 1, record).Cases);
        Assert.Equal(("The name of the spouse of Ann Bell is", "What is Art", ""), (edit.Prompt, edit.TargetNew, edit.TargetOld));
    }

    [Fact]
    public void A_record_whose_sentence_has_no_answer_is_left_out_and_reported()
    {
        var data = Read("ripple-edits", 1, Recent("The gender of Ann is ."), Recent("Say so."), Recent("The gender of Cy is male."));
        Assert.Equal("Cy", Assert.Single(data.Cases).Subject);
        Assert.Equal([$"{DataFile}: 2 of 3 records left out, whose subject or answer their sentence does not tell"], log);
    }

    [Theory]
    [InlineData("mquake", "\"new_answer\":\"Bergen\"", "\"new_answer\":3", "field 'new_answer': found 3, expected a text")]
    [InlineData("mquake", "\"cloze\":\"Bergen lies on the\"", "\"cloze\":\" \"",
        "field 'new_single_hops[2].cloze': found no characters but white space, expected a text that is not empty")]
    [InlineData("mquake", "\"question\":\"What is the capital of Norway?\"", "\"questions\":\"\"",
        "field 'requested_rewrite[1].question': found nothing, expected a text")]
    [InlineData("ripple-edits", "\"AND\"", "\"XOR\"", "field 'Compositionality_I[0].test_condition': found 'XOR', expected OR or AND")]
    [InlineData("ripple-edits", "\"Subject_Aliasing\"", "\"Subject_Alias\"",
        "field 'Subject_Aliasing': found nothing, expected a list")]
    public void A_malformed_record_is_named(string schema, string old, string bad, string text)
    {
        var record = (schema == "mquake" ? Mquake : Ripple).Replace(old, bad);
        Assert.Equal($"{DataFile}: record 1, {text}; correct the record or fetch the published file again",
            Assert.Throws<InputException>(() => Read(schema, 1, record)).Message);
    }

    private static string Recent(string sentence) =>
        $$"""
        {"example_type":"recent","edit":{"prompt":"{{sentence}}","subject_id":"Q1","relation":"R","target_id":"Q2"},"Relation_Specificity":[],
         "Logical_Generalization":[],"Subject_Aliasing":[],"Compositionality_I":[],"Compositionality_II":[]}
        """;

    private static string Text(CriterionTest test)
    {
        static string Asked(IEnumerable<Question> questions) =>
            string.Join(", ", questions.Select(asked => $"{asked.Prompt} {string.Join('/', asked.Accepted)}"));
        return $"{test.Criterion}, {(test.IsWhole ? "all" : "any")}, {Asked(test.Questions)}"
            + (test.Conditions is { } conditions ? $"; where {Asked(conditions)}" : "");
    }

    private FactData Read(string schema, int edits, params string[] records)
    {
        File.WriteAllText(DataFile, $"[{string.Join(",\n", records)}]");
        var options = new DatasetOptions { Schema = schema, Edits = edits, TrainedRephrases = 0 };
        return DatasetReader.Read(options, DataFile, null, seed: 0, log.Add);
    }
}
