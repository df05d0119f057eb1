using Harness.CheckpointEdits;
using Harness.Models;

namespace Harness.Tests.CheckpointEdits;

public sealed class FactExamTests
{
    [Fact]
    public void Scores_are_means_over_prompts_and_facts()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllText(checkpoint.FactsFile, """
            {"prompt": "ab", "target": "Paris Paris", "rephrase": ["cd", "ef"], "locality": [{"prompt": "gh", "answer": "Dutch"}]}
            {"prompt": "ij", "target": "Dutch", "locality": [{"prompt": "kl", "answer": "Paris Paris"}, {"prompt": "mn", "answer": "Dutch"}]}
            {"prompt": "op", "target": "Dutch", "rephrase": "qr"}
            """);
        using var model = Transformer.Load(checkpoint.Model);
        var exam = checkpoint.Exam(model);
        var before = exam.Before(CancellationToken.None);

        // " Paris Paris" is two tokens and " Dutch" one; prompts and rephrasings have one more, for what follows their targets.
        Assert.Equal([3, 2, 2, 3, 3, 2, 1, 2, 1], before.Argmax.Select(ids => ids.Length));
        var (paris, dutch) = (Id("Paris"), Id("Dutch"));
        var paper = new ExamPaper(["", "", ""], [false, true, false],
        [
            [paris, dutch, 0], [dutch, 7], [0, 7],
            [paris, paris, 7], [0, paris, 7], [dutch, 7],
            before.Argmax[6], [before.Argmax[7][0], before.Argmax[7][1] + 1], before.Argmax[8],
        ], [false, true, false, true, false, false]);
        Assert.Equal(["", "…", ""], paper.Answers);
        var scores = exam.Scores(paper, before);
        Assert.Equal(new AnswerScore(1 / 3.0, 1 / 3.0, (0.5 + 1 + 0) / 3, 3), scores.Reliability);
        Assert.Equal(new AnswerScore((0.5 + 0) / 2, (0.5 + 1) / 2, (0.75 + 1) / 2, 3), scores.Generality);
        Assert.Equal(new LocalityScore((1 + 0.75) / 2, 2, 3), scores.Locality);
        Assert.Null(exam.Scores(paper, null).Locality);

        int Id(string word) =>
            TargetEncoding.Encode(Harness.Models.Tokenizers.BpeTokenizer.LoadFolder(checkpoint.Model), "x", word, false).Ids[^1];
    }

    [Fact]
    public void Facts_become_examples_with_the_models_answers_where_the_file_gives_none()
    {
        using var checkpoint = new TinyCheckpoint();
        using var model = Transformer.Load(checkpoint.Model);
        var exam = checkpoint.Exam(model);
        var said = exam.Before(CancellationToken.None).Said;
        var examples = checkpoint.Exam(model).Examples(CancellationToken.None);
        Assert.Equal(["Ada Byron was born in", "The mother tongue of Alan Turing is"], examples.Select(example => example.Request.Prompt));
        Assert.Equal(["Paris", "Dutch"], examples.Select(example => example.Request.TargetNew));
        Assert.Equal(said, examples.Select(example => example.Request.TargetOld));
        Assert.Equal([["The birthplace of Ada Byron is"], []], examples.Select(example => example.Rephrases));
        Assert.Equal("Alan Turing was born in", Assert.Single(examples[0].Locality).Prompt);
        Assert.NotEqual("", examples[0].Locality[0].Answer);
        Assert.Equal(("Grace Hopper speaks", "English"), Assert.Single(examples[1].Locality));
    }

    [Fact]
    public void A_question_that_does_not_fit_the_model_is_named_by_its_line()
    {
        using var checkpoint = new TinyCheckpoint();
        using var model = Transformer.Load(checkpoint.Model);
        var prompt = string.Concat(Enumerable.Repeat("Paris Paris ", 40)).Trim();
        File.WriteAllText(checkpoint.FactsFile, TinyCheckpoint.Lines + $"\n{{\"prompt\": \"{prompt}\", \"target\": \"Dutch\"}}\n");
        var error = Assert.Throws<InputException>(() => checkpoint.Exam(model));
        Assert.Equal(
            $"{checkpoint.FactsFile}(3): found 84 tokens in '{prompt[..60]}…' and its answer, " +
                "expected at most 64, the model's positions; shorten it",
            error.Message);
    }

    [Theory]
    [InlineData("""{"prompt": "ab", "target": "Dutch</s>"}""")]
    [InlineData("""{"prompt": "ab", "target": "Paris", "locality": {"prompt": "cd", "answer": "Dutch</s>"}}""")]
    public void A_token_that_ends_answers_is_no_part_of_one(string line)
    {
        using var checkpoint = new TinyCheckpoint();
        using var model = Transformer.Load(checkpoint.Model);
        File.WriteAllText(checkpoint.FactsFile, line + "\n");
        var error = Assert.Throws<InputException>(() => checkpoint.Exam(model));
        Assert.Equal(
            $"{checkpoint.FactsFile}(1): found '</s>' in the answer 'Dutch</s>', " +
                "expected text, as this token ends answers and is no part of one; leave it out",
            error.Message);
    }
}
