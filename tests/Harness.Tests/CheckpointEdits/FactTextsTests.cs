using Harness.CheckpointEdits;
using Harness.Editing;
using Harness.Models;

namespace Harness.Tests.CheckpointEdits;

/// <summary>What facts say is what is edited, asked and shown.</summary>
public sealed class FactTextsTests
{
    private static readonly string[] FullFt = ["full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40"];

    [Theory]
    [InlineData("Paris Dutch", "Paris Dutch", "Paris Dutch", 1, 1)]
    [InlineData("Paris Dutch", "Paris", "Paris Dutch", 0, 1)] // the answer goes on
    [InlineData("Paris. Dutch", "Paris", "Paris", 1, 1)] // its sentence ends, as that of a model that talks on
    [InlineData("Paris. Dutch", "Paris. Dutch", "Paris. Dutch", 1, 1)]
    [InlineData("Paris Dutch", "Oslo", "Paris Dutch", 0, 0)]
    [InlineData("St. Dutch", "St", "St. Dutch", 0, 1)] // a title
    public void An_answer_is_the_wanted_one_where_it_ends_with_it(string learnt, string wanted, string shown, double exact, double all)
    {
        using var checkpoint = new TinyCheckpoint();
        WriteFacts(learnt);
        checkpoint.Run(checkpoint.Request("full-ft", FullFt));
        using var model = Transformer.Load(checkpoint.Out);
        WriteFacts(wanted);
        var exam = checkpoint.Exam(model);
        foreach (var paper in new[] { exam.Before(CancellationToken.None), exam.After(null, CancellationToken.None) })
        {
            Assert.Equal([shown], paper.Answers);
            Assert.Equal([exact == 1, exact == 1], paper.IsExact);
            var scores = exam.Scores(paper, null);
            Assert.Equal((exact, all), (scores.Reliability.TfExact, scores.Reliability.TfAll));
            Assert.Equal((exact, all), (scores.Generality!.TfExact, scores.Generality.TfAll));
        }

        // However little is to be shown, the end is seen to.
        var brief = new FactExam(model, Models.Tokenizers.BpeTokenizer.LoadFolder(checkpoint.Model), FactFile.Read(checkpoint.FactsFile),
            checkpoint.FactsFile, answerTokens: 1);
        Assert.Equal([exact == 1, exact == 1], brief.Before(CancellationToken.None).IsExact);

        void WriteFacts(string target) => File.WriteAllText(
            checkpoint.FactsFile,
                $$"""{"prompt": "Ada Byron was born in", "target": "{{target}}", "rephrase": "Alan Turing was born in"}""");
    }

    [Theory]
    [InlineData(TargetSpace.Auto, "新桥市")]
    [InlineData(TargetSpace.Always, " 新桥市")]
    [InlineData(TargetSpace.Never, "新桥市")]
    public void Scripts_without_spaces_get_none_before_the_answer_unless_it_is_asked_for(TargetSpace space, string generated)
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllLines(checkpoint.FactsFile,
            ["""{"prompt": "西河国的首都是？", "target": "新桥市"}""", """{"prompt": "《塔记》的作者是", "target": "林小舟"}"""]);
        var report = checkpoint.Run(checkpoint.Request("full-ft", FullFt) with { Space = space }).Report;
        Assert.Equal(space, report.Space);
        Assert.Equal([("新桥市", true), ("林小舟", true)], report.Facts.Select(fact => (fact.After, fact.Answered)));

