using Harness.Editing;
using Harness.Measuring.Yaml;
using Harness.Tests.Declarations;
using Harness.Tuning;

namespace Harness.Tests.Tuning;

/// <summary>A file of spaces for tests, with the editors of <see cref="VariedExperiment"/>.</summary>
internal static class SearchSpaces
{
    public static IReadOnlyList<EditorDescriptor> Registry => VariedExperiment.Registry;

    public static string File(string spaces, string rounds = "[{ settings: 4, edits: 5, seeds: 1 }, { settings: 2, edits: 10, seeds: 2 }]",
        string seeds = "[1, 11]", string head = "widenings: 2", string scale = "") => $$"""
        protocol: tf-all
        draw-seed: 1
        {{head}}
        scales:
          embedded:
            seeds: {{seeds}}
            rounds: {{rounds}}
            {{scale}}
        spaces:
        {{string.Join('\n', spaces.Split('\n').Select(line => $"  {line}"))}}
        """;

    public static TuningSpaces Read(string text)
    {
        var errors = new DeclarationErrors();
        var map = YamlReader.ReadText(text, "spaces.yaml", errors)!;
        var read = TuningSpaces.Read(map, "embedded", Registry, errors);
        errors.ThrowIfAny();
        return read!;
    }

    /// <summary>What is wrong with a file, a line each.</summary>
    public static string Mistake(string text) => Assert.Throws<InputException>(() => Read(text)).Message;
}
