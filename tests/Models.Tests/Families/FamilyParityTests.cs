// B = batch, T = positions, V = vocabulary.
using System.Text.Json;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Generation;
using static TorchSharp.torch;

namespace Harness.Tests.Families;

/// <summary>Every family against Hugging Face transformers: Fixtures/make.py made the checkpoints and what they should compute.</summary>
public class FamilyParityTests
{
    private const double Tolerance = 1e-4;

    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Families", "Fixtures");

    private static IEnumerable<DirectoryInfo> Folders =>
        Directory.GetFiles(Root, "config.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => new FileInfo(file).Directory!);

    public static TheoryData<string> Fixtures => [.. Folders.Select(folder => folder.Name)];

    [Fact]
    public void Every_family_has_a_fixture()
    {
        string[] families = ["bloom", "gpt2", "gptj", "llama", "mistral", "qwen2", "qwen2_moe", "qwen3"];
        Assert.Equal(families, Folders.Select(ModelType).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Logits_equal_those_of_transformers(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        AssertClose(fixture, expected.Read("logits"), model.Logits(expected.Read("input_ids")));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_prefix_and_the_rest_equal_the_whole_bit_for_bit(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        var ids_BT = expected.Read("input_ids");
        var embedded_BTD = model.Embed(ids_BT);
        var whole_BTV = model.Logits(ids_BT);
        for (var layer = 0; layer <= model.Config.Layers; layer++)
        {
            var prefix_BTD = model.Run(embedded_BTD, 0, layer);
            var parts_BTV = model.Head(model.Run(prefix_BTD, layer, model.Config.Layers));
            Assert.True(TinyModels.Same(whole_BTV, parts_BTV), $"{fixture}: split before layer {layer}");
        }
    }

    /// <summary>The reference ran padded on the left; here each row runs alone, without its padding.</summary>
    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Rows_equal_the_left_padded_batch_of_transformers(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        var logits_BTV = expected.Read("padded_logits");
        var prompts = Prompts(expected);
        for (var row = 0; row < prompts.Length; row++)
        {
            var length = prompts[row].Length;
            var real_TV = logits_BTV[row].narrow(0, logits_BTV.shape[1] - length, length);
            AssertClose($"{fixture} row {row}", real_TV.unsqueeze(0), model.Logits(TinyModels.Tensor([prompts[row]])));
        }
    }

    /// <summary>One batch of unequal prompts, padded on the left, with a key-value cache, on both sides.</summary>
    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Greedy_generation_continues_as_that_of_transformers(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        var continuations = Rows(expected.Read("continuation"));
        int[][] prompts = [.. Prompts(expected).Select(ids => Array.ConvertAll(ids, id => (int)id))];
        var found = GreedyDecoder.Decode(model, prompts, continuations[0].Length, stop: _ => false);
        Assert.Equal(continuations, found.Select(ids => ids.Select(id => (long)id).ToArray()));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void The_last_positions_alone_are_those_of_the_whole(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        var embedded_BTD = model.Embed(expected.Read("input_ids"));
        var (whole_BTD, positions) = (model.Run(embedded_BTD, 0, model.Config.Layers), embedded_BTD.shape[1]);
        foreach (var last in new[] { 1, 3, positions })
            AssertClose(fixture, whole_BTD.narrow(1, positions - last, last), model.Run(embedded_BTD, 0, model.Config.Layers, last: last));
    }

    /// <summary>Prefixes of unequal lengths in a cache; two positions behind each, run from the second layer on.</summary>
    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Positions_behind_a_cache_and_their_gradients_are_those_of_the_whole(string fixture)
    {
        const int Behind = 2;
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var expected = Expected(fixture);
        var ids = Rows(expected.Read("input_ids"));
        int[] before = [.. Enumerable.Range(0, ids.Length).Select(row => ids[row].Length - Behind - row)];
        var whole_BTD = model.Run(model.Embed(TinyModels.Tensor(ids)), 0, 1).requires_grad_();
        var wanted = model.Run(whole_BTD, 1, model.Config.Layers);
        stack(ids.Select((_, row) => wanted[row].narrow(0, before[row] + 1, 1).sin())).sum().backward();
        var scale = whole_BTD.grad!.abs().max().AsDouble();

        using var cache = new KeyValueCache(model, [.. before.Select(count => before[0] - count)], before[0] + Behind);
        using (no_grad())
            model.Step(TinyModels.Tensor([.. ids.Select((row, i) => (long[])[.. new long[before[0] - before[i]], .. row[..before[i]]])]),
                cache);
        var tokens_BT = TinyModels.Tensor([.. ids.Select((row, i) => row[before[i]..(before[i] + Behind)])]);
        var hidden_BTD = model.Run(model.Embed(tokens_BT, cache), 0, 1, cache).requires_grad_();
        cache.Forget(1);
        for (var again = 0; again < 2; again++)
        {
            var last_B1D = model.Run(hidden_BTD, 1, model.Config.Layers, cache, last: 1);
            hidden_BTD.grad = null;
            last_B1D.sin().sum().backward();
            for (var row = 0; row < ids.Length; row++)
            {
                AssertClose(fixture, wanted[row].narrow(0, before[row] + 1, 1), last_B1D[row]);
                AssertClose(fixture, whole_BTD.grad[row].narrow(0, before[row], Behind) / Held(scale), hidden_BTD.grad![row] / Held(scale));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_streamed_model_computes_the_same_bits(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        using var streamed = Load(fixture, new LoadOptions { Streamed = true });
        using var expected = Expected(fixture);
        var ids_BT = expected.Read("input_ids");
        Assert.True(TinyModels.Same(model.Logits(ids_BT), streamed.Logits(ids_BT)));
    }

    private static Transformer Load(string fixture, LoadOptions? options = null) => Transformer.Load(Path.Combine(Root, fixture), options);

    private static SafetensorsFile Expected(string fixture) => SafetensorsFile.Open(Path.Combine(Root, fixture, "expected.safetensors"));

    private static string ModelType(DirectoryInfo folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, "config.json")));
        return config.RootElement.GetProperty("model_type").GetString()!;
    }

    // The real tokens of the left-padded rows.
    private static long[][] Prompts(SafetensorsFile expected)
    {
        var mask = Rows(expected.Read("attention_mask"));
        return [.. Rows(expected.Read("padded_ids")).Select((ids, row) => ids[Array.IndexOf(mask[row], 1)..])];
    }

    private static long[][] Rows(Tensor ids_BT) => [.. ids_BT.data<long>().ToArray().Chunk((int)ids_BT.shape[1])];

    private static void AssertClose(string what, Tensor expected_BTV, Tensor found_BTV)
    {
        Assert.Equal(expected_BTV.shape, found_BTV.shape);
        var worst = TinyModels.Distance(expected_BTV, found_BTV);
        Assert.True(worst <= Tolerance, $"{what}: the logits differ by {worst:g3}; at most {Tolerance} is rounding");
    }
}
