using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Harness.Measuring.Yaml;

/// <summary>
/// YAML's events, of which everything that reads YAML here takes only so much: what nests deeper would overflow the stack of those that
/// build trees by recursion, and a few aliases of aliases can stand for more values than any memory holds.
/// </summary>
/// <param name="reader">The text.</param>
/// <exception cref="YamlException">What is read nests too deep, expands too far, or names an anchor that has not ended before.</exception>
public sealed class BoundedParser(TextReader reader) : IParser
{
    /// <summary>Most collections inside each other; System.Text.Json's bound for JSON.</summary>
    public const int MostDeep = 64;

    /// <summary>Most values of a document, those that aliases repeat included.</summary>
    public const int MostValues = 1_000_000;

    private readonly Parser parser = new(reader);
    private readonly Stack<(string? Anchor, long Before)> open = new();
    private readonly Dictionary<string, long> sizes = new(StringComparer.Ordinal);
    private long values;

    /// <inheritdoc/>
    public ParsingEvent? Current => parser.Current;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        if (!parser.MoveNext()) return false;
        switch (parser.Current)
        {
            case AnchorAlias alias:
                values += sizes.TryGetValue(alias.Value.Value, out var size)
                    ? size
                    : throw new YamlException(alias.Start, alias.End, $"alias '*{alias.Value.Value}' has no anchor before it");
                break;
            case MappingStart or SequenceStart:
                values++;
                open.Push((AnchorOf((NodeEvent)parser.Current), values - 1));
                if (open.Count > MostDeep) throw Error($"lists and maps nest deeper than {MostDeep}");
                break;
            case MappingEnd or SequenceEnd:
                var (anchor, before) = open.Pop();
                if (anchor is not null) sizes[anchor] = values - before;
                break;
            case Scalar scalar:
                values++;
                if (AnchorOf(scalar) is { } name) sizes[name] = 1;
                break;
        }

        return values <= MostValues ? true : throw Error($"more than {MostValues} values, those that aliases repeat included");
    }

    private static string? AnchorOf(NodeEvent node) => node.Anchor.IsEmpty ? null : node.Anchor.Value;

    private YamlException Error(string message) => new(parser.Current!.Start, parser.Current.End, message);
}
