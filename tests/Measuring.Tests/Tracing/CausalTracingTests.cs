using Harness.Measuring.Data;
using Harness.Measuring.Tracing;
using Harness.Models;
using Harness.Tests.Metrics;
using static TorchSharp.torch;

namespace Harness.Tests.Tracing;

public sealed class CausalTracingTests(CausalTracingTests.Memory memory) : IClassFixture<CausalTracingTests.Memory>
{
    private static readonly TracingOptions Options = new() { Layers = [0, 1], Window = 1, Samples = 3, Facts = 10 };
    private static readonly EditCase[] Cases =
    [
        Case(0, "Anna Lee", "In town Anna Lee saw a", "red"), Case(1, "Bob Ray", "In town Bob Ray saw a", "blue"),
        Case(2, "Bob Ray", "In town Bob Ray saw a", "never"), Case(3, "Anna Lee", "In town Anna Lee saw a", ""),
    ];

    [Fact]
    public void Facts_that_the_model_does_not_know_or_that_have_no_old_answer_are_left_out()
    {
        var series = Trace(Options);
        Assert.Equal([0, 1], series[CausalTracing.Clean].Select(item => item.Id));
        Assert.Equal([0], Trace(Options with { Facts = 1 })[CausalTracing.Clean].Select(item => item.Id));
        Assert.All(series[CausalTracing.Clean].Zip(series[CausalTracing.Corrupted]),
            pair => Assert.True(pair.First.Value > 0.9 && pair.Second.Value < pair.First.Value));
    }

    [Fact]
    public void The_last_state_of_the_last_token_brings_everything_back_and_states_before_it_at_other_tokens_do_not_all()
    {
        var series = Trace(Options);
        var total = series[CausalTracing.Clean].Zip(series[CausalTracing.Corrupted], (clean, corrupted) => clean.Value - corrupted.Value);
        Assert.All(Of(series, TracedState.Hidden, 1, TracedPosition.Last).Zip(total), pair => Assert.Equal(pair.Second, pair.First, 1e-6));

        // Behind the last layer other tokens are read by nobody.
        foreach (var position in new[] { TracedPosition.FirstSubject, TracedPosition.LastSubject, TracedPosition.FirstAfter })
            Assert.All(Of(series, TracedState.Hidden, 1, position), effect => Assert.Equal(0, effect, 1e-9));
    }

