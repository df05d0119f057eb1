using Harness.Models;

namespace Harness.Editing.Editors.Ike;

/// <summary>What a demonstration shows of a new fact.</summary>
internal enum DemonstrationKind
{
    /// <summary>That its own prompt is answered with it.</summary>
    Copy,

    /// <summary>That a rephrasing is answered with it.</summary>
    Update,

    /// <summary>That another prompt is answered as before.</summary>
    Retain,
}

/// <summary>The texts of demonstrations.</summary>
internal static class Demonstration
{
    /// <summary>A fact as a sentence.</summary>
    public static string Fact(TargetSpace space, EditRequest request) => space.Join(request.Prompt, request.TargetNew);

    /// <summary>The prompt and answer of a kind; where a fact has no rephrasing or no other prompt, its copy.</summary>
    public static string Line(TargetSpace space, EditExample example, DemonstrationKind kind, SeededRandom random)
    {
        if (kind == DemonstrationKind.Update && example.Rephrases.Count > 0)
            return space.Join(random.Pick(example.Rephrases), example.Request.TargetNew);
        if (kind != DemonstrationKind.Retain || example.Locality.Count == 0)
            return Fact(space, example.Request);
        var (prompt, answer) = random.Pick(example.Locality);
        return space.Join(prompt, answer);
    }

    /// <summary>As many kinds as demonstrations, in the wanted proportion, begun again until there are enough.</summary>
    public static DemonstrationKind[] Kinds(IkeOptions options)
    {
        DemonstrationKind[] round =
        [
            .. Enumerable.Repeat(DemonstrationKind.Copy, options.Copies),
            .. Enumerable.Repeat(DemonstrationKind.Update, options.Updates),
            .. Enumerable.Repeat(DemonstrationKind.Retain, options.Retains),
        ];
        return [.. Enumerable.Range(0, options.Demonstrations).Select(i => round[i % round.Length])];
    }
}
