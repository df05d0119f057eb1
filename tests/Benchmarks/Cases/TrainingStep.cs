using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Models;
using Harness.Models.Training;
using static TorchSharp.torch;

namespace Harness.Benchmarks.Cases;

/// <summary>Training from scratch, step by step.</summary>
internal sealed class TrainingStep(Inputs inputs) : Benchmark
{
    private const int Steps = 20;
    private readonly TrainingOptions options = Inputs.TinyTraining with { Epochs = 1, PromptEvery = 1 };
    private Sequence[] examples = [];

    public override string Name => "training-step";

    public override string Work => $"{Steps} steps of AdamW on tiny-llama2 (width 128, 4 layers), 64 facts a step";

    public override string PeerDoes => "PyTorch eager: logits of every position, cross entropy, backward, clip, AdamW (foreach)";

    public override string Script => "training_step.py";

    public override double? Bar => 1.5;

    public override string Limit =>
        "Two thirds of our step are matrix products, which take no less time than the peer's: were all else free, " +
            "the ratio would be 1.8 (docs/decisions/0014).";

    public override void Prepare(string folder)
    {
        examples = [.. inputs.Facts.Knowledge.Take(Steps * options.BatchSize)
            .Select(question => inputs.Encode(question.Prompt, question.Answer))];
        var batches = new BatchPlan(examples, options.BatchSize, options.PoolBatches, Inputs.Seed).Epoch(0);
        var schedule = new LearningRateSchedule(options, batches.Count);
        using var model = Transformer.Create(inputs.Tiny, Inputs.Seed);
        inputs.Write(folder, model, new JsonObject
        {
            ["batches"] = new JsonArray([.. batches.Select(JsonNode (batch) => new JsonArray([.. batch.Select(Inputs.Json)]))]),
            ["rates"] = Inputs.Json(Enumerable.Range(0, batches.Count).Select(schedule.At)),
            ["betas"] = Inputs.Json([options.Beta1, options.Beta2]),
            ["epsilon"] = options.Epsilon,
            ["decay"] = options.WeightDecay,
            ["clip"] = options.GradientClip,
            ["prompt-loss"] = options.PromptLoss,
        });
    }

    public override Outcome Run()
    {
        using var scope = NewDisposeScope();
        using var model = Transformer.Create(inputs.Tiny, Inputs.Seed);
        var watch = Stopwatch.StartNew();
        var summary = Trainer.Train(model, examples, options, Inputs.Seed);
        var seconds = watch.Elapsed.TotalSeconds;
        var squares = model.ParameterNames.Sum(name => model.Parameter(name).pow(Held(2)).sum().AsDouble());
        return new Outcome(seconds, new Dictionary<string,
            IReadOnlyList<double>>
        { ["loss"] = [summary.Loss], ["weights"] = [Math.Sqrt(squares)] });
    }
}
