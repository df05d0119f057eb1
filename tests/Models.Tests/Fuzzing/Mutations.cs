using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Tests.Fuzzing;

/// <summary>Damages JSON as people, programs and disks do; the same from the same random numbers.</summary>
internal static class Mutations
{
    private const string Mark = "\"__here__\"";

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "3", "0.5", "-0.0", "1.0", "1e-7", "1e400", "-1e400", "1e308", "2147483647",
            "2147483648", "99999999999999999999",
        "\"\"", "\" \"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "\"a\\nb\"", "\"true\"", "\"1\"", "[]", "{}", "[null]", "[[]]",
            "{\"type\":\"Sequence\"}", "{\"\":0}", "[1,2]",
        "NaN", "Infinity", "'x'", "// x", "<", "",
    ];

    private static readonly byte[][] Inserts = [[0], [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], "\\ud800"u8.ToArray(), "\""u8.ToArray(),
        "}"u8.ToArray(), ","u8.ToArray(), "\n"u8.ToArray(), " "u8.ToArray()];
    private static readonly int[] Depths = [3, 30, 62, 63, 64, 65, 1000, 100_000];
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One change, and what it was.</summary>
    /// <param name="sound">JSON, whole.</param>
    /// <param name="random">Where the choice comes from.</param>
    /// <param name="values">Further values to put in the place of others, as JSON.</param>
    public static (byte[] Content, string What) Mutate(string sound, SeededRandom random, params string[] values) =>
        random.Next(3) == 0 ? MutateText(Encoding.UTF8.GetBytes(sound), random) : MutateTree(sound, random, [.. Values, .. values]);

    private static (byte[] Content, string What) MutateText(byte[] sound, SeededRandom random)
    {
        var place = random.Next(sound.Length);
        var length = Math.Min(1 + random.Next(30), sound.Length - place);
        switch (random.Next(6))
        {
            case 0:
                return (sound[..place], $"cut at {place}");
            case 1:
                byte[] flipped = [.. sound];
                flipped[place] ^= (byte)(1 << random.Next(8));
                return (flipped, $"a bit of byte {place} flipped");
            case 2:
                var inserted = random.Pick(Inserts);
                return ([.. sound[..place], .. inserted, .. sound[place..]], $"{Convert.ToHexString(inserted)} at {place}");
            case 3:
                return ([0xEF, 0xBB, 0xBF, .. sound], "a byte order mark");
            case 4:
                return ([.. sound[..place], .. sound[(place + length)..]], $"{length} bytes out at {place}");
            default:
                return ([.. sound[..(place + length)], .. sound[place..]], $"{length} bytes twice at {place}");
        }
    }

    private static (byte[] Content, string What) MutateTree(string sound, SeededRandom random, string[] values)
    {
        var root = JsonNode.Parse(sound)!;
        var node = root;

        // Structure before vocabulary: down from the root, and not always to the end.
        while (Children(node) is { Count: > 0 } children && random.Next(3) > 0)
        {
            var next = random.Pick(children);
            if (next is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 })) break;
            node = next;
        }

        var raw = random.Pick(values);
        if (node is JsonArray list)
        {
            var at = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0:
                    list.RemoveAt(at);
                    return Done($"an item out at {at}", "");
                case 1:
                    list.Insert(at, list[at]?.DeepClone());
                    return Done($"an item twice at {at}", "");
                default:
                    list[at] = "__here__";
                    return Done($"an item at {at}", raw);
            }
        }

        var map = node.AsObject();
        var key = random.Pick(map.Select(pair => pair.Key).ToList());
        switch (random.Next(8))
        {
            case 0:
                map.Remove(key);
                return Done($"'{key}' out", "");
            case 1:
                var renamed = random.Next(2) == 0 ? key + "s" : key.Length > 1 ? key[1..] : key + key;
                if (map.ContainsKey(renamed)) renamed += "x";
                map[renamed] = map[key]?.DeepClone();
                map.Remove(key);
                return Done($"'{key}' renamed to '{renamed}'", "");
            case 2:
                map["__here__"] = map[key]?.DeepClone();
                return Done($"'{key}' twice", JsonSerializer.Serialize(key, Plain));
            case 3:
                var other = random.Pick(map.Select(pair => pair.Key).ToList());
                var (one, two) = (map[key]?.DeepClone(), map[other]?.DeepClone());
                (map[key], map[other]) = (two, one);
                return Done($"'{key}' and '{other}' swapped", "");
            case 4:
                map["__here__"] = 1;
                return Done($"a key {raw}", raw.StartsWith('"') ? raw : $"\"{new string('k', 1 + random.Next(3) * 5000)}\"");
            case 5:
                map[key] = "__here__";
                var depth = random.Pick(Depths);
                return Done($"'{key}' {depth} deep", new string('[', depth) + new string(']', depth));
            default:
                map[key] = "__here__";
                return Done($"'{key}' = {raw}", raw);
        }

        (byte[], string) Done(string what, string here) =>
            (Encoding.UTF8.GetBytes(root.ToJsonString(Plain).Replace(Mark, here, StringComparison.Ordinal)), what);
    }

    private static List<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject map => [.. map.Select(pair => pair.Value)],
        JsonArray list => [.. list],
        _ => [],
    };
}
