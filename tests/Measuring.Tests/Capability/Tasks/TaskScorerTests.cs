using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Measuring.Capability.Tasks;

namespace Harness.Tests.Capability.Tasks;

public sealed class TaskScorerTests
{
    [Fact]
    public void Acc_sums_and_acc_norm_divides_by_characters()
    {
        using var chain = new Chain().Set("a", (" b", 0.5), (" c", 0.45), (" d", 0.05)).Set(" c", (" d", 0.8), (" e", 0.2));

        // ln ½ = −0.69 against ln 0.36 = −1.02, but −0.69 / 1 character against −1.02 / 3.
        var task = Task(new TaskQuestion("a", ["b", "c d"], [0]), new TaskQuestion("a", ["b", "c d"], [1]),
            new TaskQuestion("a", ["d", "c d", "b"], [0, 2]));
        Assert.Equal([new SeriesItem(0, 1), new SeriesItem(1, 0), new SeriesItem(2, 1)], Run(chain, task));
        Assert.Equal([new SeriesItem(0, 0), new SeriesItem(1, 1), new SeriesItem(2, 0)], Run(chain, task with { Metric = "acc_norm" }));
    }

    [Fact]
    public void The_first_of_equally_likely_choices_is_taken()
    {
        using var chain = new Chain().Set("a", (" b", 0.5), (" c", 0.5));
        Assert.Equal(0, Assert.Single(Run(chain, Task(new TaskQuestion("a", ["b", "c"], [1])))).Value);
    }

    [Fact]
    public void Context_and_choice_are_encoded_as_one_text()
    {
        using var chain = new Chain();
        var (begin, a, b, c) = (chain.Begin, chain.Id("a"), chain.Id(" b"), chain.Id(" c"));

        // White space at the context's end goes to the choice.
        Check([begin, a, b, c], 2, Encode("a ", "b c"));
        Check([begin, a, b, c], 3, Encode("a b", " c"));

        // The tokenizer's prefix is not put before a text that begins with it.
        Check([begin, a, b], 2, Encode("<s>a", " b"));

        // Nothing before: the id that begins texts, without the tokenizer's prefix.
        Check([begin, b], 1, Encode("", " b"));

        // Too long: ids are lost from the left.
        Check([a, b, c], 2, Encode("a b", " c", positions: 2));

        static void Check(int[] ids, int start, Models.Sequence found)
        {
            Assert.Equal(ids, found.Ids);
            Assert.Equal(start, found.TargetStart);
        }

        Models.Sequence Encode(string context, string choice, int positions = 8) =>
            HarnessEncoding.Encode(chain.Tokenizer, context, choice, positions);
    }

    [Fact]
    public void A_choice_that_the_model_cannot_hold_is_named()
    {
        using var chain = new Chain(positions: 2);
        Assert.Equal(
            "letters.yaml: document 1: found 3 tokens in the choice ' b c d', expected 1 to 2, the model's positions; " +
                "correct the data or take another model",
            Assert.Throws<InputException>(() => Run(chain, Task(new TaskQuestion("a", ["b c d", "b"], [0])))).Message);
    }

    private static IReadOnlyList<SeriesItem> Run(Chain chain, LikelihoodTask task) =>
        TaskScorer.Run(new EditedModel(chain.Model), chain.Tokenizer, task);

    private static LikelihoodTask Task(params TaskQuestion[] questions) => new("letters", " ", "acc", questions, "letters.yaml");
}
