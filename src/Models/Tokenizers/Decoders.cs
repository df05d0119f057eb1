using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>One step from tokens' spellings to text.</summary>
internal delegate List<string> Decoder(List<string> tokens);

/// <summary>The steps that a tokenizer.json names.</summary>
internal static class Decoders
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the decoder as the list of its steps.</summary>
    public static IEnumerable<Decoder> Read(JsonPlace place) => place["type"].Text() is var type && type == "Sequence"
        ? place.Only("type", "decoders")["decoders"].Items.SelectMany(Read)
        : [Step(place, type)];

    private static Decoder Step(JsonPlace place, string type)
    {
        switch (type)
        {
            case "ByteLevel":
                PreTokenizers.OnlyFlags(place);
                return ByteLevel;
            case "Metaspace":
                var (replacement, scheme, _) = PreTokenizers.ReadMetaspace(place);
                return tokens => Metaspace(tokens, replacement, scheme != PrependScheme.Never);
            case "Replace":
                var replace = Normalizers.ReadReplace(place);
                return tokens => tokens.ConvertAll(token => replace.Normalize(token));
            case "ByteFallback":
                place.Only("type");
                return ByteFallback;
            case "Fuse":
                place.Only("type");
                return tokens => [string.Concat(tokens)];
            case "Strip":
                place.Only("type", "content", "start", "stop");
                var (content, start, stop) = (place["content"].Character(), place["start"].Id(), place["stop"].Id());
                return tokens => tokens.ConvertAll(token => Strip(token, content, start, stop));
            default:
                throw place.Unsupported($"type '{type}'", "type ByteLevel, Metaspace, Replace, ByteFallback, Fuse, Strip or Sequence");
        }
    }

    // From the byte alphabet to text; a token with a letter outside it stands for itself. What is no UTF-8 becomes U+FFFD.
    private static List<string> ByteLevel(List<string> tokens)
    {
        var text = new List<byte>();
        foreach (var token in tokens)
            if (!ByteAlphabet.TryRead(token, text)) text.AddRange(Encoding.UTF8.GetBytes(token));
        return [Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(text))];
    }

    // From SentencePiece's character for spaces to spaces; the first token loses it where the encoder puts it in front.
    private static List<string> Metaspace(List<string> tokens, string replacement, bool dropsFirst) =>
        [.. tokens.Select((token, i) => token.Replace(replacement, i == 0 && dropsFirst ? "" : " ", StringComparison.Ordinal))];

    // From tokens like <0x61> to the text of their bytes; a row of them that is no UTF-8 becomes as many U+FFFD.
    private static List<string> ByteFallback(List<string> tokens)
    {
        var (result, bytes) = (new List<string>(tokens.Count), new List<byte>());
        foreach (var token in tokens)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush();
            result.Add(token);
        }

        Flush();
        return result;

        void Flush()
        {
            if (bytes.Count == 0) return;
            try
            {
                result.Add(Strict.GetString(CollectionsMarshal.AsSpan(bytes)));
            }
            catch (DecoderFallbackException)
            {
                result.Add(new string('\uFFFD', bytes.Count));
            }

            bytes.Clear();
        }
    }

    // Takes a character away, so many times at most, at both ends of a token.
    private static string Strip(string token, string content, int start, int stop)
    {
        var rest = token.AsSpan();
        for (var i = 0; i < start && rest.StartsWith(content, StringComparison.Ordinal); i++) rest = rest[content.Length..];
        for (var i = 0; i < stop && rest.EndsWith(content, StringComparison.Ordinal); i++) rest = rest[..^content.Length];
        return rest.ToString();
    }
}
