using Harness.Models;

namespace Harness.Editing.Hypernetworks;

/// <summary>What an edit is trained to be answered on.</summary>
public enum WantedPrompts
{
    /// <summary>One of its rephrasings, drawn anew each time; the prompt itself where there is none (published).</summary>
    Rephrase,

    /// <summary>The prompt and one of its rephrasings, by halves.</summary>
    PromptAndRephrase,
}

/// <summary>A fact that is not edited, in token ids.</summary>
/// <param name="Prompt">The prompt with its new answer.</param>
/// <param name="Rephrases">The rephrasings with the same.</param>
/// <param name="Locality">Other prompts with their answers.</param>
internal sealed record EncodedExample(Sequence Prompt, IReadOnlyList<Sequence> Rephrases, IReadOnlyList<Sequence> Locality)
{
    /// <summary>The session's examples.</summary>
    /// <exception cref="InputException">There are none, or none has a prompt to be kept although that is wanted.</exception>
    public static IReadOnlyList<EncodedExample> All(EditSession session, string editor, bool appendEos, bool needsLocality)
    {
        if (session.Examples.Count == 0)
            throw new InputException($"Training of editor '{editor}': found no examples, expected facts that are not edited; give some.");
        if (needsLocality && session.Examples.All(example => example.Locality.Count == 0))
        {
            throw new InputException(
                $"Training of editor '{editor}': found no locality prompts among {session.Examples.Count} examples, expected some; "
                + "give examples that have them, or set locality-weight to 0.");
        }

        return [.. session.Examples.Select(example => new EncodedExample(
            Encode(example.Request.Prompt, example.Request.TargetNew),
            [.. example.Rephrases.Select(rephrase => Encode(rephrase, example.Request.TargetNew))],
            [.. example.Locality.Select(kept => Encode(kept.Prompt, kept.Answer))]))];

        Sequence Encode(string prompt, string target) => session.Encode(prompt, target, appendEos);
    }

    /// <summary>What is to be answered in the new way, with shares that add up to <paramref name="weight"/>.</summary>
    public IReadOnlyList<WeightedSequence> Wanted(WantedPrompts prompts, SeededRandom random, double weight)
    {
        if (Rephrases.Count == 0)
            return [new(Prompt, weight)];
        var rephrase = random.Pick(Rephrases);
        return prompts == WantedPrompts.Rephrase ? [new(rephrase, weight)] : [new(Prompt, weight / 2), new(rephrase, weight / 2)];
    }

    /// <summary>One prompt that is to be answered as before; none where the example has none.</summary>
    public IReadOnlyList<WeightedSequence> Kept(SeededRandom random, double weight) =>
        Locality.Count == 0 || weight == 0 ? [] : [new(random.Pick(Locality), weight)];
}

/// <summary>A sequence and its weight in a loss.</summary>
internal sealed record WeightedSequence(Sequence Sequence, double Weight);
