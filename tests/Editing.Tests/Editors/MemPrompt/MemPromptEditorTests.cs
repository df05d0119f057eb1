using Harness.Editing;
using Harness.Editing.Editors.MemPrompt;
using Harness.Editing.Memory;

namespace Harness.Tests.Editors.MemPrompt;

public sealed class MemPromptEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static MemPromptOptions Small => new() { Layer = 1, AnswerTokens = 4, Shots = 1, Separator = ". ", End = ". " };

    private static readonly MemPromptOptions Options =
        new() { Layer = 1, Threshold = 0.99999, AnswerTokens = 4, Shots = 0, Separator = ". ", End = ". " };

    [Fact]
    public void Puts_the_feedback_before_a_prompt_that_it_remembers_and_leaves_others_alone()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        Assert.Empty(edit.Deltas);
        Assert.Equal(
            [
                "Ada Byron was born in Paris. Ada Byron was born in",
                "The mother tongue of Alan Turing is Dutch. The mother tongue of Alan Turing is",
                "Where does Grace Hopper live? Oslo. Where does Grace Hopper live?",
                null,
            ], Asked(tiny, edit, [.. TinySession.All.Select(request => request.Prompt), "Where was Edsger Dijkstra born?"]));
    }

    [Fact]
    public void The_nearest_is_found_below_a_lower_threshold()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Threshold = -1 });
        Assert.Equal(
            ["Ada Byron was born in Paris. Ada Byron was born i"], Asked(tiny, edit, ["Ada Byron was born i"]));
    }

    [Fact]
    public void The_same_examples_stand_before_every_feedback_as_many_as_fit()
    {
        using var tiny = new TinySession();
        var session = tiny.Session with { Examples = [new(new(0, "Ada", "Ada was", "born", ""), [], []), new(TinySession.Alan, [], [])] };
        const string Shot = "Ada was born. Ada was born. ";
        const string Own = "Ada Byron was born in Paris. Ada Byron was born in";
        using var one = Of(1, 1);
        Assert.Equal([Shot + Own], Asked(tiny, one, [TinySession.Ada.Prompt]));
        var length = one.Module!.Route(tiny.Model, [Ids(tiny, TinySession.Ada.Prompt)])[0]!.Prompt.Length;
        using var both = Of(2, 64 - length);
        Assert.Equal([Shot + Own], Asked(tiny, both, [TinySession.Ada.Prompt]));
        using var bare = Of(2, 65 - length);
        Assert.Equal([Own], Asked(tiny, bare, [TinySession.Ada.Prompt]));
        using var none = Of(2, 63);
        Assert.Equal([null], Asked(tiny, none, [TinySession.Ada.Prompt]));

        Edit Of(int shots, int answerTokens) =>
            new MemPromptEditor(Options with { Shots = shots, AnswerTokens = answerTokens }).Edit(session, [TinySession.Ada]);
    }

    [Fact]
    public void Remembers_only_what_the_model_gets_wrong()
    {
        using var tiny = new TinySession();
        using var taught = EditorRegistry.Find("locft-bf").Create(
            new Harness.Editing.Editors.LocFtBf.LocFtBfOptions { Layer = 2, Tuning = new() { LearningRate = 1e-2, Epochs = 100 } })
            .Edit(tiny.Session, [TinySession.Ada]);
        using var applied = taught.ApplyTo(tiny.Model);
        Assert.True(tiny.Answers(TinySession.Ada));
        using var edit = Edit(tiny, Options);
        Assert.Equal(2, edit.Figures["remembered"]);
        Assert.Equal([null], Asked(tiny, edit, [TinySession.Ada.Prompt]));
        using var all = Edit(tiny, Options with { OnlyMistakes = false });
        Assert.Equal(3, all.Figures["remembered"]);
        Assert.NotNull(Asked(tiny, all, [TinySession.Ada.Prompt])[0]);
        using var nothing = new MemPromptEditor(Options).Edit(tiny.Session, [TinySession.Ada]);
        Assert.Equal([null], Asked(tiny, nothing, [TinySession.Ada.Prompt]));

        // A memory of nothing is stored and read back too.
        using var file = new TemporaryFile();
        nothing.Save(file.Path);
        using var read = Harness.Editing.Edit.Load(file.Path);
        Assert.Equal([null], Asked(tiny, read, [TinySession.Ada.Prompt]));
    }

    [Fact]
    public void Tells_what_it_remembers_after_every_batch()
    {
        using var tiny = new TinySession();
        List<long> told = [];
        using var edit = new MemPromptEditor(Options).Edit(
            tiny.Session with { Examples = [], AfterBatch = (_, module) => told.Add(module!.Tensors["prompts"].shape[0]) },
            TinySession.All);
        Assert.Equal([1, 2, 3], told);
    }

    private static Edit Edit(TinySession tiny, MemPromptOptions options) =>
        new MemPromptEditor(options).Edit(tiny.Session, TinySession.All);

    private static int[] Ids(TinySession tiny, string prompt) => PromptStates.Ids(tiny.Session, prompt);

    private static List<string?> Asked(TinySession tiny, Edit edit, IEnumerable<string> prompts) =>
        [.. edit.Module!.Route(tiny.Model, [.. prompts.Select(prompt => Ids(tiny, prompt))])
            .Select(route => route is null ? null : tiny.Session.Tokenizer.Decode(route.Prompt))];
}
