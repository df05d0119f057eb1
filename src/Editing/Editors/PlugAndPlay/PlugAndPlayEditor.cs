// N = edits, D = model width.
using System.Globalization;
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.PlugAndPlay;

/// <summary>
/// Plug-and-Play Adaptation: a LoRA module for each batch of edits, and the directions of their prompts, which switch it on.
/// </summary>
internal sealed class PlugAndPlayEditor(PlugAndPlayOptions options) : IEditor
{
    /// <summary>How the harness knows it. Prompts are compared there; the paper takes the encoder's end.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<PlugAndPlayOptions>(
        "plug-and-play", options => new PlugAndPlayEditor(options)) with
    {
        LoadModule = (tensors, settings) => new PlugAndPlayModule(tensors, settings),
        Open = OpenOption.LayerAt("layer", 1, 2, "half"),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "plug-and-play", [options.Layer], mayHaveExperts: true);
        using var scope = NewDisposeScope();
        var prompts_ND = PromptStates.Directions(
            session.Model, [.. requests.Select(request => PromptStates.Ids(session, request.Prompt))], options.Layer);
        var (batches, modules) = (new List<long>(), new List<IReadOnlyList<WeightDelta>>());
        try
        {
            var (steps, losses) = (0, 0.0);
            foreach (var batch in requests.Chunk(options.BatchSize == 0 ? requests.Count : options.BatchSize))
            {
                var purpose = options.BatchSize == 0 ? "" : $"from edit {batches.Count + 1}";
                using (var adapters = new LowRankAdapters(session, options.Adapter.Settings, purpose))
                {
                    var result = new FineTuner(session, options.Adapter.Tuning, purpose)
                        .Run(TrainingSamples.New(session, batch, options.Adapter.Tuning.AppendEos), adapters.Trained);
                    (steps, losses) = (steps + result.Steps, losses + result.Loss * batch.Length);
                    batches.AddRange(batch.Select(_ => (long)modules.Count));
                    modules.Add(adapters.Deltas());
                }

                if (session.AfterBatch is { } told)
                {
                    using var soFar = Module(prompts_ND, batches, modules);
                    told(batch, soFar);
                }
            }

            return new Edit(
                [], new FineTuningResult(steps, losses / requests.Count).Figures, Module(prompts_ND, batches, modules));
        }
        finally
        {
            foreach (var delta in modules.SelectMany(module => module))
                delta.Dispose();
        }
    }

    private PlugAndPlayModule Module(Tensor prompts_ND, List<long> batches, List<IReadOnlyList<WeightDelta>> modules)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["prompts"] = Own(prompts_ND.narrow(0, 0, batches.Count)),
            ["batches"] = tensor(batches.ToArray()).DetachFromDisposeScope(),
        };
        for (var batch = 0; batch < modules.Count; batch++)
        {
            foreach (var delta in modules[batch])
            {
                tensors.Add($"{PlugAndPlayModule.Prefix(batch)}{delta.Parameter}.left", Own(delta.Left_OR!));
                tensors.Add($"{PlugAndPlayModule.Prefix(batch)}{delta.Parameter}.right", Own(delta.Right_RI!));
            }
        }

        return new PlugAndPlayModule(tensors, new JsonObject { ["layer"] = options.Layer, ["threshold"] = options.Threshold });

        static Tensor Own(Tensor value) => value.contiguous().clone().DetachFromDisposeScope();
    }
}

/// <summary>LoRA modules, and the prompts that switch each of them on.</summary>
internal sealed class PlugAndPlayModule : EditModule
{
    private readonly int[] batches;
    private readonly int layer;
    private readonly double threshold;

    /// <summary>
    /// Reads a stored module: "prompts", [N, D] float32, "batches", [N] Int64, and the factors of every batch's changes.
    /// </summary>
    public PlugAndPlayModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("plug-and-play", tensors, settings)
    {
        batches = IdLists.Numbers(tensors["batches"]);
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        threshold = CanonicalJson.FromNode<double>(settings["threshold"]);
    }

    /// <summary>What the names of a batch's tensors begin with.</summary>
    public static string Prefix(int batch) => $"batch.{batch.ToString(CultureInfo.InvariantCulture)}/";

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        var (similarity, edit) = PromptStates.Directions(model, prompts, layer).matmul(Tensors["prompts"].t()).max(1);
        var (similarities, edits) = (similarity.data<float>().ToArray(), edit.data<long>().ToArray());
        return [.. prompts.Select(
            (prompt, i) => similarities[i] >= threshold ? new PromptRoute(batches[edits[i]], prompt) : null)];
    }

    /// <inheritdoc/>
    public override IDisposable Enter(Transformer model, int variant, int promptLength)
    {
        const string Left = ".left";
        var (start, deltas) = (Prefix(variant), new List<WeightDelta>());
        try
        {
            foreach (var (name, left_OR) in Tensors.Where(pair =>
                pair.Key.StartsWith(start, StringComparison.Ordinal) && pair.Key.EndsWith(Left, StringComparison.Ordinal)))
                deltas.Add(WeightDelta.LowRank(name[start.Length..^Left.Length], left_OR, Tensors[name[..^Left.Length] + ".right"]));
            var own = new WeightSnapshot(model, [.. deltas.Select(delta => delta.Parameter)]);
            deltas.ForEach(delta => delta.AddTo(model.Parameter(delta.Parameter)));
            return own;
        }
        finally
        {
            deltas.ForEach(delta => delta.Dispose());
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model)
    {
        yield return ("prompts", [null, model.Config.Width]);
        foreach (var name in Tensors.Keys.Where(name => name.EndsWith(".left", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var (stem, parameter) = (name[..^".left".Length], name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..^".left".Length]);
            if (!model.ParameterNames.Contains(parameter))
                throw new InputException(
                    $"The edit of 'plug-and-play' changes '{parameter}', which the model lacks. Apply it to its own model.");
            var shape = model.ShapeOf(parameter);
            yield return (name, [shape[0], null]);
            yield return ($"{stem}.right", [SizeOf(name, 1), shape[1]]);
        }
    }
}
