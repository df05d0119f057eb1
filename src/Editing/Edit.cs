using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models;
using Harness.Models.Checkpoints;
using TorchSharp;

namespace Harness.Editing;

/// <summary>
/// What an editor made: changes of weights, what it keeps beside them, and a few figures about how it went. It is data;
/// <see cref="ApplyTo"/> puts it on a model for a while, <see cref="AddTo"/> for good.
/// </summary>
/// <param name="deltas">At most one for each parameter; owned by the edit from now on.</param>
/// <param name="figures">By name: rounds, final loss, …</param>
/// <param name="module">What is kept beside the weights, or null; owned by the edit from now on.</param>
public sealed class Edit(IReadOnlyList<WeightDelta> deltas, IReadOnlyDictionary<string, double> figures, EditModule? module = null)
    : IDisposable
{
    private const string ModulePrefix = "module/";
    private const string Format = "harness-edit-1";
    private const string FigurePrefix = "figure.";
    private const string BasePrefix = "base.";

    /// <summary>Changes in the order of the model's parameters.</summary>
    public IReadOnlyList<WeightDelta> Deltas { get; } =
        deltas.GroupBy(delta => delta.Parameter).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new ArgumentException($"{twice.Key} is changed twice in one edit.", nameof(deltas))
            : deltas;

    /// <summary>What is kept beside the weights; null for most editors.</summary>
    public EditModule? Module { get; } = module;

    /// <summary>Figures about the run, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; } =
        new SortedDictionary<string, double>(figures.ToDictionary(), StringComparer.Ordinal);

    /// <summary>
    /// SHA-256 of the values of parameters that it was made on, by name; it can be put on no others. Empty where that was not noted.
    /// </summary>
    public IReadOnlyDictionary<string, string> Base { get; private init; } = new Dictionary<string, string>();

    /// <summary>
    /// What <see cref="Base"/> is for a model that the edit was made on, before it is put there: of the weights that it changes, or of all
    /// where something is kept beside them.
    /// </summary>
    public IReadOnlyDictionary<string, string> BaseIn(Transformer model) =>
        (Module is null ? Deltas.Select(delta => delta.Parameter) : model.ParameterNames)
            .ToDictionary(name => name, model.Sha256Of, StringComparer.Ordinal);

    /// <summary>
    /// Writes a safetensors file: "{parameter}.delta", or "{parameter}.left" and "{parameter}.right"; figures are in its metadata.
    /// The same edit always gives the same bytes.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="based">What <see cref="BaseIn"/> gave, so that it can be put on no other weights; null to note nothing.</param>
    public void Save(string file, IReadOnlyDictionary<string, string>? based = null)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["format"] = Format };
        foreach (var (name, value) in Figures)
            metadata[FigurePrefix + name] = value.ToString("R", CultureInfo.InvariantCulture);

        foreach (var (name, hash) in based ?? Base)
            metadata[BasePrefix + name] = hash;

        if (Module is not null)
            (metadata["module.kind"], metadata["module.settings"]) =
                (Module.Kind, CanonicalJson.Sort(Module.Settings)!.ToJsonString(CanonicalJson.Settings));

        var beside = Module?.Tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (ModulePrefix + pair.Key, pair.Value)) ?? [];
        SafetensorsFile.Write(file, [.. Deltas.SelectMany(Tensors), .. beside], metadata);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is no edit, or is damaged.</exception>
    public static Edit Load(string file)
    {
        using var stored = SafetensorsFile.Open(file);
        if (stored.Metadata.GetValueOrDefault("format") is var format && format != Format)
            throw new InputException($"{file}: format '{format ?? "none"}' where '{Format}' was expected: this is not a stored edit.");

        using var scope = torch.NewDisposeScope();
        var deltas = new List<WeightDelta>();
        var beside = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var name in stored.Names)
            {
                if (name.StartsWith(ModulePrefix, StringComparison.Ordinal))
                    beside.Add(name[ModulePrefix.Length..], stored.Read(name).DetachFromDisposeScope());
                else if (name.EndsWith(".delta", StringComparison.Ordinal))
                    deltas.Add(WeightDelta.Dense(name[..^".delta".Length], stored.Read(name)));
                else if (name.EndsWith(".left", StringComparison.Ordinal))
                    deltas.Add(LowRank(file, stored, name[..^".left".Length]));
                else if (!name.EndsWith(".right", StringComparison.Ordinal))
                    throw new InputException($"{file}: tensor '{name}' ends in none of .delta, .left, .right: this is not a stored edit.");
            }

            var figures = Described(FigurePrefix)
                .ToDictionary(pair => pair.Name, pair => double.Parse(pair.Value, CultureInfo.InvariantCulture));
            return new Edit(deltas, figures,
                ReadModule(file, stored, beside))
            { Base = Described(BasePrefix).ToDictionary(pair => pair.Name, pair => pair.Value) };
        }
        catch (Exception error)
        {
            deltas.ForEach(delta => delta.Dispose());
            foreach (var tensor in beside.Values)
                tensor.Dispose();
            if (error is not (JsonException or FormatException or InvalidCastException or InvalidOperationException or KeyNotFoundException
                or NullReferenceException))
                throw;
            throw new InputException($"{file}: found unreadable metadata ({error.Message.ReplaceLineEndings(" ")}), " +
                "expected an edit as it was saved; make the edit again.", error);
        }

        IEnumerable<(string Name, string Value)> Described(string prefix) =>
            stored.Metadata.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(pair => (pair.Key[prefix.Length..], pair.Value));
    }

    /// <summary>
    /// Adds every change to the model's weights, and puts on what the edit keeps beside them for every prompt. Disposing the result
    /// restores the weights bit for bit; several edits are undone in reverse order. What is kept for single prompts is asked for by an
    /// <see cref="EditedModel"/>.
    /// </summary>
    /// <exception cref="InputException">
    /// A parameter is missing in the model, has another shape or is not what <see cref="Base"/> says; the model is then unchanged.
    /// </exception>
    public IDisposable ApplyTo(Transformer model)
    {
        Check(model);
        var snapshot = new WeightSnapshot(model, [.. Deltas.Select(delta => delta.Parameter)]);
        try
        {
            Add(model);
            return new Applied(snapshot, Module?.Attach(model));
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>Adds every change to the model's weights for good, without a copy of what they were.</summary>
    /// <exception cref="InputException">As <see cref="ApplyTo"/>.</exception>
    public void AddTo(Transformer model)
    {
        Check(model);
        Add(model);
    }

    /// <summary>Frees the changes.</summary>
    public void Dispose()
    {
        foreach (var delta in Deltas)
            delta.Dispose();
        Module?.Dispose();
    }

    private static EditModule? ReadModule(string file, SafetensorsFile stored, Dictionary<string, torch.Tensor> tensors)
    {
        if (stored.Metadata.GetValueOrDefault("module.kind") is not { } kind)
            return null;
        if (EditorRegistry.All.FirstOrDefault(editor => editor.Name == kind)?.LoadModule is not { } load)
            throw new InputException(
                $"{file}: found an edit of '{kind}', which keeps nothing beside the weights here; make the edit again.");
        return stored.Metadata.TryGetValue("module.settings", out var settings)
            ? load(tensors, (JsonObject)JsonNode.Parse(settings)!)
            : throw new InputException($"{file}: found an edit of '{kind}' without its 'module.settings'; make the edit again.");
    }

    private void Check(Transformer model)
    {
        foreach (var delta in Deltas)
        {
            if (!model.ParameterNames.Contains(delta.Parameter))
            {
                throw new InputException($"The edit changes '{delta.Parameter}', which the model lacks. Apply it to its own model.");
            }

            var shape = model.ShapeOf(delta.Parameter);
            if (!shape.SequenceEqual(delta.Shape))
            {
                throw new InputException($"The edit changes '{delta.Parameter}' of shape [{string.Join(", ", delta.Shape)}], "
                    + $"but the model's has shape [{string.Join(", ", shape)}]. Apply it to its own model.");
            }
        }

        Module?.Check(model);
        if (Base.FirstOrDefault(
            pair => !model.ParameterNames.Contains(pair.Key) || model.Sha256Of(pair.Key) != pair.Value).Key is { } other)
        {
            throw new InputException($"The edit was made on other values of '{other}' than the model has. "
                + "Apply it to the model that it was made on, as it was before; make it again for another one.");
        }
    }

    private void Add(Transformer model)
    {
        foreach (var delta in Deltas)
            delta.AddTo(model.Parameter(delta.Parameter));
    }

    private static WeightDelta LowRank(string file, SafetensorsFile stored, string parameter)
    {
        var (left, right) = (stored.ShapeOf(parameter + ".left"), stored.ShapeOf(parameter + ".right"));
        if (left is not [_, var inner] || right is not [var rows, _] || inner != rows)
        {
            throw new InputException($"{file}: '{parameter}': found factors [{string.Join(", ", left)}] and [{string.Join(", ", right)}], "
                + "expected [outputs, rank] and [rank, inputs]; make the edit again.");
        }

        return WeightDelta.LowRank(parameter, stored.Read(parameter + ".left"), stored.Read(parameter + ".right"));
    }

    private static IEnumerable<(string Name, torch.Tensor Value)> Tensors(WeightDelta delta) => delta.IsLowRank
        ? [(delta.Parameter + ".left", delta.Left_OR!), (delta.Parameter + ".right", delta.Right_RI!)]
        : [(delta.Parameter + ".delta", delta.Whole_OI!)];

    private sealed class Applied(WeightSnapshot weights, IDisposable? attached) : IDisposable
    {
        public void Dispose()
        {
            attached?.Dispose();
            weights.Dispose();
        }
    }
}
