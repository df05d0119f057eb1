// N = edits, D = model width.
using System.Text.Json.Nodes;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Ike;

/// <summary>What IKE gathers, edit by edit.</summary>
internal sealed class IkeMemory
{
    /// <summary>Ids that the tokenizer puts before every text.</summary>
    public required int[] Prefix { get; init; }

    /// <summary>Each edit prompt's direction, D numbers.</summary>
    public List<float[]> Prompts { get; } = [];

    /// <summary>Ids of each edit's line, up to the asked prompt.</summary>
    public List<int[]> Headers { get; } = [];

    /// <summary>Numbers of each edit's demonstrations, those that matter most first.</summary>
    public List<int[]> Choices { get; } = [];

    /// <summary>Ids of each demonstration.</summary>
    public List<int[]> Demonstrations { get; } = [];

    /// <summary>Number of each demonstration by its text.</summary>
    public Dictionary<string, int> Numbers { get; } = [];
}

/// <summary>Demonstrations and edits in words: a prompt is asked behind those of the edit whose own prompt is nearest.</summary>
internal sealed class IkeModule : EditModule
{
    private readonly int[][] headers;
    private readonly int[][] choices;
    private readonly int[][] demonstrations;
    private readonly int[] prefix;
    private readonly int layer;
    private readonly int answerTokens;
    private readonly double threshold;

    /// <summary>Reads a stored memory: "prompts", [N, D] float32, and lists of ids.</summary>
    public IkeModule(IReadOnlyDictionary<string, Tensor> tensors, JsonObject settings)
        : base("ike", tensors, settings)
    {
        (headers, choices) = (IdLists.Read(tensors, "headers"), IdLists.Read(tensors, "choices"));
        (demonstrations, prefix) = (IdLists.Read(tensors, "demonstrations"), IdLists.Numbers(tensors["prefix"]));
        layer = CanonicalJson.FromNode<int>(settings["layer"]);
        answerTokens = CanonicalJson.FromNode<int>(settings["answer-tokens"]);
        threshold = CanonicalJson.FromNode<double>(settings["threshold"]);
    }

    /// <summary>Stores what was gathered; at least one edit.</summary>
    public static IkeModule Of(IkeMemory memory, IkeOptions options)
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["prompts"] = tensor(memory.Prompts.SelectMany(row => row).ToArray(), [memory.Prompts.Count, memory.Prompts[0].Length])
                .DetachFromDisposeScope(),
            ["prefix"] = tensor(Array.ConvertAll(memory.Prefix, id => (long)id)).DetachFromDisposeScope(),
        };
        IdLists.Add(tensors, "headers", memory.Headers);
        IdLists.Add(tensors, "choices", memory.Choices);
        IdLists.Add(tensors, "demonstrations", memory.Demonstrations);
        return new IkeModule(tensors, new JsonObject
        {
            ["layer"] = options.Layer,
            ["answer-tokens"] = options.AnswerTokens,
            ["threshold"] = options.Threshold,
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        var (similarity, edit) = PromptStates.Directions(model, prompts, layer).matmul(Tensors["prompts"].t()).max(1);
        var (similarities, edits) = (similarity.data<float>().ToArray(), edit.data<long>().ToArray());
        return [.. prompts.Select(
            (prompt, i) => similarities[i] >= threshold ? Behind(model.Config.MaxPositions, (int)edits[i], prompt) : null)];
    }

    /// <summary>How many demonstrations fit before an edit's line and a prompt of some ids; −1 where not even the line does.</summary>
    public int Fitting(int positions, int edit, int promptIds)
    {
        var room = positions - answerTokens - prefix.Length - headers[edit].Length - promptIds;
        return room < 0 ? -1 : choices[edit].TakeWhile(choice => (room -= demonstrations[choice].Length) >= 0).Count();
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) => [("prompts", [null, model.Config.Width])];

    // What matters most stands nearest to the prompt. Null where the line has no room: the prompt is then asked as it is.
    private PromptRoute? Behind(int positions, int edit, int[] prompt)
    {
        var bare = prompt.AsSpan().StartsWith(prefix) ? prompt[prefix.Length..] : prompt;
        var count = Fitting(positions, edit, bare.Length);
        return count < 0 ? null : new PromptRoute(0, [
            .. prefix, .. choices[edit].Take(count).Reverse().SelectMany(choice => demonstrations[choice]), .. headers[edit], .. bare]);
    }
}
