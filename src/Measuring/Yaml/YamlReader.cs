using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Harness.Measuring.Yaml;

/// <summary>
/// Reads one YAML document into a tree with places. Duplicate keys, tags and several documents are errors; anchors and aliases are
/// understood. What nests deeper than a stack holds, or stands for more values than memory does (a few aliases of aliases are enough), is
/// refused.
/// </summary>
public sealed class YamlReader
{
    /// <summary>Most collections inside each other; System.Text.Json's bound for JSON.</summary>
    public const int MostDeep = 64;

    // Most values of a document, those that aliases repeat included.
    private const int MostValues = 1_000_000;

    private readonly string name;
    private readonly DeclarationErrors errors;
    private readonly Dictionary<string, (YamlItem Item, long Values)> anchors = new(StringComparer.Ordinal);
    private long values;
    private int depth;

    private YamlReader(string name, DeclarationErrors errors) => (this.name, this.errors) = (name, errors);

    /// <summary>Reads a file whose document is a map.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <returns>The map, or null after an error.</returns>
    public static YamlMap? ReadFile(string file, string name, DeclarationErrors errors)
    {
        try
        {
            return ReadText(File.ReadAllText(file), name, errors);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Add(new YamlPlace(name, 0, 0), $"cannot be read: {failure.Message}");
            return null;
        }
    }

    /// <summary>Reads a text whose document is a map; see <see cref="ReadFile"/>.</summary>
    public static YamlMap? ReadText(string text, string name, DeclarationErrors errors)
    {
        if (ReadValue(text, name, errors) is not { } item)
            return null;
        if (item is YamlMap map)
            return map;
        errors.Add(item.Place, $"found {item.Description}, expected keys and values.");
        return null;
    }

    /// <summary>Reads a text whose document is anything; null after an error.</summary>
    public static YamlItem? ReadValue(string text, string name, DeclarationErrors errors)
    {
        var reader = new YamlReader(name, errors);
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
                return new YamlScalar(new YamlPlace(name, 1, 1), "", Plain: true);
            var item = reader.Read(parser);
            parser.Consume<DocumentEnd>();
            if (parser.TryConsume<DocumentStart>(out var second))
                errors.Add(reader.Place(second.Start), "a second document begins here; expected one document per file.");
            return item;
        }
        catch (YamlException failure)
        {
            errors.Add(reader.Place(failure.Start), $"not valid YAML: {failure.Message.TrimEnd('.')}.");
            return null;
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner throws it for some unclosed brackets.
            errors.Add(reader.Place(parser.Current?.End ?? Mark.Empty), "not valid YAML after this; a bracket or quote may be missing.");
            return null;
        }
    }

    private YamlItem Read(IParser parser)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!anchors.TryGetValue(alias.Value.Value, out var known))
                throw new YamlException(alias.Start, alias.End, $"alias '*{alias.Value.Value}' has no anchor before it");
            Count(known.Values, alias);
            return known.Item;
        }

        var node = parser.Require<NodeEvent>();
        if (!node.Tag.IsEmpty)
            errors.Add(Place(node.Start), $"found the tag '{node.Tag.Value}', expected a plain value; code and types are not understood "
                + "here, write what it stands for.");
        var before = values;
        Count(1, node);
        if (++depth > MostDeep && node is not Scalar)
            throw new YamlException(node.Start, node.End, $"lists and maps nest deeper than {MostDeep}");
        YamlItem item = node switch
        {
            MappingStart => ReadMap(parser),
            SequenceStart => ReadList(parser),
            _ => ReadScalar(parser.Consume<Scalar>()),
        };
        depth--;
        if (!node.Anchor.IsEmpty)
            anchors[node.Anchor.Value] = (item, values - before);
        return item;
    }

    private void Count(long more, ParsingEvent at)
    {
        values += more;
        if (values > MostValues)
            throw new YamlException(at.Start, at.End, $"more than {MostValues} values, those that aliases repeat included");
    }

    private YamlScalar ReadScalar(Scalar scalar) => new(Place(scalar.Start), scalar.Value, scalar.Style is ScalarStyle.Plain);

    private YamlList ReadList(IParser parser)
    {
        var place = Place(parser.Consume<SequenceStart>().Start);
        var items = new List<YamlItem>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(Read(parser));
        return new YamlList(place, items);
    }

    private YamlMap ReadMap(IParser parser)
    {
        var place = Place(parser.Consume<MappingStart>().Start);
        var entries = new List<YamlEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Read(parser);
            var value = Read(parser);
            if (key is not YamlScalar { Text: var text })
                errors.Add(key.Place, $"found {key.Description} as a key, expected a name.");
            else if (entries.Find(entry => entry.Key == text) is { } first)
                errors.Add(key.Place, $"duplicate key '{text}'; it stands in line {first.Place.Line} already. Remove one of them.");
            else
                entries.Add(new YamlEntry(key.Place, text, value));
        }

        return new YamlMap(place, entries);
    }

    private YamlPlace Place(Mark mark) => new(name, (int)mark.Line, (int)mark.Column);
}
