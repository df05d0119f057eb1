// T = tokens of an edit in words, D = model width, H = hidden width, C = condition width, O, I = shape of a matrix.
using Harness.Editing.Gradients;
using Harness.Editing.Memory;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.KnowledgeEditor;

/// <summary>
/// KnowledgeEditor's hypernetwork. An LSTM in both directions reads "old >> new || prompt", and its last states become the condition h. For
/// each matrix two layers make five parts of it: α, γ, β, δ and η, and the shift of the matrix is
/// σ(η) · (α̂ ⊙ ∇L + β̂) with α̂ = softmax(α) γᵀ and β̂ = softmax(β) δᵀ (De Cao et al. 2021, section 4.2).
/// </summary>
internal sealed class ShiftNetwork : IDisposable
{
    private const string Format = "harness-knowledge-editor-1";
    private readonly EditSession session;
    private readonly KnowledgeEditorTrainingOptions options;
    private readonly SortedDictionary<string, Tensor> weights = new(StringComparer.Ordinal);

    /// <summary>One that is untrained.</summary>
    /// <param name="session">Model, tokenizer and seed.</param>
    /// <param name="options">Shape.</param>
    public ShiftNetwork(EditSession session, KnowledgeEditorTrainingOptions options)
    {
        (this.session, this.options) = (session, options);
        Matrices = EditedMatrix.All(session, "knowledge-editor", options.Layers, options.Projections);
        var (width, hidden) = (session.Model.Config.Width, options.HiddenWidth);
        using var scope = NewDisposeScope();
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, "knowledge-editor/start")));
        foreach (var direction in Directions)
        {
            Add($"{direction}.input", hidden, 4 * hidden, width);
            Add($"{direction}.state", hidden, 4 * hidden, hidden);
            Add($"{direction}.bias", hidden, 4 * hidden);
        }

        AddLayer("condition", options.ConditionWidth, 2 * hidden);
        for (var matrix = 0; matrix < Matrices.Count; matrix++)
        {
            var shape = session.Model.ShapeOf(Matrices[matrix].Parameter);
            AddLayer($"matrix.{matrix}.inner", hidden, options.ConditionWidth);
            AddLayer($"matrix.{matrix}.outer", (2 * (shape[0] + shape[1])) + 1, hidden);
        }

        void AddLayer(string name, long outputs, long inputs)
        {
            Add($"{name}.weight", inputs, outputs, inputs);
            Add($"{name}.bias", inputs, outputs);
        }

        // U(±1/√inputs), that of fresh linear layers and LSTMs.
        void Add(string name, long inputs, params long[] shape) => weights.Add(
            name, rand(shape, generator: random).mul_(Held(2)).sub_(Held(1)).div_(Held(Math.Sqrt(inputs))).to(session.Model.Device)
                .with_requires_grad().DetachFromDisposeScope());
    }

    /// <summary>Names of the LSTM's two directions.</summary>
    public static IReadOnlyList<string> Directions { get; } = ["forwards", "backwards"];

    /// <summary>The edited matrices, layer by layer.</summary>
    public IReadOnlyList<EditedMatrix> Matrices { get; }

    /// <summary>Everything that is trained.</summary>
    public IReadOnlyList<Tensor> Weights => [.. weights.Values];

    /// <summary>A weight by its name.</summary>
    public Tensor this[string name] => weights[name];

    /// <summary>h of an edit in words.</summary>
    /// <returns>[1, C] with the network's graph, owned by the caller's dispose scope.</returns>
    public Tensor Condition(EditRequest request)
    {
        using var scope = NewDisposeScope();
        var ids = PromptStates.Ids(session, $"{request.TargetOld} >> {request.TargetNew} || {request.Prompt}");
        Tensor embedded_TD;
        using (no_grad())
            embedded_TD = session.Model.Embed(PromptStates.Tokens(session.Model, [ids])).squeeze(0);
        return Layer("condition", cat([.. Directions.Select(direction => LastState(embedded_TD, direction))], 1)).tanh()
            .MoveToOuterDisposeScope();
    }

    /// <summary>The LSTM's last state in one direction (Hochreiter and Schmidhuber 1997): gates i, f, g, o one behind the other.</summary>
    /// <param name="embedded_TD">[T, D].</param>
    /// <param name="direction">One of <see cref="Directions"/>.</param>
    /// <returns>[1, H], owned by the caller's dispose scope.</returns>
    public Tensor LastState(Tensor embedded_TD, string direction)
    {
        using var scope = NewDisposeScope();
        var gates_TG = nn.functional.linear(embedded_TD, weights[$"{direction}.input"], weights[$"{direction}.bias"]);
        var state_1H = zeros([1, options.HiddenWidth], device: embedded_TD.device);
        var cell_1H = zeros_like(state_1H);
        var positions = Enumerable.Range(0, (int)embedded_TD.shape[0]);
        foreach (var position in direction == Directions[0] ? positions : positions.Reverse())
        {
            var gates = gates_TG[position].unsqueeze(0).Plus(nn.functional.linear(state_1H, weights[$"{direction}.state"])).chunk(4, 1);
            cell_1H = (gates[1].sigmoid() * cell_1H).Plus(gates[0].sigmoid() * gates[2].tanh());
            state_1H = gates[3].sigmoid() * cell_1H.tanh();
        }

        return state_1H.MoveToOuterDisposeScope();
    }

    /// <summary>The shift of a matrix.</summary>
    /// <param name="matrix">Its number.</param>
    /// <param name="condition_1C">h.</param>
    /// <param name="gradient_OI">∇L at the unedited matrix.</param>
    /// <returns>[O, I] with the network's graph, owned by the caller's dispose scope.</returns>
    public Tensor Shift(int matrix, Tensor condition_1C, Tensor gradient_OI)
    {
        using var scope = NewDisposeScope();
        var (outputs, inputs) = (gradient_OI.shape[0], gradient_OI.shape[1]);
        var parts = Layer($"matrix.{matrix}.outer", Layer($"matrix.{matrix}.inner", condition_1C).tanh())
            .split([inputs, outputs, inputs, outputs, 1], 1);
        var (mask_OI, offset_OI) = (parts[1].softmax(-1).t().matmul(parts[0]), parts[3].softmax(-1).t().matmul(parts[2]));
        return ((gradient_OI * mask_OI).Plus(offset_OI) * parts[4].sigmoid() * Held(options.MaxScale)).MoveToOuterDisposeScope();
    }

    /// <summary>One that is trained or read by <paramref name="fill"/>; disposed where that fails.</summary>
    public static ShiftNetwork New(EditSession session, KnowledgeEditorTrainingOptions options, Action<ShiftNetwork> fill)
    {
        var network = new ShiftNetwork(session, options);
        try
        {
            fill(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Writes everything to a safetensors file; the same bytes for the same values.</summary>
    public void Save(string file) => SafetensorsFile.Write(file, [.. weights.Select(pair => (pair.Key, pair.Value))], Purpose);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The session has no such file, or it was written for another model or other options.</exception>
    public static ShiftNetwork Load(EditSession session, KnowledgeEditorTrainingOptions options)
    {
        var file = session.TrainedFile ?? throw new InputException(
            "Editor 'knowledge-editor' needs its trained hypernetwork, and the session has none; " +
                "run the editor's training for this model first.");
        return New(session, options, network => network.Read(file));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in weights.Values)
            weight.Dispose();
    }

    private SortedDictionary<string, string> Purpose => new(StringComparer.Ordinal)
    {
        ["format"] = Format,
        ["layers"] = string.Join(",", options.Layers),
        ["projections"] = string.Join(",", options.Projections).ToLowerInvariant(),
    };

    private void Read(string file)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var stored = SafetensorsFile.Open(file);
        foreach (var (name, expected) in Purpose)
        {
            if (stored.Metadata.GetValueOrDefault(name) is var found && found != expected)
                throw new InputException($"{file}: found {name} '{found ?? "none"}', expected '{expected}'; " +
                    "train the hypernetwork under the options that it is used with.");
        }

        foreach (var (name, value) in weights)
        {
            var found = stored.Names.Contains(name) ? $"[{string.Join(", ", stored.ShapeOf(name))}]" : "no such tensor";
            if (found != $"[{string.Join(", ", value.shape)}]")
                throw new InputException($"{file}: tensor '{name}': found {found}, expected [{string.Join(", ", value.shape)}]; " +
                    "train the hypernetwork for this model.");
            value.copy_(stored.Read(name));
        }
    }

    private Tensor Layer(string name, Tensor input) => nn.functional.linear(input, weights[$"{name}.weight"], weights[$"{name}.bias"]);
}
