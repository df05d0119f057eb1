using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;

namespace Harness.Benchmarks.Cases;

/// <summary>Exact match of 1 000 prompts under <c>wild-em</c>.</summary>
internal sealed class ExactMatch(Inputs inputs, int batchSize) : Benchmark
{
    // One question in so many expects another question's answer: a miss, which has to be decoded.
    private const int MissEvery = 20;
    private Question[] questions = [];

    public override string Name => batchSize == 1 ? "exact-match" : "exact-match-batched";

    public override string Work =>
        "1 000 prompts scored by wild-em on tiny-llama2 that knows the facts; one in twenty expects another answer";

    public override string PeerDoes => batchSize == 1
        ? "decodes each answer with a key-value cache, prompt after prompt"
        : $"decodes the answers with a key-value cache, {batchSize} prompts at a time, padded on the left";

    public override string Script => "exact_match.py";

    public override double? Bar => batchSize == 1 ? 8 : 2;

    public override string Limit =>
        "A wrong answer has to be decoded token by token on both sides; one teacher-forced pass settles the right ones only.";

    public override void Prepare(string folder)
    {
        questions = [.. inputs.Facts.Recall.Select((question, i) =>
            i % MissEvery == 0 ? question with { Answer = inputs.Facts.Recall[(i + 1) % inputs.Facts.Recall.Count].Answer } : question)];
        var tokenizer = inputs.Tokenizer;
        string[] pieces = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.Decode([id]))];
        inputs.Write(folder, inputs.Knowing, new JsonObject
        {
            ["questions"] = new JsonArray([.. questions.Select(JsonNode (question) => new JsonObject
            {
                ["ids"] = Inputs.Json(Prompt(question)), ["answer"] = question.Answer,
            })]),
            ["pieces"] = Inputs.Json(pieces),
            ["stops"] = Inputs.Json(
                Enumerable.Range(0, pieces.Length).Where(id => id == tokenizer.EosId || pieces[id].AsSpan().ContainsAny('.', '\n'))),
            ["end"] = tokenizer.EosId,
            ["batch-size"] = batchSize,
        });
    }

    public override Outcome Run()
    {
        var watch = Stopwatch.StartNew();
        var hits = new Scorer(new EditedModel(inputs.Knowing), inputs.Tokenizer, new ScoringOptions(Protocol.WildEm)).Answers(questions);
        return new Outcome(watch.Elapsed.TotalSeconds, new Dictionary<string, IReadOnlyList<double>> { ["hits"] = hits });
    }

    private int[] Prompt(Question question)
    {
        var sequence = inputs.Encode(question.Prompt, question.Answer);
        return sequence.Ids[..sequence.TargetStart];
    }
}
