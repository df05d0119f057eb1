using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Declarations;
using Harness.Declarations.Yaml;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Measuring.Worlds;
using Harness.Measuring.Yaml;
using Harness.Models;
using Harness.Reports;
using Harness.Running.Cluster;
using Harness.Tuning;

namespace Harness.Tests.Docs.Schema;

/// <summary>
/// JSON Schema (draft 7, which editors understand best) of the experiments' YAML files, out of the records that they are bound to and what
/// is said of those. It is for completion and hints: what a file's keys mean together is checked by the harness alone.
/// </summary>
internal sealed class SchemaWriter
{
    private const string Original = "original";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<string, JsonObject> definitions = new(StringComparer.Ordinal);

    // A row's options may be completed by an axis or an override, so that none is required of one.
    private bool isPartial;

    private SchemaWriter()
    {
    }

    /// <summary>The schemas by name: the files in experiments/schema.</summary>
    public static IReadOnlyDictionary<string, JsonObject> All { get; } = new Dictionary<string, JsonObject>
    {
        ["experiment"] = new SchemaWriter().File("A table or figure of a paper", writer => writer.Members(typeof(ExperimentFile))),
        ["datasets"] = new SchemaWriter().File("What stands for the papers' data sets", writer => writer.Datasets()),
        ["models"] = new SchemaWriter().File("What stands for the papers' models", writer => Map(new JsonObject
        {
            ["if"] = new JsonObject { ["required"] = Strings(["import"]) },
            ["then"] = writer.Record(typeof(ImportFile)),
            ["else"] = writer.Record(typeof(ModelFile)),
        })),
        ["spaces"] = new SchemaWriter().File("How every editor's options are searched for", writer => writer.Members(typeof(SpacesFile))),
        ["cluster"] = new SchemaWriter().File("How workers are asked of Slurm (--slurm)", writer => writer.Members(typeof(ClusterFile))),
        ["chosen"] = new SchemaWriter().File("What a search chose: space, model, options", _ => Map(Map(Type("object")))),
        ["names"] = new SchemaWriter().File("How people write the papers' models and data sets", _ => Object(new JsonObject
        {
            ["models"] = Map(Type("string")),
            ["datasets"] = Map(Type("string")),
        }, ["models", "datasets"])),
        ["published"] = new SchemaWriter().File("The papers' numbers: table, data set, model, row, metric", _ => Map(new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["source"] = Type("string") },
            ["additionalProperties"] = Map(Map(Map(Type("number")))),
        })),
    };

    /// <summary>A schema as it is committed.</summary>
    public static string Text(JsonObject schema) => schema.ToJsonString(Indented) + "\n";

    private JsonObject File(string title, Func<SchemaWriter, JsonObject> root)
    {
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = title };
        foreach (var (key, value) in root(this).ToList())
            schema[key] = value?.DeepClone();
        if (definitions.Count > 0)
            schema["definitions"] = new JsonObject(definitions.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));
        return schema;
    }

    private JsonObject Of(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner == typeof(string) || inner == typeof(YamlScalar) ? Type("string")
            : inner == typeof(YamlMap) ? Type("object")
            : inner.IsEnum ? Enum([.. YamlScalars.Names(inner).Select(name => (name.Key, Docstrings.Of(inner, name.Value)))])
            : inner == typeof(bool) ? Type("boolean")
            : inner == typeof(double) ? Type("number")
            : inner == typeof(int) || inner == typeof(long) ? Type("integer")
            : inner.IsGenericType && inner.GetGenericArguments() is [var item] ? List(Of(item))
            : Record(inner);
    }

    private JsonObject Record(Type type)
    {
        var name = Key(type);
        if (!definitions.ContainsKey(name))
        {
            // Known before its members are, which may hold it again.
            definitions[name] = [];
            definitions[name] = Members(type, hasDefaults: !isPartial);
        }

        return Reference(name);
    }

    // Within a row a record's defaults are its owner's to say: the learning rate of one editor is not another's.
    private JsonObject Members(Type type, string? without = null, bool hasDefaults = true)
    {
        var (shape, properties, required) = (RecordShape.Of(type), new JsonObject(), new List<string>());
        var prototype = hasDefaults ? shape.Prototype() : null;
        foreach (var member in shape.Members.Where(member => member.Property?.Name != without))
        {
            var value = Special(type, member.Property?.Name) ?? Of(member.Type);
            if (Docstrings.Of(member) is { Length: > 0 } text)
                value["description"] = text;
            if (member.Required)
                required.Add(member.Key);
            else if (prototype is not null && Default(member.Property?.GetValue(prototype)) is { } standard)
                value["default"] = standard;
            if (member.Nullable && value["type"] is JsonValue single)
                value["type"] = new JsonArray(single.DeepClone(), "null");
            properties[member.Key] = value;
        }

        var node = Object(properties, isPartial ? [] : [.. required], Docstrings.Of(type));
        if (type == typeof(OverrideFile))
        {
            node["allOf"] = ByEditor(
                EditorRegistry.All.Select(editor => editor.Name), row => new() { ["properties"] = new JsonObject { ["options"] = row } });
        }

        return node;
    }

    // Keys that the records leave open.
    private JsonObject? Special(Type type, string? member) => (type.Name, member) switch
    {
        (nameof(ExperimentFile), nameof(ExperimentFile.Metrics)) => List(new JsonObject
        {
            ["anyOf"] = new JsonArray(
                Enum([.. Metric.Catalogue.Select(metric => (metric.Name, metric.Meaning))]),
                new JsonObject { ["type"] = "string", ["pattern"] = $"^{Metric.OfTask("")}." }),
        }),
        (nameof(VaryFile), nameof(VaryFile.Values)) => List(Type("string", "number", "boolean")),
        (nameof(ExperimentFile), nameof(ExperimentFile.Scales)) => Map(Record(typeof(ScaleFile))),
        (nameof(ScaleFile), nameof(ScaleFile.Datasets) or nameof(ScaleFile.Models)) => Map(Type("string", "null")),
        (nameof(ScaleFile), nameof(ScaleFile.Editors)) => Rows(),
        (nameof(SpacesFile), nameof(SpacesFile.Scales)) => Map(Record(typeof(TuningScaleFile))),
        (nameof(SpacesFile), nameof(SpacesFile.Spaces)) => Map(Record(typeof(SpaceFile))),
        (nameof(SpaceFile), nameof(SpaceFile.Options)) => Map(List([])),
        (nameof(TuningScaleFile), nameof(TuningScaleFile.Datasets)) => Map(Type("string")),
        (nameof(ClusterFile), nameof(ClusterFile.Classes)) => Map(Record(typeof(ClusterClass))),
        (nameof(ModelFile), nameof(ModelFile.Shape)) =>
            Members(typeof(TransformerConfig), without: nameof(TransformerConfig.VocabularySize)),
        _ => null,
    };

    private JsonObject Datasets()
    {
        var dataset = Members(typeof(DatasetOptions), without: nameof(DatasetOptions.Edits));
        var world = Type("string");
        world["description"] = "The synthetic world, one of `worlds`, in the place of `file`.";
        dataset["properties"]!["world"] = world;
        return Object(new JsonObject { ["worlds"] = Map(Record(typeof(WorldOptions))), ["datasets"] = Map(dataset) }, ["datasets"]);
    }

    // A row is named for its editor, or has a name of its own and says its editor.
    private JsonObject Rows()
    {
        isPartial = true;
        var named = new JsonObject { [Original] = Row(Original, null) };
        foreach (var editor in EditorRegistry.All)
            named[editor.Name] = Row(editor.Name, editor.OptionsType);
        isPartial = false;
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = named,
            ["additionalProperties"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["editor"] = new JsonObject { ["enum"] = Strings(named.Select(row => row.Key)) } },
                ["required"] = Strings(["editor"]),
                ["allOf"] = ByEditor(named.Select(row => row.Key), reference => reference),
            },
        };
    }

    // What holds where the key 'editor' says so.
    private static JsonArray ByEditor(IEnumerable<string> editors, Func<JsonObject, JsonObject> then) =>
    [
        .. editors.Select(editor => new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { ["editor"] = new JsonObject { ["const"] = editor } },
                ["required"] = Strings(["editor"]),
            },
            ["then"] = then(Reference($"row-{editor}")),
        }),
    ];

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    private JsonObject Row(string name, Type? options)
    {
        var row = options is null ? Object([], []) : Members(options);
        row["properties"]!["editor"] =
            new JsonObject { ["const"] = name, ["description"] = "The editor, where the row has a name of its own." };
        row["properties"]!["chosen-by"] =
            new JsonObject { ["type"] = "string", ["description"] = "The sweep that chose these options, `tuning/city`." };
        row["properties"]!["tuned"] = new JsonObject
        {
            ["type"] = Strings(["boolean", "string"]),
            ["description"] = "Whether it takes what the search chose for its editor on its model, or the space of "
                + "tuning/spaces.yaml whose choice it takes. Options beside it win.",
        };
        definitions[$"row-{name}"] = row;
        return Reference($"row-{name}");
    }

    private static JsonNode? Default(object? value) => value switch
    {
        bool or int or long or double or string => JsonSerializer.SerializeToNode(value),
        System.Enum => YamlScalars.Names(value.GetType()).First(name => name.Value.Equals(value)).Key,
        _ => null,
    };

    private static JsonObject Object(JsonObject properties, string[] required, string description = "")
    {
        var node = new JsonObject { ["type"] = "object" };
        if (description.Length > 0)
            node["description"] = description;
        node["properties"] = properties;
        if (required.Length > 0)
            node["required"] = Strings(required);
        node["additionalProperties"] = false;
        return node;
    }

    private static JsonObject Enum(IReadOnlyList<(string Name, string Meaning)> members) => new()
    {
        ["enum"] = Strings(members.Select(member => member.Name)),
        ["enumDescriptions"] = Strings(members.Select(member => member.Meaning)),
    };

    private static JsonObject Map(JsonObject values) => new() { ["type"] = "object", ["additionalProperties"] = values };

    private static JsonObject List(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Type(params string[] names) => new() { ["type"] = names is [var one] ? one : Strings(names) };

    private static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)text)];

    private static string Key(Type type) => JsonNamingPolicy.KebabCaseLower.ConvertName(type.Name);
}
