// B = sequences, T = positions, D = model width, V = vocabulary.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>Contexts of prompts: "" and sampled beginnings, each ending in ". ".</summary>
internal static class Contexts
{
    /// <summary>
    /// Samples the beginnings from the session's model as it is now. Editors ask once per call, before they change anything: every
    /// request of one edit
    /// has the same contexts, and nothing is remembered from one edit to the next.
    /// </summary>
    /// <returns>"", then the beginnings, by length.</returns>
    public static IReadOnlyList<string> Sample(EditSession session, ContextOptions options)
    {
        using var guard = no_grad();
        var texts = new List<string> { "" };
        foreach (var length in options.Lengths)
        {
            for (var i = 0; i < options.PerLength; i++)
                texts.Add(Beginning(session, options, options.Seeds[i % options.Seeds.Count], length, i) + ". ");
        }

        return texts;
    }

    private static string Beginning(EditSession session, ContextOptions options, string seed, int length, int number)
    {
        var random = new SeededRandom(session.Seed, $"contexts/{length}/{number}");
        var ids = session.Tokenizer.EncodeToIds(seed).ToList();
        while (ids.Count < length)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            ids.Add(Next(session, ids, options, random));
        }

        return session.Tokenizer.Decode(ids);
    }

    private static int Next(EditSession session, List<int> ids, ContextOptions options, SeededRandom random)
    {
        using var scope = NewDisposeScope();
        long[] input = [.. session.Tokenizer.Prefix, .. ids];
        var hidden_BTD = session.Model.Run(
            session.Model.Embed(tensor(input, [1, input.Length], device: session.Model.Device)), 0, session.Model.Config.Layers);
        var logits = session.Model.Head(hidden_BTD.select(1, input.Length - 1)).cpu().data<float>().ToArray();

        // Beginnings are running text: they hold no specials. Ties go to the lower id.
        var likeliest = Enumerable.Range(0, logits.Length).Where(id => !session.Tokenizer.IsSpecial(id))
            .OrderByDescending(id => logits[id]).ThenBy(id => id).Take(options.TopK).ToArray();
        var weights = likeliest.Select(id => Math.Exp((logits[id] - (double)logits[likeliest[0]]) / options.Temperature)).ToArray();
        var draw = random.NextDouble() * weights.Sum();
        for (var i = 0; i < weights.Length; i++)
        {
            draw -= weights[i];
            if (draw < 0)
                return likeliest[i];
        }

        return likeliest[^1];
    }
}

/// <summary>
/// Sampled beginnings that are put before a prompt, so that what is learnt does not hang on one wording (ROME, §3.1). The plain prompt is
/// always among the contexts.
/// </summary>
public sealed record ContextOptions
{
    /// <summary>
    /// Lengths of the sampled beginnings in tokens, their first words included, the tokenizer's prefix not; each at least 1. ROME: 5 and
    /// 10; MEMIT: 10.
    /// </summary>
    public required IReadOnlyList<int> Lengths { get; init; }

    /// <summary>Beginnings of each length, at least 0. ROME: 10; MEMIT: 5.</summary>
    public required int PerLength { get; init; }

    /// <summary>First words, taken in turn. Default The, Therefore, Because, I, You (ROME's code).</summary>
    public IReadOnlyList<string> Seeds { get; init; } = ["The", "Therefore", "Because", "I", "You"];

    /// <summary>Each next token is drawn from this many likeliest ones, at least 1. Default 5 (ROME's code).</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Temperature of the draw, above 0. Default 1 (ROME's code).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>ROME's twenty: ten of length 5, ten of length 10.</summary>
    internal static ContextOptions Rome { get; } = new() { Lengths = [5, 10], PerLength = 10 };

    /// <summary>MEMIT's five of length 10.</summary>
    internal static ContextOptions Memit { get; } = new() { Lengths = [10], PerLength = 5 };

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Check(Lengths.All(length => length > 0), "lengths", string.Join(", ", Lengths), "each at least 1")
        .AtLeast("per-length", PerLength, 0)
        .Check(Seeds.Count > 0 && Seeds.All(seed => seed.Length > 0), "seeds", string.Join(", ", Seeds), "at least one, none empty")
        .AtLeast("top-k", TopK, 1)
        .Positive("temperature", Temperature)
        .Violations;
}