    [Fact]
    public void A_state_is_restored_as_in_a_run_of_its_own()
    {
        var series = Trace(Options);
        var ids = memory.Tokenizer.Prefix.Concat(memory.Tokenizer.EncodeToIds(Cases[0].Prompt)).ToArray();
        var (first, last) = (ids.Length - memory.Tokenizer.EncodeToIds(" Anna Lee saw a").Count,
            ids.Length - memory.Tokenizer.EncodeToIds(" saw a").Count - 1);
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var clean_1TD = memory.Model.Embed(tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length]));
        var sizes = Cases[..2].Select(edit => Subject(edit.Prompt, edit.Subject)).ToArray();
        var noise = Options.Noise * cat(sizes, 0).to(ScalarType.Float64).std().AsDouble();
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(5, "tracing/0")));
        var noise_SWD = randn([3, last - first + 1, memory.Model.Config.Width], generator: random).mul(Held(noise));
        var answer = memory.Tokenizer.EncodeToIds(" red")[0];
        foreach (var (state, layer) in new[] { (TracedState.Mlp, 0), (TracedState.Attention, 1), (TracedState.Hidden, 0) })
        {
            var seen = new Seen(state, layer, null);
            Probability(clean_1TD, seen);
            var (restored, corrupted) = (0.0, 0.0);
            for (var sample = 0; sample < 3; sample++)
            {
                var noisy_1TD = clean_1TD.clone();
                noisy_1TD.narrow(1, first, last - first + 1).PlusInPlace(noise_SWD[sample]);
                corrupted += Probability(noisy_1TD, null) / 3;
                restored += Probability(noisy_1TD, new Seen(state, layer, (last, seen.State!))) / 3;
            }

            Assert.Equal(restored - corrupted, Of(series, state, layer, TracedPosition.LastSubject)[0], 1e-6);
        }

        double Probability(Tensor hidden_1TD, IActivationHook? hook) => memory.Model.Head(
            memory.Model.Run(hidden_1TD, 0, 2, hook).select(1, ids.Length - 1)).softmax(-1)[0, answer].AsDouble();

        Tensor Subject(string prompt, string subject)
        {
            var all = memory.Tokenizer.Prefix.Concat(memory.Tokenizer.EncodeToIds(prompt)).Select(id => (long)id).ToArray();
            var (behind, with) = (memory.Tokenizer.EncodeToIds(" saw a").Count, memory.Tokenizer.EncodeToIds($" {subject} saw a").Count);
            return memory.Model.Embed(tensor(all, [1, all.Length]))[0].narrow(0, all.Length - with, with - behind);
        }
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, TracedPosition.FirstSubject)]
    [InlineData(3, TracedPosition.MiddleSubject)]
    [InlineData(4, TracedPosition.LastSubject)]
    [InlineData(5, TracedPosition.FirstAfter)]
    [InlineData(6, TracedPosition.Further)]
    [InlineData(7, TracedPosition.Last)]
    public void Each_token_has_one_position(int token, TracedPosition? expected) =>
        Assert.Equal(expected, CausalTracing.PositionOf(token, first: 2, last: 4, count: 8));

    [Fact]
    public void A_subject_of_one_token_at_the_end_is_the_last_subject_token() =>
        Assert.Equal(TracedPosition.LastSubject, CausalTracing.PositionOf(2, first: 2, last: 2, count: 3));

    [Fact]
    public void What_cannot_be_traced_is_said()
    {
        Assert.Equal(
            "causal tracing: 'layers' is [1, 1], expected at least one from 0, none twice; 'samples' is 0, expected at least 1; "
            + "'noise' is 0, expected more than 0",
            Error(new() { Layers = [1, 1], Samples = 0, Noise = 0 }, Cases));
        Assert.Equal(
            "causal tracing: found layer 2 of a model with 2; name layers that it has", Error(Options with { Layers = [0, 2] }, Cases));
        Assert.StartsWith("causal tracing: the model knows none of the facts", Error(Options, Cases[2..]));

        string Error(TracingOptions options, EditCase[] cases) => Assert.Throws<InputException>(
            () => new CausalTracing(memory.Model, memory.Tokenizer, options).Run(cases, 1)).Message;
    }

    private IReadOnlyDictionary<string, IReadOnlyList<Harness.Measuring.Capability.SeriesItem>> Trace(TracingOptions options) =>
        new CausalTracing(memory.Model, memory.Tokenizer, options).Run(Cases, seed: 5);

    private static double[] Of(
        IReadOnlyDictionary<string, IReadOnlyList<Harness.Measuring.Capability.SeriesItem>> series, TracedState state, int layer,
        TracedPosition position) => [.. series[CausalTracing.SeriesOf(state, layer, position)].Select(item => item.Value)];

    private static EditCase Case(int id, string subject, string prompt, string old) => new()
    {
        Id = id,
        Subject = subject,
        Prompt = prompt,
        TargetNew = "x",
        TargetOld = old,
        Rephrases = [],
        Locality = [],
    };

    // Keeps a state of a run, or puts one token of it into another.
    private sealed class Seen(TracedState state, int wanted, (int Token, Tensor State)? put) : IActivationHook
    {
        public Tensor? State { get; private set; }

        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) => Look(TracedState.Attention, layer, mixed_BTD);

        public Tensor MlpOutput(int layer, Tensor value_BTD) => Look(TracedState.Mlp, layer, value_BTD);

        public Tensor LayerOutput(int layer, Tensor hidden_BTD) => Look(TracedState.Hidden, layer, hidden_BTD);

        private Tensor Look(TracedState seen, int layer, Tensor states_BTD)
        {
            if (seen != state || layer != wanted) return states_BTD;
            State = states_BTD.clone();
            if (put is not var (token, clean)) return states_BTD;
            var mended_BTD = states_BTD.clone();
            mended_BTD[0, token] = clean[0, token];
            return mended_BTD;
        }
    }

    /// <summary>Two people who saw different things.</summary>
    public sealed class Memory() : MemorisedModel(
        [new("In town Anna Lee saw a", "red"), new("In town Bob Ray saw a", "blue")], vocabulary: 300, positions: 32);
}