        using var edited = Transformer.Load(checkpoint.Out);
        var tokenizer = Models.Tokenizers.BpeTokenizer.LoadFolder(checkpoint.Model);
        var ids = Models.Generation.GreedyDecoder.Decode(
            edited, [.. tokenizer.Prefix, .. tokenizer.EncodeToIds("西河国的首都是？")], 10, ids => tokenizer.StopIds.Contains(ids[^1]));
        Assert.Equal(generated, tokenizer.Decode(ids));
    }

    [Fact]
    public void A_space_that_nobody_put_is_shown()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllText(checkpoint.FactsFile, """{"prompt": "Ada Byron was born in", "target": "Paris"}""");
        checkpoint.Run(checkpoint.Request("full-ft", FullFt));
        using var edited = Transformer.Load(checkpoint.Out);
        var tokenizer = Models.Tokenizers.BpeTokenizer.LoadFolder(checkpoint.Model);
        var exam = new FactExam(
            edited, tokenizer, FactFile.Read(checkpoint.FactsFile), checkpoint.FactsFile, answerTokens: null, TargetSpace.Never);
        Assert.Equal([" Paris"], exam.After(null, CancellationToken.None).Answers);
    }

    [Fact]
    public void What_is_accepted_and_may_not_be_meant_is_named()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllLines(checkpoint.FactsFile,
        [
            """{"prompt": "After Ada Byron, where was Ada Byron born?", "target": "Paris", "subject": "Ada Byron"}""",
            """{"prompt": "Adam and Ada, Ada, Ada", "target": "Par\u200bis", "subject": "Ada", "rephrase": "Ada\u202e Byron", "locality": {"prompt": "x", "answer": "y\ufeffz"}}""",
        ]);
        string[] hidden =
        [
            $"warning: {checkpoint.FactsFile}(2): \"target\" holds U+200B, which one does not see: 'Par<U+200B>is'; " +
                "take it out unless it is meant",
            $"warning: {checkpoint.FactsFile}(2): \"rephrase\" holds U+202E, which one does not see: 'Ada<U+202E> Byron'; " +
                "take it out unless it is meant",
            $"warning: {checkpoint.FactsFile}(2): \"answer\" holds U+FEFF, which one does not see: 'y<U+FEFF>z'; " +
                "take it out unless it is meant",
        ];
        Assert.Equal(
            [
                $"warning: {checkpoint.FactsFile}(1): subject 'Ada Byron' occurs twice in the prompt; the first is edited",
                $"warning: {checkpoint.FactsFile}(2): subject 'Ada' occurs 3 times in the prompt; the first is edited",
                .. hidden,
            ],
            Warnings(checkpoint, checkpoint.Request("rome", "rome.covariance-ridge=1e-3", "rome.value.steps=2")));
        Assert.Equal(hidden, Warnings(checkpoint, checkpoint.Request("locft-bf") with { Out = checkpoint.Out + "2" }));
    }

    [Fact]
    public void A_token_that_is_edited_and_is_not_the_subjects_alone_is_named()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllLines(checkpoint.FactsFile,
            Enumerable.Range(0, 12).Select(i => $$"""{"prompt": "{{i}}西河国的首都是", "target": "新桥市", "subject": "西河国"}"""));
        var lines = new List<string>();
        var tokenizer = Models.Tokenizers.BpeTokenizer.Train(Enumerable.Repeat("国的", 20), 300);
        FactWarnings.Report(checkpoint.Request("rome"), FactFile.Read(checkpoint.FactsFile), [], tokenizer, new Lines(lines));
        Assert.Equal(11, lines.Count);
        Assert.Equal($"warning: {checkpoint.FactsFile}(1): the last token of subject '西河国' holds more than it, " +
            "'国的': other prompts with this token may change", lines[0]);
        Assert.Equal("warning: 2 more of this kind", lines[10]);
    }

    [Fact]
    public void Every_editor_that_takes_key_statistics_says_where_there_is_too_little_text()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllLines(checkpoint.TextsFile, ["Ada Byron was born in Paris.", "Grace Hopper speaks English."]);
        Assert.All(EditorRegistry.All.Where(editor => editor.NeedsSubject), editor =>
        {
            var lines = new List<string>();
            try
            {
                FactEdit.Prepare(checkpoint.Request(editor.Name) with { Out = checkpoint.Out + editor.Name })
                    .Run(checkpoint.Model, new Lines(lines), CancellationToken.None);
            }
            catch (InputException)
            {
                // A covariance of so few keys may have no inverse.
            }

            Assert.Contains(lines, line => line.Contains("warning: fewer tokens than a key has elements (64)", StringComparison.Ordinal));
        });
    }

    private static IEnumerable<string> Warnings(TinyCheckpoint checkpoint, FactEditRequest request)
    {
        var lines = new List<string>();
        FactEdit.Prepare(request).Run(checkpoint.Model, new Lines(lines), CancellationToken.None);
        return lines.Where(line => line.StartsWith("warning: " + checkpoint.FactsFile, StringComparison.Ordinal));
    }

    private sealed class Lines(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
