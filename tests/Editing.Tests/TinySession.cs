// I = MLP width.
using Harness.Editing;
using Harness.Models;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>A random three-layer model of width 32, with a tokenizer and positive definite key statistics.</summary>
internal sealed class TinySession : IDisposable
{
    public static readonly EditRequest Ada = new(0, "Ada Byron", "Ada Byron was born in", "Paris", "London");
    public static readonly EditRequest Alan = new(1, "Alan Turing", "The mother tongue of Alan Turing is", "Dutch", "English");
    public static readonly EditRequest Grace = new(2, "Grace Hopper", "Where does Grace Hopper live?", "Oslo", "New York");
    public static readonly IReadOnlyList<EditRequest> All = [Ada, Alan, Grace];

    /// <summary>Facts that are not edited.</summary>
    public static readonly IReadOnlyList<EditExample> Examples =
    [
        new(
            new(0, "Edsger Dijkstra", "Edsger Dijkstra was born in", "Oslo", "Rotterdam"), ["Where was Edsger Dijkstra born?"],
            [("The mother tongue of Grace Hopper is", "English")]),
        new(
            new(1, "Barbara Liskov", "Where does Barbara Liskov live?", "Paris", "Boston"), ["Barbara Liskov lives in"],
            [("Edsger Dijkstra was born in", "Rotterdam")]),
    ];

    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Train(
        All.SelectMany(one => Enumerable.Repeat($"{one.Prompt} {one.TargetNew}. {one.Prompt} {one.TargetOld}.", 3)), 300);

    private readonly RandomStatistics statistics = new(Width * 2);

    public TinySession(long seed = 7, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        var config = new TransformerConfig
        {
            Family = "llama",
            VocabularySize = Tokenizer.VocabularySize,
            Width = Width,
            MlpWidth = Width * 2,
            Layers = 3,
            Heads = 4,
            KeyValueHeads = 2,
            MaxPositions = 64,
        };
        Session = new()
        {
            Model = Transformer.Create(config, seed: 3),
            Tokenizer = Tokenizer,
            Seed = seed,
            Statistics = statistics,
            Examples = Examples,
            Progress = progress,
            Cancellation = cancellation,
        };

        // Larger weights than those of a fresh model, so that attention and the gates matter and the head can be sure of an answer.
        using var guard = no_grad();
        foreach (var name in Model.ParameterNames.Where(name => Model.Parameter(name).dim() == 2))
        {
            using var scope = NewDisposeScope();
            Model.Parameter(name).mul_(Held(name == Sites.Head ? 25 : 5));
        }
    }

    public static int Width => 32;

    public EditSession Session { get; }

    public Transformer Model => Session.Model;

    /// <summary>A model of the same shape with experts in every layer; the caller disposes it.</summary>
    public Transformer WithExperts() =>
        Transformer.Create(Model.Config with { Family = "qwen2_moe", Experts = new(4, 2, 16, 16, true) }, seed: 1);

    /// <summary>SHA-256 of all weights.</summary>
    public string WeightHash()
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var name in Model.ParameterNames)
            hash.AppendData(Model.Parameter(name).bytes);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Whether every target token of the request is the likeliest.</summary>
    public bool Answers(EditRequest request)
    {
        var sequence = TargetEncoding.Encode(Tokenizer, request.Prompt, request.TargetNew, appendEos: false);
        return TeacherForcing.Run(Model, [sequence])[0].Argmax.AsSpan().SequenceEqual(sequence.Ids.AsSpan(sequence.TargetStart));
    }

    public void Dispose()
    {
        Session.Model.Dispose();
        statistics.Dispose();
    }

    private sealed class RandomStatistics(int width) : IKeyStatistics, IDisposable
    {
        private readonly Dictionary<int, Tensor> covariances = [];

        public Tensor Covariance(int layer)
        {
            if (covariances.TryGetValue(layer, out var known))
                return known;

            using var guard = no_grad();
            using var scope = NewDisposeScope();
            using var random = new Generator((ulong)layer + 1);
            var keys_NI = randn([4 * width, width], dtype: ScalarType.Float64, generator: random);
            return covariances[layer] = (keys_NI.t().matmul(keys_NI) / Held(4 * width)).DetachFromDisposeScope();
        }

        public void Dispose()
        {
            foreach (var covariance in covariances.Values)
                covariance.Dispose();
        }
    }
}
