using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Benchmarks.Cases;

/// <summary>LocFT-BF: fine-tuning of one down-projection to the reference algorithm's end.</summary>
internal sealed class OneLayerTuning(Inputs inputs) : Benchmark
{
    private const int Edits = 100, Layer = 8;
    private readonly FineTuningOptions options = new() { LearningRate = 5e-4, Shuffle = false };
    private Sequence[] samples = [];
    private Tensor? original;

    private static string Weight => Sites.DownProjection(Layer);

    public override string Name => "one-layer-tuning";

    public override string Work => $"{Edits} edits by tuning the down-projection of layer {Layer} (from 0) of a GPT-2-small-shaped model " +
        "(12 layers, width 768, vocabulary 50257)";

    public override string PeerDoes =>
        "the authors' loop (LocFT-BF): each step the whole model over the padded batch, logits of every position, Adam";

    public override string Script => "one_layer_tuning.py";

    public override double? Bar => 5;

    // Random weights do not reach the threshold: every run goes through all its epochs.
    public override int Rounds => 3;

    public override bool WarmsUp => false;

    public override string Limit =>
        "The layers above the tuned one have to be run forwards and backwards, " +
            "and the head at target tokens: a quarter of the peer's multiplications, " +
                "so that no exact way is 4.5 times as fast (docs/decisions/0014).";

    public override void Prepare(string folder)
    {
        samples = [.. inputs.Requests(Edits).Select(edit => inputs.Encode(edit.Prompt, edit.TargetNew))];
        original = inputs.Gpt2.Parameter(Weight).clone();
        inputs.Write(folder, inputs.Gpt2, new JsonObject
        {
            ["samples"] = new JsonArray([.. samples.Select(Inputs.Json)]),
            ["layer"] = Layer,
            ["rate"] = options.LearningRate,
            ["epochs"] = options.Epochs,
            ["batch-size"] = options.EffectiveBatchSize,
            ["threshold"] = options.StopLoss,
        });
    }

    public override Outcome Run()
    {
        using var scope = NewDisposeScope();
        var weight = inputs.Gpt2.Parameter(Weight);
        weight.copy_(original!);
        var watch = Stopwatch.StartNew();
        FineTuningResult result;
        using (var trained = new TrainedWeights(inputs.Gpt2, [Weight]))
            result = new FineTuner(inputs.Session(inputs.Gpt2), options).Run(samples, trained);
        var seconds = watch.Elapsed.TotalSeconds;
        return new Outcome(seconds, new Dictionary<string, IReadOnlyList<double>>
        {
            ["steps"] = [result.Steps],
            ["loss"] = [result.Loss],
            ["change"] = [(weight - original!).pow(Held(2)).sum().sqrt().AsDouble()],
        });
    }

    public override void Dispose()
    {
        original?.Dispose();
        base.Dispose();
    }
}
