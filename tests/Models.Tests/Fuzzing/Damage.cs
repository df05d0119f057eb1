using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Tests.Fuzzing;

/// <summary>Puts damaged files in a sound one's place, many times, and judges what becomes of each.</summary>
/// <param name="file">The file.</param>
/// <param name="seed">Which damages.</param>
/// <param name="byLine">Whether each wrong line of the file has one in the error.</param>
internal sealed class Damage(string file, long seed, bool byLine = false)
{
    private const int MostShown = 5;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Each damaged file is refused by one line that names it, or read: then <paramref name="check"/> is given its JSON, and says whether
    /// that was right. Nothing else, and within ten seconds.
    /// </summary>
    /// <param name="sound">The file's content.</param>
    /// <param name="count">How many.</param>
    /// <param name="read">Reads the file.</param>
    /// <param name="check">Asserts what was read.</param>
    /// <param name="values">Further values to be put in the place of others.</param>
    /// <returns>How many were read.</returns>
    public int Try<T>(string sound, int count, Func<T> read, Action<T, JsonObject> check, params string[] values) =>
        Try(count, random => Mutations.Mutate(sound, random, values), read,
            (found, content) => check(found, Assert.IsType<JsonObject>(Parsed(content))));

    /// <summary>The same with damages of the caller's, and the file's bytes for the check.</summary>
    public int Try<T>(int count, Func<SeededRandom, (byte[] Content, string What)> damage, Func<T> read, Action<T, byte[]> check)
    {
        var random = new SeededRandom(seed, $"fuzz/{Path.GetFileName(file)}");
        var accepted = 0;
        var wrong = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var (content, what) = damage(random);
            File.WriteAllBytes(file, content);
            var run = Task.Run(() => Judge(content, read, check));
            try
            {
                Assert.True(run.Wait(Longest), $"more than {Longest.TotalSeconds} s");
                if (run.Result) accepted++;
            }
            catch (Exception error)
            {
                var text = Encoding.UTF8.GetString(content);
                wrong.Add($"{Path.GetFileName(file)}, change {i}: {Short(what, 100)}: " +
                    $"{Short((error.InnerException ?? error).Message, 1000)}\n{Short(text, 300)}");
                if (!run.IsCompleted) break;
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}: {string.Join("\n\n", wrong.Take(MostShown))}");
        return accepted;
    }

    /// <summary>Strict JSON.</summary>
    public static JsonNode? Parsed(ReadOnlySpan<byte> content) =>
        JsonNode.Parse(content, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });

    private static string Short(string text, int length) => text.Length <= length ? text : text[..length] + "…";

    private bool Judge<T>(byte[] content, Func<T> read, Action<T, byte[]> check)
    {
        T found;
        try
        {
            found = read();
        }
        catch (InputException refusal)
        {
            foreach (var line in byLine ? refusal.Message.Split('\n') : [refusal.Message])
            {
                Assert.Contains(Path.GetFileName(file), line, StringComparison.Ordinal);
                Assert.DoesNotContain(line, char.IsControl);
                Assert.True(line.Length < 1500, $"{line.Length} characters: {Short(line, 500)}");
            }

            return false;
        }

        check(found, content);
        return true;
    }
}
