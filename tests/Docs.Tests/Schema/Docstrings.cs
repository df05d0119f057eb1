using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Harness.Declarations.Yaml;

namespace Harness.Tests.Docs.Schema;

/// <summary>What the code says of records and their members, from the documentation files that the build writes.</summary>
internal static partial class Docstrings
{
    private static readonly Dictionary<Assembly, Dictionary<string, XElement>> Files = [];

    /// <summary>A type's summary.</summary>
    public static string Of(Type type) => Text(Member($"T:{Name(type)}", type)?.Element("summary"));

    /// <summary>A member's summary; of a positional record, what is said of the parameter.</summary>
    public static string Of(RecordMember member)
    {
        if (member.Parameter is { } parameter)
        {
            var type = parameter.Member.DeclaringType!;
            var parameters = Member($"T:{Name(type)}", type)?.Elements("param");
            return Text(parameters?.FirstOrDefault(one => one.Attribute("name")!.Value == parameter.Name));
        }

        var property = member.Property!;
        return Text(Member($"P:{Name(property.DeclaringType!)}.{property.Name}", property.DeclaringType!)?.Element("summary"));
    }

    /// <summary>The summary of an enum's member.</summary>
    public static string Of(Type type, object value) => Text(Member($"F:{Name(type)}.{value}", type)?.Element("summary"));

    private static XElement? Member(string id, Type type)
    {
        if (!Files.TryGetValue(type.Assembly, out var members))
        {
            members = Files[type.Assembly] = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml")).Descendants("member")
                .ToDictionary(member => member.Attribute("name")!.Value);
        }

        return members.GetValueOrDefault(id);
    }

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static string Text(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see when see.Attribute("cref") is { } cref => Quoted(cref.Value),
        XElement { Name.LocalName: "see" } see => see.Attribute("langword")!.Value,
        XElement { Name.LocalName: "paramref" } named => $"`{Key(named.Attribute("name")!.Value)}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement other => Text(other),
        _ => "",
    };

    // Properties and members of enums are keys and values in YAML.
    private static string Quoted(string cref)
    {
        var name = cref.Split('(')[0].Split('.')[^1];
        return cref[0] is 'P' or 'F' ? $"`{Key(name)}`" : name;
    }

    private static string Key(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
