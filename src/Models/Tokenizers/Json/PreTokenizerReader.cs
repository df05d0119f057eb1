using System.Text.Json;
using Harness.Models.Tokenizers.Patterns;
using Harness.Models.Tokenizers.PreTokenizers;

namespace Harness.Models.Tokenizers.Json;

/// <summary>Reads the pre_tokenizer as the list of its steps.</summary>
internal sealed class PreTokenizerReader(JsonComponents json)
{
    private readonly List<IPreTokenizer> steps = [];

    /// <summary>Whether a step puts a space in front of a text.</summary>
    public bool PrependsSpace { get; private set; }

    public IReadOnlyList<IPreTokenizer> Read(string component, JsonElement value)
    {
        if (JsonComponents.IsPresent(value)) Add(component, value);
        return steps;
    }

    /// <summary>A Metaspace's members, which pre-tokenizer and decoder share.</summary>
    public static (string Replacement, PrependScheme Scheme, bool Split) ReadMetaspace(
        JsonComponents json, string component, JsonElement value)
    {
        var members = json.Members(component, value, ["type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"]);
        var scheme = members.TryGetValue("prepend_scheme", out var named)
            ? (PrependScheme)json.Word($"{component}.prepend_scheme", named, ["first", "always", "never"])
            : PrependScheme.Always;
        if (!json.Flag(component, members, "add_prefix_space", absent: true) && scheme != PrependScheme.Never)
        {
            throw json.Damaged($"{component}.add_prefix_space", "false", "true, as in prepend_scheme");
        }

        var replacement = json.Character($"{component}.replacement", json.Member(component, members, "replacement"));
        return (replacement, scheme, json.Flag(component, members, "split", absent: true));
    }

    private void Add(string component, JsonElement value)
    {
        switch (json.TypeOf(component, value))
        {
            case "ByteLevel":
                AddByteLevel(component, value);
                break;
            case "Split":
                AddSplit(component, value);
                break;
            case "Digits":
                var digits = json.Members(component, value, ["type", "individual_digits"]);
                var behavior = json.Flag(component, digits, "individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous;
                steps.Add(new Split(ScalarRegex.Create(@"\p{N}", component), behavior, invert: false));
                break;
            case "Metaspace":
                var (replacement, scheme, split) = ReadMetaspace(json, component, value);
                PrependsSpace |= scheme != PrependScheme.Never;
                steps.Add(new Metaspace(replacement, scheme, split));
                break;
            case "Sequence":
                var list = json.Member(component, json.Members(component, value, ["type", "pretokenizers"]), "pretokenizers");
                var place = $"{component}.pretokenizers";
                foreach (var (i, item) in json.Items(place, list).Index()) Add($"{place}[{i}]", item);
                break;
            case var other:
                throw json.Unsupported(component, $"type '{other}'", "type ByteLevel, Split, Digits, Metaspace or Sequence");
        }
    }

    private void AddByteLevel(string component, JsonElement value)
    {
        var members = json.ByteLevel(component, value);
        var addPrefixSpace = json.Flag(component, members, "add_prefix_space");
        PrependsSpace |= addPrefixSpace;
        steps.Add(new ByteLevel(addPrefixSpace, json.Flag(component, members, "use_regex", absent: true)));
    }

    private void AddSplit(string component, JsonElement value)
    {
        var members = json.Members(component, value, ["type", "pattern", "behavior", "invert"]);
        var pattern = PatternReader.Read(json, $"{component}.pattern", json.Member(component, members, "pattern"));
        var behavior = json.Word($"{component}.behavior", json.Member(component, members, "behavior"), Enum.GetNames<SplitBehavior>());
        steps.Add(new Split(pattern, (SplitBehavior)behavior, json.Flag(component, members, "invert")));
    }
}
