using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Benchmarks.Cases;

/// <summary>ROME's search for the wanted values of several subjects.</summary>
internal sealed class ValueSearching(Inputs inputs) : Benchmark
{
    private const int Edits = 32, Layer = 1;
    private readonly ValueOptions options = new();
    private IReadOnlyList<EditRequest> requests = [];
    private IReadOnlyList<string> contexts = [];

    public override string Name => "value-search";

    public override string Work =>
        $"the values of {Edits} edits behind layer {Layer} (from 0) of a small-llama2-shaped model (width 160, 4 layers, vocabulary 4096), "
        + $"21 contexts as ROME's (lengths 5 and 10), at most {options.Steps} steps";

    public override string PeerDoes =>
        "the authors' loop (ROME): one edit at a time, each step the whole model over all contexts, logits of every position";

    public override string Script => "value_search.py";

    public override double? Bar => 10;

    public override string Limit => "The layers above the edited one are run from the subjects on in every step; " +
        "each head of each row is a small product of its own there, so that the ratio grows with the model's width.";

    public override void Prepare(string folder)
    {
        var session = inputs.Session(inputs.Small);
        requests = inputs.Requests(Edits);
        contexts = inputs.Contexts;
        inputs.Write(folder, inputs.Small, new JsonObject
        {
            ["edits"] = new JsonArray([.. requests.Select(JsonNode (request) => new JsonObject
            {
                ["rows"] = new JsonArray([.. ValueRow.All(session, options, contexts, request).Select(Json)]),
            })]),
            ["layer"] = Layer,
            ["rate"] = options.LearningRate,
            ["steps"] = options.Steps,
            ["decay"] = options.WeightDecay,
            ["clamp"] = options.Clamp,
            ["kl-factor"] = options.KlFactor,
            ["threshold"] = options.StopLoss,
        });
    }

    public override Outcome Run()
    {
        using var scope = NewDisposeScope();
        var session = inputs.Session(inputs.Small);
        var watch = Stopwatch.StartNew();
        var prompts = requests.Select(request => SubjectPrompt.Of(session, request, "")).ToList();
        var values_ND = SubjectPrompt.Keys(session.Model, prompts, Layer).matmul(session.Model.Parameter(Sites.DownProjection(Layer)).T);
        var (delta_ND, losses) = new ValueSearch(session, options, contexts).Run(requests, Layer, values_ND);
        var seconds = watch.Elapsed.TotalSeconds;
        var norms = delta_ND.pow(Held(2)).sum(1L).sqrt().data<float>().Select(norm => (double)norm);
        return new Outcome(seconds, new Dictionary<string, IReadOnlyList<double>> { ["norms"] = [.. norms], ["losses"] = losses });
    }

    private static JsonNode Json(ValueRow row) => new JsonObject
    {
        ["ids"] = Inputs.Json(row.Inputs),
        ["subject"] = row.Subject,
        ["start"] = row.TargetStart,
        ["targets"] = Inputs.Json(row.Targets),
    };
}
