using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Harness.Models.Tokenizers;

/// <summary>One step from tokens' spellings to text.</summary>
internal interface IDecoder
{
    List<string> Decode(List<string> tokens);
}

/// <summary>From the byte alphabet to text; a token with a letter outside it stands for itself. What is no UTF-8 becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        var text = new List<byte>();
        foreach (var token in tokens)
        {
            if (!ByteAlphabet.TryRead(token, text)) text.AddRange(Encoding.UTF8.GetBytes(token));
        }

        return [Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(text))];
    }
}

/// <summary>From SentencePiece's character for spaces to spaces; the first token loses it where the encoder puts it in front.</summary>
internal sealed class MetaspaceDecoder(string replacement, bool dropsFirst) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, i) => token.Replace(replacement, i == 0 && dropsFirst ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Replaces in each token.</summary>
internal sealed class ReplaceDecoder(Replace replace) : IDecoder
{
    public List<string> Decode(List<string> tokens) => tokens.ConvertAll(token => replace.Normalize(token));
}

/// <summary>From tokens like &lt;0x61&gt; to the text of their bytes; a row of them that is no UTF-8 becomes as many U+FFFD.</summary>
internal sealed class ByteFallbackDecoder : IDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public List<string> Decode(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (TryRead(token, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, result);
            result.Add(token);
        }

        Flush(bytes, result);
        return result;
    }

    private static bool TryRead(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void Flush(List<byte> bytes, List<string> result)
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

/// <summary>Makes one text of all tokens.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Takes a character away, so many times at most, at both ends of each token.</summary>
internal sealed class StripDecoder(string content, int start, int stop) : IDecoder
{
    public List<string> Decode(List<string> tokens) => tokens.ConvertAll(token =>
    {
        var rest = token.AsSpan();
        for (var i = 0; i < start && rest.StartsWith(content, StringComparison.Ordinal); i++) rest = rest[content.Length..];
        for (var i = 0; i < stop && rest.EndsWith(content, StringComparison.Ordinal); i++) rest = rest[..^content.Length];
        return rest.ToString();
    });
}

/// <summary>Reads the decoder as the list of its steps, or nothing where there is none.</summary>
internal static class DecoderReader
{
    private const string Known = "ByteLevel, Metaspace, Replace, ByteFallback, Fuse, Strip or Sequence";

    public static IReadOnlyList<IDecoder>? Read(JsonComponents json, string component, JsonElement value) =>
        JsonComponents.IsPresent(value) ? [.. Steps(json, component, value)] : null;

    private static IEnumerable<IDecoder> Steps(JsonComponents json, string component, JsonElement value)
    {
        var type = json.TypeOf(component, value);
        if (type != "Sequence") return [Step(json, component, value, type)];
        var list = json.Member(component, json.Members(component, value, ["type", "decoders"]), "decoders");
        return json.Items($"{component}.decoders", list).SelectMany((item, i) => Steps(json, $"{component}.decoders[{i}]", item));
    }

    private static IDecoder Step(JsonComponents json, string component, JsonElement value, string type)
    {
        switch (type)
        {
            case "ByteLevel":
                json.ByteLevel(component, value);
                return new ByteLevelDecoder();
            case "Metaspace":
                var (replacement, scheme, _) = PreTokenizerReader.ReadMetaspace(json, component, value);
                return new MetaspaceDecoder(replacement, scheme != PrependScheme.Never);
            case "Replace":
                return new ReplaceDecoder(NormalizerReader.ReadReplace(json, component, value));
            case "ByteFallback":
                json.Members(component, value, ["type"]);
                return new ByteFallbackDecoder();
            case "Fuse":
                json.Members(component, value, ["type"]);
                return new FuseDecoder();
            case "Strip":
                var strip = json.Members(component, value, ["type", "content", "start", "stop"]);
                return new StripDecoder(
                    json.Character($"{component}.content", json.Member(component, strip, "content")),
                    json.Id($"{component}.start", json.Member(component, strip, "start")),
                    json.Id($"{component}.stop", json.Member(component, strip, "stop")));
            default:
                throw json.Unsupported(component, $"type '{type}'", $"type {Known}");
        }
    }
}
