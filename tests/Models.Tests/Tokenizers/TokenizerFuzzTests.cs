using System.Text;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>Damaged tokenizer.json files: each is one clear error, or a tokenizer that encodes and decodes.</summary>
public sealed class TokenizerFuzzTests : IDisposable
{
    private const int PerTokenizer = 130;
    private static readonly string[] Texts = ["", "The cat's 12 hats – café e\u0301 𝒜 🙂\n\n  end</s> <unk>", new string('a', 2000)];

    private static readonly string[] Values =
        ["null", "true", "-1", "1e400", "99999999999", "\"\"", "\"\\ud800\"", "[]", "{}", "\"(a|aa)+b\"", "{\"type\":\"Sequence\"}"];

    private static readonly string[] Words =
        ["ByteLevel", "Split", "Metaspace", "Sequence", "NFC", "Strip", "Replace", "content", "pattern", "id", "String", "Regex", "type"];

    private readonly ScratchFolder folder = new();

    [Fact]
    public void No_damage_is_a_crash_or_has_no_end()
    {
        var random = new SeededRandom(9, "tokenizer/fuzz");
        var (refused, read) = (0, 0);
        foreach (var file in TokenizerFile.Samples())
        {
            var sound = File.ReadAllText(file);
            for (var i = 0; i < PerTokenizer; i++)
            {
                if (Survives(Damage(sound, random))) read++;
                else refused++;
            }
        }

        Assert.True(refused > 1000 && read > 10, $"{refused} refused, {read} read");
    }

    public void Dispose() => folder.Dispose();

    private bool Survives(byte[] content)
    {
        var file = folder.File("tokenizer.json");
        File.WriteAllBytes(file, content);
        try
        {
            var tokenizer = BpeTokenizer.Load(file);
            foreach (var text in Texts) tokenizer.Decode(tokenizer.EncodeToIds(text));
            return true;
        }
        catch (InputException exception)
        {
            Assert.StartsWith(file, exception.Message, StringComparison.Ordinal);
            Assert.False(exception.Message.Contains('\n'), exception.Message);
            return false;
        }
    }

    // Most of a file is vocabulary; what comes before it is where the structure is.
    private static byte[] Damage(string sound, SeededRandom random)
    {
        var place = random.Next(2) == 0 ? random.Next(sound.Length) : random.Next(sound.IndexOf("\"vocab\"", StringComparison.Ordinal));
        switch (random.Next(6))
        {
            case 0:
                return Encoding.UTF8.GetBytes(sound[..place]);
            case 1:
                return Encoding.UTF8.GetBytes(sound.Remove(place, Math.Min(1 + random.Next(20), sound.Length - place)));
            case 2:
                var bytes = Encoding.UTF8.GetBytes(sound);
                bytes[place] = (byte)random.Next(256);
                return bytes;
            case 3:
                return Encoding.UTF8.GetBytes(sound.Insert(place, sound.Substring(random.Next(sound.Length - 40), 40)));
            case 4:
                // A value in the place of another.
                var colon = sound.IndexOf(':', place);
                var end = colon < 0 ? -1 : sound.IndexOfAny([',', '}', ']'], colon);
                return Encoding.UTF8.GetBytes(end < 0 ? sound[1..] : sound[..(colon + 1)] + random.Pick(Values) + sound[end..]);
            default:
                // One key or type in the place of another.
                var (from, to) = (random.Pick(Words), random.Pick(Words));
                return Encoding.UTF8.GetBytes(sound.Replace($"\"{from}\"", $"\"{to}\"", StringComparison.Ordinal));
        }
    }
}
