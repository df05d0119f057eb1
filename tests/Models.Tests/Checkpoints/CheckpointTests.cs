using System.Buffers.Binary;
using System.Text;
using Harness.Models;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Checkpoints;

/// <summary>
/// Damaged safetensors files, made from seeds. Each must end in one clear error, or load the very weights that were saved: where only
/// metadata or white space was hit. Values themselves are not mutated but for NaN: other numbers are another valid file.
/// </summary>
public sealed class CheckpointTests : IDisposable
{
    private const int Mutants = 1200;

    private static readonly string[] Words =
    [
        "-1", "0", "1e999", "9223372036854775807", "18446744073709551616", "null", "true", "\"\"", "{}", "[]", "[[", "\"F64\"", "\"BF16\"",
            "\"I4\"",
        "\\u0000", "\\ud800", "\"__metadata__\"", "../x", "\u0000", ",", ":", "\"",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly byte[] whole;

    public CheckpointTests()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped with { VocabularySize = 300 });
        model.Save(folder, BpeTokenizer.Train(["one two three"], 258));
        whole = File.ReadAllBytes(At);
    }

    private string At => Path.Combine(folder, "model.safetensors");

    [Fact]
    public void Every_mutant_is_refused_in_one_line_or_is_the_same_model()
    {
        using var scope = NewDisposeScope();
        using var original = Transformer.Load(folder);
        var random = new SeededRandom(11, "tests/mutants");
        var refused = 0;
        for (var mutant = 0; mutant < Mutants; mutant++)
        {
            var bytes = Mutate(random);
            File.WriteAllBytes(At, bytes);
            try
            {
                using var inner = NewDisposeScope();
                using var loaded = Transformer.Load(folder);
                Assert.All(original.ParameterNames, name => Assert.True(
                    TinyModels.Same(original.Parameter(name), loaded.Parameter(name)),
                        $"mutant {mutant} was accepted with another '{name}'"));
            }
            catch (InputException error)
            {
                refused++;
                Assert.StartsWith(folder, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
                Assert.InRange(error.Message.Length, 40, 2000);
            }
        }

        // The metadata is a small part of the header: most mutants are damaged.
        Assert.InRange(refused, Mutants * 3 / 4, Mutants);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_that_is_no_number_is_named(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(whole.AsSpan(whole.Length - 8), value);
        File.WriteAllBytes(At, whole);
        foreach (var streamed in new[] { false, true })
        {
            using var scope = NewDisposeScope();
            var error = Assert.Throws<InputException>(() =>
            {
                using var model = Transformer.Load(folder, new LoadOptions { Streamed = streamed });
                model.Logits(TinyModels.Tensor(TinyModels.Tokens(1, 3)));
            });
            Assert.Equal(
                $"{At}: tensor 'lm_head.weight': found 1 values that are NaN or infinite, expected finite numbers; " +
                    "the checkpoint is damaged: fetch it again",
                error.Message);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private byte[] Mutate(SeededRandom random)
    {
        var header = (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);
        var json = Encoding.UTF8.GetString(whole, 8, header);
        var place = random.Next(json.Length);
        switch (random.Next(7))
        {
            case 0: return whole[..random.Next(whole.Length)];
            case 1:
                return WithLength(
                whole.ToArray(), random.Next(4) switch
                {
                    0 => 1UL << 63,
                    1 => ulong.MaxValue,
                    2 => (ulong)random.Next(1 << 20),
                    _ => (ulong)header + (ulong)random.Next(64) + 1
                });
            case 2: return [.. whole, .. new byte[1 + random.Next(9)]];
            case 3:
                var flipped = whole.ToArray();
                flipped[8 + random.Next(header)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 4: return WithHeader(json[..place] + Words[random.Next(Words.Length)] + json[place..]);
            case 5: return WithHeader(json.Remove(place, Math.Min(json.Length - place, 1 + random.Next(12))));
            default:
                // A number becomes another one: an offset, an extent.
                var digit = Enumerable.Range(place, json.Length).Select(at => at % json.Length).First(at => char.IsAsciiDigit(json[at]));
                return WithHeader(json[..digit] + (char)('0' + ((json[digit] - '0' + 1 + random.Next(9)) % 10)) + json[(digit + 1)..]);
        }
    }

    private byte[] WithHeader(string json)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var data = whole.AsSpan(8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(whole));
        return WithLength([.. new byte[8], .. header, .. data], (ulong)header.Length);
    }

    private static byte[] WithLength(byte[] bytes, ulong length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }
}
