// E = embedding width, D = model width.
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Serac;

/// <summary>Trains scope classifier and counterfactual model, and stores both in one safetensors file.</summary>
internal static class SeracTraining
{
    /// <summary>Name of the classifier's tensor, [E, D].</summary>
    public const string Projection = "scope";

    /// <summary>What the names of the counterfactual model's changes begin with.</summary>
    public const string Counterfactual = "counterfactual/";

    private const string LayerName = "layer";
    private const string SeparatorName = "separator";

    /// <summary>Trains on the session's facts that are not edited.</summary>
    public static void Run(SeracTrainingOptions options, EditSession session, string file)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new InputException($"Options of training 'serac': {string.Join("; ", violations)}.");
        Layers.Check(session, "serac", [options.Layer], mayHaveExperts: true);
        if (session.Examples.Count == 0)
            throw new InputException("Training 'serac': found no fact that is not edited, expected at least one; give it examples.");

        using var scope = NewDisposeScope();
        var (projection_ED, _) = new ScopeTraining(session, options).Run();
        var tensors = new List<(string Name, Tensor Value)> { (Projection, projection_ED) };
        var deltas = Train(options, session);
        foreach (var delta in deltas)
        {
            tensors.AddRange(delta.IsLowRank
                ? [($"{Counterfactual}{delta.Parameter}.left", delta.Left_OR!),
                    ($"{Counterfactual}{delta.Parameter}.right", delta.Right_RI!)]
                : [($"{Counterfactual}{delta.Parameter}.delta", delta.Whole_OI!)]);
        }

        SafetensorsFile.Write(file, tensors, new Dictionary<string, string>
        {
            [LayerName] = CanonicalJson.ToText(options.Layer),
            [SeparatorName] = CanonicalJson.ToText(options.Separator),
        });
        foreach (var delta in deltas)
            delta.Dispose();
    }

    /// <summary>Reads what <see cref="Run"/> stored; no dispose scope owns the tensors.</summary>
    public static (Dictionary<string, Tensor> Tensors, int Layer, string Separator) Load(EditSession session)
    {
        var file = session.TrainedFile
            ?? throw new InputException("Editor 'serac': found no trained file, expected that of its training; run the training first.");
        using var stored = SafetensorsFile.Open(file);
        if (!stored.Metadata.TryGetValue(LayerName, out var layer)
            || !stored.Metadata.TryGetValue(SeparatorName, out var separator)
            || !stored.Names.Contains(Projection))
        {
            throw new InputException(
                $"{file}: found no scope classifier, expected the file of a training of 'serac'; run the training again.");
        }

        var width = session.Model.Config.Width;
        if (stored.ShapeOf(Projection) is not [_, var columns] || columns != width)
        {
            throw new InputException(
                $"{file}: tensor '{Projection}': found [{string.Join(", ", stored.ShapeOf(Projection))}], expected [any, {width}]; "
                + "run the training of 'serac' for this model.");
        }

        var tensors = stored.Names.ToDictionary(name => name, name => stored.Read(name).DetachFromDisposeScope());
        return (tensors, CanonicalJson.FromText<int>(layer), CanonicalJson.FromText<string>(separator));
    }

    /// <summary>Ids of an edit in words, as it stands before a prompt, without the tokenizer's prefix.</summary>
    public static int[] Words(EditSession session, EditRequest request, string separator) =>
        [.. session.Tokenizer.EncodeToIds(session.Space.Join(request.Prompt, request.TargetNew) + separator)];

    private static IReadOnlyList<WeightDelta> Train(SeracTrainingOptions options, EditSession session)
    {
        var random = new SeededRandom(session.Seed, "serac/targets");
        var samples = session.Examples.SelectMany(example => Versions(session, example, options.OtherTargets, random))
            .SelectMany(example => Samples(session, example, options)).ToList();
        if (samples.Count == 0)
            throw new InputException(
                $"Training 'serac': no fact fits the model's {session.Model.Config.MaxPositions} positions; take shorter ones.");

        var tuner = new FineTuner(session, options.Tuning, "counterfactual");
        if (options.Rank > 0)
        {
            using var adapters = new LowRankAdapters(session, new LowRankSettings(
                options.Rank, options.Alpha, 0, LowRankStart.Kaiming, new(null, LowRankTargets.QueryAndValue)), "serac");
            using var trained = new TrainedWeights(adapters.Parameters, firstLayer: 0);
            tuner.Run(samples, trained);
            return adapters.Deltas();
        }

        var prefixes = Enumerable.Range(0, session.Model.Config.Layers).Select(Sites.LayerPrefix).ToList();
        var names = session.Model.ParameterNames.Where(name => prefixes.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            .ToList();
        using var original = new WeightSnapshot(session.Model, names);
        using var dense = new TrainedWeights(session.Model, names);
        tuner.Run(samples, dense);
        return original.Deltas();
    }

    // The fact, and the same with other answers.
    private static IEnumerable<EditExample> Versions(EditSession session, EditExample example, int others, SeededRandom random) =>
        Enumerable.Range(0, others + 1).Select(version => version == 0
            ? example
            : example with { Request = example.Request with { TargetNew = random.Pick(session.Examples).Request.TargetNew } });

    // The edit in words, then its own prompt or a rephrasing, answered with the new target.
    private static IEnumerable<Sequence> Samples(EditSession session, EditExample example, SeracTrainingOptions options)
    {
        var words = Words(session, example.Request, options.Separator);
        int[] prefix = [.. session.Tokenizer.Prefix];
        foreach (var prompt in (string[])[example.Request.Prompt, .. example.Rephrases])
        {
            var plain = session.Encode(prompt, example.Request.TargetNew, options.Tuning.AppendEos);
            int[] ids = [.. prefix, .. words, .. plain.Ids[prefix.Length..]];
            if (ids.Length <= session.Model.Config.MaxPositions + 1)
                yield return new Sequence(ids, plain.TargetStart + words.Length);
        }
    }
}
