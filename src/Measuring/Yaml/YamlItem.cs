namespace Harness.Measuring.Yaml;

/// <summary>Where something was read.</summary>
/// <param name="File">File as the user knows it, or the command-line option.</param>
/// <param name="Line">Line, from 1; 0 where there are no lines.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct YamlPlace(string File, int Line, int Column)
{
    /// <summary><c>file(line,column)</c>.</summary>
    public override string ToString() => Line == 0 ? File : $"{File}({Line},{Column})";
}

/// <summary>One node of a YAML file, with its place.</summary>
/// <param name="Place">Where it begins.</param>
public abstract record YamlItem(YamlPlace Place)
{
    /// <summary>What it is, in an error's words: <c>text 'two'</c>, <c>a list</c>.</summary>
    public abstract string Description { get; }
}

/// <summary>A single value.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Text">Its text, quotes removed.</param>
/// <param name="Plain">Whether it stood without quotes: only then may it be a number, true, false or null.</param>
public sealed record YamlScalar(YamlPlace Place, string Text, bool Plain) : YamlItem(Place)
{
    /// <summary>Whether it is null: nothing, <c>~</c> or <c>null</c>, without quotes.</summary>
    public bool IsNull => Plain && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <inheritdoc />
    public override string Description => IsNull ? "nothing" : Plain ? $"'{Text}'" : $"the text '{Text}'";
}

/// <summary>A list.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Items">Its items in file order.</param>
public sealed record YamlList(YamlPlace Place, IReadOnlyList<YamlItem> Items) : YamlItem(Place)
{
    /// <inheritdoc />
    public override string Description => "a list";
}

/// <summary>Keys and values in file order; no key occurs twice.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Entries">Its entries.</param>
public sealed record YamlMap(YamlPlace Place, IReadOnlyList<YamlEntry> Entries) : YamlItem(Place)
{
    /// <inheritdoc />
    public override string Description => "a map";

    /// <summary>The value of a key, or null.</summary>
    public YamlItem? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>Its keys in file order.</summary>
    public IEnumerable<string> Keys => Entries.Select(entry => entry.Key);

    /// <summary>A copy without a key.</summary>
    public YamlMap Without(string key) => this with { Entries = [.. Entries.Where(entry => entry.Key != key)] };

    /// <summary>A copy in which the entries of <paramref name="patch"/> replace those of the same key, maps within maps likewise.</summary>
    public YamlMap Merge(YamlMap patch)
    {
        var merged = Entries.ToList();
        foreach (var entry in patch.Entries)
        {
            var at = merged.FindIndex(known => known.Key == entry.Key);
            if (at < 0)
                merged.Add(entry);
            else
                merged[at] = merged[at].Value is YamlMap inner && entry.Value is YamlMap change
                    ? entry with { Value = inner.Merge(change) }
                    : entry;
        }

        return this with { Entries = merged };
    }
}

/// <summary>One key of a map.</summary>
/// <param name="Place">Where the key stands.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
public sealed record YamlEntry(YamlPlace Place, string Key, YamlItem Value);
